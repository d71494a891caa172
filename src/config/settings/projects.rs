//! From descriptors to projects, and the order in which they are installed.

use std::path::{Path, PathBuf};

use super::{existing_dir, existing_file, not_there};
use crate::config::complain;
use crate::config::fields::{Field, InstallSpec, ProjectDescriptor};
use crate::config::inputs::Inputs;
use crate::config::leap::{Origin, Setting};
use crate::config::parse::Broken;
use crate::config::project::{Metadata, is_installable, metadata_inputs, requirements_inputs};
use crate::error::{Fault, Kind};
use crate::host::names;

const REQUIREMENTS: &str = "requirements.txt";
const DESCRIPTORS: &str = "project_descriptors";

/// Something to install: a project, dependency groups of it, requirements files, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its directory, absolute.
    pub dir: PathBuf,
    /// The directory as it is written.
    pub rel_path: String,
    /// Its name, where its `pyproject.toml` has it.
    pub name: Option<String>,
    /// Whether there is a project to build; else only groups and requirements files are installed.
    pub build: bool,
    /// Extras to install it with.
    pub extras: Vec<String>,
    /// The group it is installed in.
    pub group: Option<String>,
    /// Dependency groups of its `pyproject.toml`.
    pub dependency_groups: Vec<String>,
    /// Whether it is installed as a link to its source.
    pub editable: bool,
    /// Requirements files, absolute.
    pub requirements_files: Vec<PathBuf>,
    /// A lock (PEP 751), absolute: what stands in it is installed, and nothing else.
    pub lock: Option<PathBuf>,
    /// Where it was named.
    pub origin: Origin,
}

/// What is installed by one call of the installer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name; `None` for the projects that are in no group.
    pub name: Option<String>,
    /// Arguments for the installer.
    pub extra_args: Vec<String>,
    /// Indexes of its projects.
    pub projects: Vec<usize>,
}

/// All that is installed.
#[derive(Default)]
pub(super) struct Installed {
    pub(super) projects: Vec<Project>,
    pub(super) groups: Vec<Group>,
    pub(super) requires_python: Vec<Setting<String>>,
    pub(super) inputs: Inputs,
    pub(super) warnings: Vec<String>,
}

/// What the descriptors come to; one that is wrong is noted and left out.
pub(super) fn resolve(
    ref_root: &Path,
    descriptors: Field<Vec<ProjectDescriptor>>,
    specs: Field<Vec<InstallSpec>>,
    faults: &mut Vec<Broken>,
) -> Installed {
    let mut installed = Installed::default();
    installed.inputs.look(ref_root.join(names::PYPROJECT));
    let metadata = Metadata::load(ref_root, ref_root).unwrap_or_else(|fault| {
        faults.push(fault.into());
        None
    });
    installed.requires_python.extend(metadata.as_ref().and_then(|it| it.requires_python.clone()));
    match descriptors.value() {
        None => installed.add_default(ref_root, metadata.as_ref()),
        Some(descriptors) => {
            for (index, descriptor) in descriptors.value.into_iter().enumerate() {
                let added = installed.add(ref_root, &format!("{DESCRIPTORS}[{index}]"), descriptor);
                faults.extend(added.err().map(|fault| Broken::new(DESCRIPTORS, fault)));
            }
        }
    }
    installed.order(specs.or_default(Vec::new()).value);
    installed
}

impl Installed {
    /// What is installed when nothing is said: the project in the ref root, else its `requirements.txt`, else nothing.
    fn add_default(&mut self, ref_root: &Path, metadata: Option<&Metadata>) {
        self.inputs.extend(metadata_inputs(ref_root, metadata));
        let build = is_installable(ref_root, metadata);
        let requirements = ref_root.join(REQUIREMENTS);
        let mut requirements_files = Vec::new();
        if !build {
            self.inputs.extend(requirements_inputs(&requirements));
            requirements_files.extend(requirements.is_file().then_some(requirements));
        }
        if build || !requirements_files.is_empty() {
            self.projects.push(Project {
                dir: ref_root.to_owned(),
                rel_path: ".".to_owned(),
                name: metadata.and_then(|it| it.name.clone()),
                build,
                extras: Vec::new(),
                group: None,
                dependency_groups: Vec::new(),
                editable: true,
                requirements_files,
                lock: None,
                origin: Origin::Default,
            });
        }
    }

