//! From the tree of a file to [`Fields`], by hand, so that everything wrong is told with its place and its remedy.
//!
//! One wrong field does not hide the others: what could be read is returned beside the faults. Whether a path exists or
//! a version can be had is not looked at here.

use std::path::PathBuf;
use std::sync::Arc;

use super::complain;
use super::document::{Entry, Format, Node, Position, Source, Value, ValueType};
use super::fields::{FIELDS, Field, FieldSpec, Fields, VenvDriver};
use super::leap::{Leap, Origin, Setting};
use crate::error::{Fault, Kind};

mod connectors;
mod lists;
mod values;

use self::values::Reach;

/// What could be read of a file, and what could not.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// The fields that are right.
    pub fields: Fields,
    /// All that is said, right or wrong, with the leap that it is read for.
    pub entries: Vec<(Leap, Entry)>,
    /// What is wrong, in the order of the file.
    pub faults: Vec<Broken>,
}

/// Something that is wrong, and the field it is wrong with, as far as it is one's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The name of the field, as it stands in the file.
    pub field: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

impl Broken {
    /// What is wrong with a field.
    pub fn new(field: impl Into<String>, fault: Fault) -> Self {
        Self { field: Some(field.into()), fault }
    }
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Self {
        Self { field: None, fault }
    }
}

/// Reads the fields in `root`, which stands in a file that is read for these leaps.
pub fn decode(source: &Arc<Source>, format: Format, root: &Node, leaps: &[Leap]) -> Decoded {
    let reader = Decoder { source, format, leap: Leap::Client };
    let mut decoded = Decoded::default();
    match reader.entries("the configuration", root) {
        Err(_) => decoded.faults.push(reader.no_table(root).into()),
        Ok(entries) => {
            for entry in entries {
                let leap = leap_of(&reader, entry, leaps);
                decoded.entries.extend(leap.as_ref().ok().map(|leap| (*leap, entry.clone())));
                let read = leap.and_then(|leap| Decoder { leap, ..reader }.assign(&mut decoded.fields, entry));
                decoded.faults.extend(read.err().map(|fault| Broken::new(&entry.key, fault)));
            }
        }
    }
    decoded
}

/// The leap that an entry is read for: the first of the field's that the file is read for.
fn leap_of(decoder: &Decoder<'_>, entry: &Entry, leaps: &[Leap]) -> Result<Leap, Fault> {
    let may_stand = |spec: &&FieldSpec| spec.leaps.iter().any(|leap| leaps.contains(leap));
    let Some(spec) = FIELDS.iter().find(|spec| spec.name == entry.key) else {
        let known: Vec<&str> = FIELDS.iter().filter(may_stand).map(|spec| spec.name).collect();
        return Err(complain::unknown_field(decoder.source, entry.position, &entry.key, &known));
    };
    spec.leaps.iter().copied().find(|leap| leaps.contains(leap)).ok_or_else(|| {
        let words = |leaps: &[Leap]| leaps.iter().map(|leap| format!("`{leap}`")).collect::<Vec<_>>().join(" or ");
        let (place, here, there) = (decoder.source.place(entry.position), words(leaps), words(spec.leaps));
        let message = format!("`{}` in {place} is a field of {there}, and this file is {here}", entry.key);
        let fault = Fault::new(Kind::Config, message).hint(format!("move it to the file of {there}"));
        fault.at(&decoder.source.path, Some(entry.position.line))
    })
}

