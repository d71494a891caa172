//! The fields of the configuration, as they may stand in a file.
//!
//! [`FIELDS`] says which exist and which leaps they belong to; [`Fields`] holds what one file says. Nothing is filled in
//! here: a field that a file does not have is [`Field::Absent`].

use std::fmt;
use std::path::PathBuf;

use super::leap::{Leap, Origin, Setting};

/// What a file says about a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Nothing.
    #[default]
    Absent,
    /// `null`: the default, over whatever an earlier leap said.
    Null(Origin),
    /// A value.
    Value(Setting<T>),
}

impl<T> Field<T> {
    /// The value, where one is given.
    pub fn value(self) -> Option<Setting<T>> {
        match self {
            Self::Value(setting) => Some(setting),
            _ => None,
        }
    }

    /// The value, or this default.
    pub fn or_default(self, default: T) -> Setting<T> {
        self.value().unwrap_or_else(|| Setting::default_value(default))
    }
}

/// A field that exists.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Its name.
    pub name: &'static str,
    /// The leaps whose file may have it.
    pub leaps: &'static [Leap],
}

const PRIMER: &[Leap] = &[Leap::Primer];
const CLIENT: &[Leap] = &[Leap::Client];
const SHARED: &[Leap] = &[Leap::Client, Leap::Env];

const fn field(name: &'static str, leaps: &'static [Leap]) -> FieldSpec {
    FieldSpec { name, leaps }
}

/// Every field that exists.
pub const FIELDS: [FieldSpec; 16] = [
    field("ref_root_dir_rel_path", PRIMER),
    field("global_conf_dir_rel_path", PRIMER),
    field("local_conf_symlink_rel_path", CLIENT),
    field("default_env_dir_rel_path", CLIENT),
    field("update_launcher", CLIENT),
    field("required_python_version", SHARED),
    field("python_selector_file_rel_path", SHARED),
    field("local_venv_dir_rel_path", SHARED),
    field("local_log_dir_rel_path", SHARED),
    field("local_tmp_dir_rel_path", SHARED),
    field("local_cache_dir_rel_path", SHARED),
    field("local_run_dir_rel_path", SHARED),
    field("venv_driver", SHARED),
    field("version_constraints_file_basename", SHARED),
    field("project_descriptors", SHARED),
    field("install_specs", SHARED),
];

/// The fields of the primer file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrimerFields {
    /// The directory that all other paths are relative to.
    pub ref_root_dir_rel_path: Field<PathBuf>,
    /// Where the client file is.
    pub global_conf_dir_rel_path: Field<PathBuf>,
}

/// The fields of the client file alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFields {
    /// The symlink to the selected environment.
    pub local_conf_symlink_rel_path: Field<PathBuf>,
    /// Its target when none is asked for.
    pub default_env_dir_rel_path: Field<PathBuf>,
    /// Whether the launcher is kept at the version that the venv has.
    pub update_launcher: Field<bool>,
}

/// The fields that both the client file and the environment's may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedFields {
    /// The python that is asked for.
    pub required_python_version: Field<String>,
    /// The script that selects it.
    pub python_selector_file_rel_path: Field<PathBuf>,
    /// The venv.
    pub local_venv_dir_rel_path: Field<PathBuf>,
    /// The log files.
    pub local_log_dir_rel_path: Field<PathBuf>,
    /// What is moved aside.
    pub local_tmp_dir_rel_path: Field<PathBuf>,
    /// What can be had again.
    pub local_cache_dir_rel_path: Field<PathBuf>,
    /// What programs leave while they run.
    pub local_run_dir_rel_path: Field<PathBuf>,
    /// What makes the venv and installs into it.
    pub venv_driver: Field<VenvDriver>,
    /// The name of the pins' file.
    pub version_constraints_file_basename: Field<String>,
    /// What is installed.
    pub project_descriptors: Field<Vec<ProjectDescriptor>>,
    /// In which order and how.
    pub install_specs: Field<Vec<InstallSpec>>,
}

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// For the leap of the primer.
    pub primer: PrimerFields,
    /// For the leap of the client.
    pub client: ClientFields,
    /// For the leaps of client and environment.
    pub shared: SharedFields,
}

/// What makes a venv and installs into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VenvDriver {
    /// `uv`.
    Uv,
    /// `pip`, in a venv of the interpreter's own making.
    Pip,
}

impl VenvDriver {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Uv, Self::Pip];

    /// The driver of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|driver| driver.name() == name)
    }

    /// The name in files and variables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uv => "venv_uv",
            Self::Pip => "venv_pip",
        }
    }
}

impl fmt::Display for VenvDriver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// An item of `project_descriptors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectDescriptor {
    /// The project's directory, as it is written.
    pub build_root_dir_rel_path: Setting<PathBuf>,
    /// Extras to install it with, none twice.
    pub install_extras: Vec<Setting<String>>,
    /// The group it is installed in.
    pub install_group: Option<Setting<String>>,
    /// Dependency groups of its `pyproject.toml` (PEP 735), none twice.
    pub dependency_groups: Vec<Setting<String>>,
    /// Whether it is installed as a link to its source.
    pub editable: Setting<bool>,
    /// Requirements files that are installed with it, relative to the ref root.
    pub requirements_files: Vec<Setting<PathBuf>>,
}

/// An item of `install_specs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallSpec {
    /// The group.
    pub group: Setting<String>,
    /// Arguments for the installer.
    pub extra_command_args: Vec<String>,
}
