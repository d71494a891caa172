//! From the configuration to what is installed: the items with their digests, and the requests for the installer.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::config::project::{Metadata, deciding_of_project, metadata_inputs, requirements_inputs};
use crate::config::{Group, Project, Settings};
use crate::deps::{Input, Item};
use crate::error::Result;
use crate::host::names;
use crate::host::redact::redact;
use crate::venv::{DependencyGroup, InstallRequest};

/// What is to be installed, one item for each project of the configuration, in the order of installation.
pub fn wanted(settings: &Settings) -> Result<Vec<Item>> {
    let pairs = settings.groups.iter().flat_map(|group| group.projects.iter().map(move |index| (group, *index)));
    pairs.map(|(group, index)| item(settings, group, &settings.projects[index])).collect()
}

/// What tells a project from the others: where it is and which group it is installed with.
pub fn key(settings: &Settings, group: &Group, project: &Project) -> String {
    let place = relative(&project.dir, &settings.ref_root_dir.value);
    match &group.name {
        Some(name) => format!("{} ({name})", place.display()),
        None => place.display().to_string(),
    }
}

fn item(settings: &Settings, group: &Group, project: &Project) -> Result<Item> {
    let mut parts: Vec<String> = vec![format!("build {} editable {}", project.build, project.editable)];
    // Who asks decides nothing, and a token may be another one each time.
    parts.extend(group.extra_args.iter().map(|argument| format!("argument {}", redact(argument))));
    parts.extend(project.extras.iter().map(|extra| format!("extra {extra}")));
    parts.extend(project.dependency_groups.iter().map(|name| format!("group {name}")));
    parts.extend(project.requirements_files.iter().map(|file| format!("requirements {}", file.display())));
    for file in files(settings, project)? {
        let content = deciding_of_project(&file).unwrap_or_else(|| Input::file(&file).sha256().to_owned());
        parts.push(format!("{content} {}", file.display()));
    }
    Ok(Item::new(key(settings, group, project), parts.iter().map(String::as_str)))
}

/// The files whose content decides what a project's installation gives.
fn files(settings: &Settings, project: &Project) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if project.build || !project.dependency_groups.is_empty() {
        let metadata = Metadata::load(&project.dir, &settings.ref_root_dir.value)?;
        files.extend(metadata_inputs(&project.dir, metadata.as_ref()).files);
    }
    for file in &project.requirements_files {
        files.extend(requirements_inputs(file).files);
    }
    files.extend(project.lock.clone());
    Ok(files)
}

/// The request that installs those projects of a group whose items are due, under these constraints; `None` where none is
/// due.
pub fn request(
    settings: &Settings,
    group: &Group,
    due: &[String],
    constraints: Option<&Path>,
) -> Result<Option<InstallRequest>> {
    let ref_root = &settings.ref_root_dir.value;
    let mut request = InstallRequest {
        current_dir: ref_root.clone(),
        constraints: constraints.map(Path::to_owned),
        extra_args: group.extra_args.iter().map(OsString::from).collect(),
        ..InstallRequest::default()
    };
    let projects = group.projects.iter().map(|index| &settings.projects[*index]);
    let mut any = false;
    for project in projects.filter(|project| due.contains(&key(settings, group, project))) {
        any = true;
        add(&mut request, project, ref_root)?;
    }
    if request.lock.is_some() {
        // It has each version already, and uv does not take both.
        request.constraints = None;
    }
    Ok(any.then_some(request))
}

fn add(request: &mut InstallRequest, project: &Project, ref_root: &Path) -> Result<()> {
    if project.build {
        add_build(request, project, ref_root);
    }
    if project.lock.is_some() {
        request.lock.clone_from(&project.lock);
        return Ok(());
    }
    request.requirements_files.extend(project.requirements_files.iter().cloned());
    if !project.dependency_groups.is_empty() {
        let Some(metadata) = Metadata::load(&project.dir, ref_root)? else { return Ok(()) };
        for name in &project.dependency_groups {
            request.dependency_groups.push(DependencyGroup {
                pyproject: project.dir.join(names::PYPROJECT),
                name: name.clone(),
                requirements: metadata.group_requirements(name)?,
            });
        }
    }
    Ok(())
}

/// Adds what is built from a project's directory.
pub fn add_build(request: &mut InstallRequest, project: &Project, ref_root: &Path) {
    let requirement = requirement(project, ref_root);
    if project.editable { request.editables.push(requirement) } else { request.projects.push(requirement) }
}

/// The project's directory as the installers take it: `.` or `./lib`, with extras in brackets.
fn requirement(project: &Project, ref_root: &Path) -> OsString {
    let mut requirement = relative(&project.dir, ref_root).into_os_string();
    if !project.extras.is_empty() {
        requirement.push(format!("[{}]", project.extras.join(",")));
    }
    requirement
}

fn relative(dir: &Path, ref_root: &Path) -> PathBuf {
    match dir.strip_prefix(ref_root) {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => Path::new(".").join(inside),
        Err(_) => dir.to_owned(),
    }
}

/// What is installed, for a status line: names of projects, groups and files.
pub fn describe(settings: &Settings, group: &Group, due: &[String]) -> String {
    let projects = group.projects.iter().map(|index| &settings.projects[*index]);
    let due = projects.filter(|project| due.contains(&key(settings, group, project)));
    let mut words = Vec::new();
    for project in due {
        let name = project.name.clone().unwrap_or_else(|| project.rel_path.clone());
        if project.build {
            words.push(if project.editable { format!("{name} (editable)") } else { name.clone() });
        }
        if project.lock.is_some() {
            words.push(format!("{name} (locked)"));
            continue;
        }
        words.extend(project.dependency_groups.iter().map(|group| format!("{name}:{group}")));
        let ref_root = &settings.ref_root_dir.value;
        let files = project.requirements_files.iter();
        words.extend(files.map(|file| file.strip_prefix(ref_root).unwrap_or(file).display().to_string()));
    }
    words.join(", ")
}