    fn add(&mut self, ref_root: &Path, name: &str, descriptor: ProjectDescriptor) -> Result<(), Fault> {
        let given = descriptor.build_root_dir_rel_path.clone();
        let field = format!("{name}.build_root_dir_rel_path");
        let dir = existing_dir(&field, given.clone(), ref_root)?.value;
        let metadata = Metadata::load(&dir, ref_root)?;
        let build = is_installable(&dir, metadata.as_ref());
        if !build && !is_complete_without_a_build(&descriptor) {
            return Err(not_installable(&field, &given, metadata.as_ref()));
        }
        check_names(&descriptor, metadata.as_ref(), &given, &mut self.warnings)?;
        let mut requirements_files = Vec::new();
        for (index, file) in descriptor.requirements_files.into_iter().enumerate() {
            let file = existing_file(&format!("{name}.requirements_files[{index}]"), file, ref_root)?.value;
            self.inputs.extend(requirements_inputs(&file));
            requirements_files.push(file);
        }
        self.inputs.extend(metadata_inputs(&dir, metadata.as_ref()));
        let requires_python = metadata.as_ref().and_then(|it| it.requires_python.clone());
        self.requires_python.extend(requires_python.filter(|it| !self.requires_python.contains(it)));
        self.projects.push(Project {
            dir,
            rel_path: given.value.display().to_string(),
            name: metadata.and_then(|it| it.name),
            build,
            extras: values(descriptor.install_extras),
            group: descriptor.install_group.map(|group| group.value),
            dependency_groups: values(descriptor.dependency_groups),
            editable: descriptor.editable.value,
            requirements_files,
            lock: None,
            origin: given.origin,
        });
        Ok(())
    }

    /// Sorts the projects into groups: those that are specified come first, in that order, then the others as they come.
    fn order(&mut self, specs: Vec<InstallSpec>) {
        let mut unlisted: Vec<Option<String>> = Vec::new();
        for project in &self.projects {
            let listed =
                project.group.as_ref().is_some_and(|group| specs.iter().any(|spec| spec.group.value == *group));
            if !listed && !unlisted.contains(&project.group) {
                unlisted.push(project.group.clone());
            }
        }
        for InstallSpec { group, extra_command_args } in specs {
            let added = self.add_group(Some(group.value.clone()), extra_command_args);
            if !added {
                let (name, origin) = (&group.value, &group.origin);
                self.warnings.push(format!("no project is in the group `{name}` that {origin} specifies"));
            }
        }
        for name in unlisted {
            self.add_group(name, Vec::new());
        }
    }

    /// Adds a group if a project is in it.
    fn add_group(&mut self, name: Option<String>, extra_args: Vec<String>) -> bool {
        let members = self.projects.iter().enumerate().filter(|(_, project)| project.group == name);
        let projects: Vec<usize> = members.map(|(index, _)| index).collect();
        let has_members = !projects.is_empty();
        if has_members {
            self.groups.push(Group { name, extra_args, projects });
        }
        has_members
    }
}

/// Whether a descriptor asks for something that needs no project to be built, and for nothing that does.
fn is_complete_without_a_build(descriptor: &ProjectDescriptor) -> bool {
    let asks = !descriptor.dependency_groups.is_empty() || !descriptor.requirements_files.is_empty();
    asks && descriptor.install_extras.is_empty()
}

fn not_installable(field: &str, given: &Setting<PathBuf>, metadata: Option<&Metadata>) -> Fault {
    match metadata {
        None => not_there(field, given, "a directory with a `pyproject.toml` or a `setup.py`"),
        Some(metadata) => not_there(field, given, "a project that can be built").hint(format!(
            "`{}` has neither `[project]` nor `[build-system]`: add one of them, or name another directory",
            metadata.source.name
        )),
    }
}

/// A dependency group that is not there is an error; an extra is not, because pip and uv take it for none as well.
fn check_names(
    descriptor: &ProjectDescriptor,
    metadata: Option<&Metadata>,
    given: &Setting<PathBuf>,
    warnings: &mut Vec<String>,
) -> Result<(), Fault> {
    let Some(metadata) = metadata else {
        return match descriptor.dependency_groups.first() {
            None => Ok(()),
            Some(group) => {
                let (name, origin, dir) = (&group.value, &group.origin, given.value.display());
                let message = format!(
                    "no dependency group `{name}`, which {origin} asks for: `{dir}` has no `{}`",
                    names::PYPROJECT
                );
                Err(Fault::new(Kind::Config, message).about(origin.place()))
            }
        };
    };
    descriptor.dependency_groups.iter().try_for_each(|group| metadata.check_dependency_group(group))?;
    for extra in descriptor.install_extras.iter().filter(|extra| metadata.lacks_extra(&extra.value)) {
        let (name, origin, file) = (&extra.value, &extra.origin, &metadata.source.name);
        let known: Vec<&str> = metadata.extras.iter().map(String::as_str).collect();
        let hint = complain::did_you_mean(name, &known).map(|hint| format!(": {hint}")).unwrap_or_default();
        warnings.push(format!("no extra `{name}` in `{file}`, which {origin} asks for{hint}"));
    }
    Ok(())
}

fn values(settings: Vec<Setting<String>>) -> Vec<String> {
    settings.into_iter().map(|setting| setting.value).collect()
}