/// The field of this name, where it is a path, and how far the path may go.
fn path_field<'f>(fields: &'f mut Fields, name: &str) -> Option<(&'f mut Field<PathBuf>, Reach)> {
    let Fields { primer, client, shared } = fields;
    Some(match name {
        "ref_root_dir_rel_path" => (&mut primer.ref_root_dir_rel_path, Reach::Anywhere),
        "global_conf_dir_rel_path" => (&mut primer.global_conf_dir_rel_path, Reach::Anywhere),
        "local_conf_symlink_rel_path" => (&mut client.local_conf_symlink_rel_path, Reach::BelowRefRoot),
        "default_env_dir_rel_path" => (&mut client.default_env_dir_rel_path, Reach::WithinRefRoot),
        "python_selector_file_rel_path" => (&mut shared.python_selector_file_rel_path, Reach::Anywhere),
        "local_venv_dir_rel_path" => (&mut shared.local_venv_dir_rel_path, Reach::BelowRefRoot),
        "local_log_dir_rel_path" => (&mut shared.local_log_dir_rel_path, Reach::BelowRefRoot),
        "local_tmp_dir_rel_path" => (&mut shared.local_tmp_dir_rel_path, Reach::BelowRefRoot),
        "local_cache_dir_rel_path" => (&mut shared.local_cache_dir_rel_path, Reach::BelowRefRoot),
        "local_run_dir_rel_path" => (&mut shared.local_run_dir_rel_path, Reach::BelowRefRoot),
        _ => return None,
    })
}

/// Reads values of one file, for one leap.
#[derive(Clone, Copy)]
struct Decoder<'a> {
    source: &'a Arc<Source>,
    format: Format,
    leap: Leap,
}

impl Decoder<'_> {
    fn assign(&self, fields: &mut Fields, entry: &Entry) -> Result<(), Fault> {
        if let Some((field, reach)) = path_field(fields, &entry.key) {
            *field = self.field(entry, |decoder, name, node| decoder.path(name, node, reach))?;
            return Ok(());
        }
        let Fields { client, shared, .. } = fields;
        match entry.key.as_str() {
            "update_launcher" => client.update_launcher = self.field(entry, Self::boolean)?,
            "required_python_version" => shared.required_python_version = self.field(entry, Self::words)?,
            "native_venv" => shared.native_venv = self.field(entry, Self::boolean)?,
            "reboot_keep_count" => shared.reboot_keep_count = self.field(entry, Self::count)?,
            "venv_driver" => shared.venv_driver = self.field(entry, Self::venv_driver)?,
            "version_constraints_file_basename" => {
                shared.version_constraints_file_basename = self.field(entry, Self::basename)?;
            }
            "project_descriptors" => shared.project_descriptors = self.field(entry, Self::project_descriptors)?,
            "install_specs" => shared.install_specs = self.field(entry, Self::install_specs)?,
            "connectors" => shared.connectors = self.field(entry, Self::connectors)?,
            name => return Err(Fault::new(Kind::Bug, format!("the field `{name}` is known and not read"))),
        }
        Ok(())
    }

    /// A field by what reads its value.
    fn field<T>(
        &self,
        entry: &Entry,
        read: impl FnOnce(&Self, &str, &Node) -> Result<T, Fault>,
    ) -> Result<Field<T>, Fault> {
        let origin = self.origin(entry.position);
        if entry.node.value == Value::Null {
            return Ok(Field::Null(origin));
        }
        Ok(Field::Value(Setting::new(read(self, &entry.key, &entry.node)?, origin)))
    }

    fn venv_driver(&self, name: &str, node: &Node) -> Result<VenvDriver, Fault> {
        let text = self.string(name, node)?;
        let known = VenvDriver::ALL.map(VenvDriver::name);
        VenvDriver::from_name(text).ok_or_else(|| {
            let fault = complain::bad_value(self.source, node.position, name, text, "`venv_uv` or `venv_pip`");
            match complain::did_you_mean(text, &known)
                .or_else(|| complain::did_you_mean(&format!("venv_{text}"), &known))
            {
                Some(hint) => fault.hint(hint),
                None => fault,
            }
        })
    }

    fn origin(&self, position: Position) -> Origin {
        Origin::File { source: self.source.clone(), line: position.line, leap: self.leap }
    }

    fn no_table(&self, root: &Node) -> Fault {
        let (place, format) = (self.source.place(root.position), self.format);
        let (found, expected) = (root.value_type().name(format), ValueType::Table.name(format));
        let message = format!("the configuration in {place} is {found}, expected {expected}");
        Fault::new(Kind::Config, message).at(&self.source.path, Some(root.position.line))
    }
}

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
