//! The two fields that are lists of tables: `project_descriptors` and `install_specs`.

use std::path::PathBuf;

use super::Decoder;
use super::values::Reach;
use crate::config::complain;
use crate::config::document::{Entry, Node, Value, ValueType};
use crate::config::fields::{DESCRIPTOR_FIELDS, InstallSpec, ItemSpec, ProjectDescriptor, SPEC_FIELDS};
use crate::config::leap::Setting;
use crate::error::{Fault, Kind};
use crate::python::package_name;

/// A descriptor whose directory is not known yet.
#[derive(Default)]
struct Draft {
    build_root_dir_rel_path: Option<Setting<PathBuf>>,
    install_extras: Vec<Setting<String>>,
    install_group: Option<Setting<String>>,
    dependency_groups: Vec<Setting<String>>,
    editable: Option<Setting<bool>>,
    requirements_files: Vec<Setting<PathBuf>>,
}

pub(super) fn names(fields: &[ItemSpec]) -> Vec<&'static str> {
    fields.iter().map(|field| field.name).collect()
}

impl Decoder<'_> {
    pub(super) fn project_descriptors(&self, name: &str, node: &Node) -> Result<Vec<ProjectDescriptor>, Fault> {
        let items = self.items(name, node)?.iter().enumerate();
        items.map(|(index, item)| self.project_descriptor(&format!("{name}[{index}]"), item)).collect()
    }

    fn project_descriptor(&self, name: &str, node: &Node) -> Result<ProjectDescriptor, Fault> {
        let mut draft = Draft::default();
        for entry in self.entries(name, node)? {
            // Upstream writes `null` for what is not given.
            if entry.node.value != Value::Null || !DESCRIPTOR_FIELDS.iter().any(|field| field.name == entry.key) {
                self.descriptor_field(&mut draft, &format!("{name}.{}", entry.key), entry)?;
            }
        }
        let build_root_dir_rel_path = draft.build_root_dir_rel_path.ok_or_else(|| {
            let message = format!("`{name}` in {} has no `build_root_dir_rel_path`", self.source.place(node.position));
            let hint = "name the project's directory, `.` for the ref root";
            Fault::new(Kind::Config, message).hint(hint).about(self.origin(node.position).place())
        })?;
        Ok(ProjectDescriptor {
            build_root_dir_rel_path,
            install_extras: draft.install_extras,
            install_group: draft.install_group,
            dependency_groups: draft.dependency_groups,
            editable: draft.editable.unwrap_or(Setting::default_value(true)),
            requirements_files: draft.requirements_files,
        })
    }

    fn descriptor_field(&self, draft: &mut Draft, name: &str, entry: &Entry) -> Result<(), Fault> {
        let node = &entry.node;
        let origin = self.origin(entry.position);
        match entry.key.as_str() {
            "build_root_dir_rel_path" => {
                draft.build_root_dir_rel_path = Some(Setting::new(self.path(name, node, Reach::Anywhere)?, origin));
            }
            "install_extras" => draft.install_extras = self.package_names(name, node)?,
            "install_group" => draft.install_group = Some(Setting::new(self.words(name, node)?, origin)),
            "dependency_groups" => draft.dependency_groups = self.package_names(name, node)?,
            "editable" => draft.editable = Some(Setting::new(self.boolean(name, node)?, origin)),
            "requirements_files" => {
                let read = |decoder: &Self, name: &str, node: &Node| decoder.path(name, node, Reach::Anywhere);
                draft.requirements_files = self.each(name, node, read)?;
            }
            _ => return Err(complain::unknown_field(self.source, entry.position, name, &names(&DESCRIPTOR_FIELDS))),
        }
        Ok(())
    }

    pub(super) fn install_specs(&self, name: &str, node: &Node) -> Result<Vec<InstallSpec>, Fault> {
        let mut specs: Vec<InstallSpec> = Vec::new();
        for (index, item) in self.items(name, node)?.iter().enumerate() {
            let name = format!("{name}[{index}]");
            let spec = self.install_spec(&name, item)?;
            if let Some(first) = specs.iter().find(|other| other.group.value == spec.group.value) {
                let (place, group) = (self.source.place(item.position), &spec.group.value);
                let message =
                    format!("`{name}` in {place} is for the group `{group}`, which {} has", first.group.origin);
                let fault = Fault::new(Kind::Config, message).hint("put all arguments of a group in one place");
                return Err(fault.about(self.origin(item.position).place()));
            }
            specs.push(spec);
        }
        Ok(specs)
    }

    fn install_spec(&self, name: &str, node: &Node) -> Result<InstallSpec, Fault> {
        let entries = self.entries(name, node)?;
        let [entry] = entries.as_slice() else {
            let (place, table, count) =
                (self.source.place(node.position), ValueType::Table.name(self.format), entries.len());
            let message = format!("`{name}` in {place} has {count} keys, expected {table} with one, the group's name");
            return Err(Fault::new(Kind::Config, message).about(self.origin(node.position).place()));
        };
        if entry.key.trim().is_empty() || entry.key.contains(char::is_control) {
            return Err(complain::bad_value(
                self.source,
                entry.position,
                name,
                &entry.key,
                "a group's name in one line",
            ));
        }
        let mut extra_command_args = Vec::new();
        let name = format!("{name}.{}", entry.key);
        for field in self.entries(&name, &entry.node)? {
            let name = format!("{name}.{}", field.key);
            if field.key != SPEC_FIELDS[0].name {
                return Err(complain::unknown_field(self.source, field.position, &name, &names(&SPEC_FIELDS)));
            }
            if field.node.value != Value::Null {
                let arguments = self.each(&name, &field.node, Self::argument)?;
                extra_command_args = arguments.into_iter().map(|argument| argument.value).collect();
            }
        }
        Ok(InstallSpec { group: Setting::new(entry.key.clone(), self.origin(entry.position)), extra_command_args })
    }

    /// An argument of a command: any text that the system can pass on.
    fn argument(&self, name: &str, node: &Node) -> Result<String, Fault> {
        let text = self.string(name, node)?;
        if text.contains('\0') {
            return Err(complain::bad_value(self.source, node.position, name, text, "an argument without `\\0`"));
        }
        Ok(text.to_owned())
    }

    /// Names of extras or groups; of those that mean the same, the first.
    fn package_names(&self, name: &str, node: &Node) -> Result<Vec<Setting<String>>, Fault> {
        let mut names = self.each(name, node, Self::package_name)?;
        let mut seen = Vec::new();
        names.retain(|name| {
            let normal = package_name::normalize(&name.value);
            let new = !seen.contains(&normal);
            seen.push(normal);
            new
        });
        Ok(names)
    }

    fn package_name(&self, name: &str, node: &Node) -> Result<String, Fault> {
        let text = self.string(name, node)?;
        if package_name::is_valid(text) {
            return Ok(text.to_owned());
        }
        let expected = "a name of ASCII letters, digits and, between them, `.`, `_`, `-`";
        Err(complain::bad_value(self.source, node.position, name, text, expected))
    }

    /// Every item of a list by what reads one.
    pub(super) fn each<T>(
        &self,
        name: &str,
        node: &Node,
        read: impl Fn(&Self, &str, &Node) -> Result<T, Fault>,
    ) -> Result<Vec<Setting<T>>, Fault> {
        let items = self.items(name, node)?.iter().enumerate();
        items
            .map(|(index, item)| {
                let value = read(self, &format!("{name}[{index}]"), item)?;
                Ok(Setting::new(value, self.origin(item.position)))
            })
            .collect()
    }
}
