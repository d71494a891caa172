//! The fields of the configuration, as they may stand in a file.
//!
//! [`FIELDS`] says which exist and which leaps they belong to; [`Fields`] holds what one file says. Nothing is filled in
//! here: a field that a file does not have is [`Field::Absent`].

use std::path::PathBuf;

use super::leap::{Leap, Origin, Setting};

mod connectors;
mod driver;

pub use self::connectors::{CONNECTOR_FIELDS, ConnectorFields, Said};
pub use self::driver::VenvDriver;

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
    /// What its value is.
    pub kind: FieldKind,
    /// What it means, for people.
    pub meaning: &'static str,
    /// What holds without it, for people: a value as TOML writes it, or a few words.
    pub default: &'static str,
    /// A value as TOML writes it; the default where that is one.
    pub example: &'static str,
}

/// What the value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A relative path.
    Path,
    /// The name of a file, without a directory.
    FileName,
    /// A text in one line.
    Text,
    /// The name of an extra or of a dependency group.
    PackageName,
    /// An argument of a command.
    Argument,
    /// `true` or `false`.
    Boolean,
    /// A whole number from 0 on.
    Count,
    /// The name of a [`VenvDriver`].
    Driver,
    /// A list.
    List(&'static FieldKind),
    /// A table with these fields; the first is required where `required` says so.
    Table {
        /// The fields.
        fields: &'static [ItemSpec],
        /// Whether the first one must be given.
        required: bool,
    },
    /// A table with one key, a name that the user gives, and what it means.
    Named(&'static FieldKind),
    /// A table with a name of a connector for each key, and what it means.
    ByConnector(&'static FieldKind),
    /// A path, which may be absolute.
    AnyPath,
    /// `true`, `false` or a text in one line.
    Switch,
    /// A whole number from 1 on.
    Positive,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A text in one line, or a list of them.
    TextOrList,
    /// A path, which may be absolute, or a table with whatever the user gives.
    PathOrTable,
}

/// A field of an item in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemSpec {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: FieldKind,
    /// What it means, for people.
    pub meaning: &'static str,
}

const PRIMER: &[Leap] = &[Leap::Primer];
const CLIENT: &[Leap] = &[Leap::Client];
const SHARED: &[Leap] = &[Leap::Client, Leap::Env];

/// A field with a plain default.
const fn field(
    name: &'static str,
    leaps: &'static [Leap],
    kind: FieldKind,
    default: &'static str,
    meaning: &'static str,
) -> FieldSpec {
    FieldSpec { name, leaps, kind, meaning, default, example: default }
}

/// The same field, whose default is no value that could stand in a file.
const fn with_example(field: FieldSpec, example: &'static str) -> FieldSpec {
    FieldSpec { example, ..field }
}

const fn item(name: &'static str, kind: FieldKind, meaning: &'static str) -> ItemSpec {
    ItemSpec { name, kind, meaning }
}

/// The fields of an item of `project_descriptors`.
pub const DESCRIPTOR_FIELDS: [ItemSpec; 6] = [
    item("build_root_dir_rel_path", FieldKind::Path, "the project's directory"),
    item("install_extras", FieldKind::List(&FieldKind::PackageName), "extras to install it with"),
    item("install_group", FieldKind::Text, "the group it is installed in"),
    item(
        "dependency_groups",
        FieldKind::List(&FieldKind::PackageName),
        "dependency groups of its `pyproject.toml` (PEP 735)",
    ),
    item("editable", FieldKind::Boolean, "whether it is installed as a link to its source; `true` unless told"),
    item("requirements_files", FieldKind::List(&FieldKind::Path), "requirements files that are installed with it"),
];

/// The fields of a group in an item of `install_specs`.
pub const SPEC_FIELDS: [ItemSpec; 1] =
    [item("extra_command_args", FieldKind::List(&FieldKind::Argument), "arguments for the installer")];

const DESCRIPTORS: FieldKind = FieldKind::List(&FieldKind::Table { fields: &DESCRIPTOR_FIELDS, required: true });
const SPECS: FieldKind =
    FieldKind::List(&FieldKind::Named(&FieldKind::Table { fields: &SPEC_FIELDS, required: false }));

const CONNECTORS: FieldKind = FieldKind::ByConnector(&FieldKind::Table { fields: &CONNECTOR_FIELDS, required: false });

/// Every field that exists.
pub const FIELDS: [FieldSpec; 19] = [
    field(
        "ref_root_dir_rel_path",
        PRIMER,
        FieldKind::Path,
        "\".\"",
        "the ref root: the directory that all other paths are relative to, as seen from the seed file",
    ),
    with_example(
        field(
            "global_conf_dir_rel_path",
            PRIMER,
            FieldKind::Path,
            "`gconf` where that exists, else the ref root",
            "the directory of the client's file",
        ),
        "\"gconf\"",
    ),
    with_example(
        field(
            "local_conf_symlink_rel_path",
            CLIENT,
            FieldKind::Path,
            "no link",
            "the symlink that leads to the selected environment",
        ),
        "\"lconf\"",
    ),
    with_example(
        field(
            "default_env_dir_rel_path",
            CLIENT,
            FieldKind::Path,
            "no environments: the ref root",
            "the directory of the environment that is selected where nothing is said and nothing is linked",
        ),
        "\"dst/default_env\"",
    ),
    field("update_launcher", CLIENT, FieldKind::Boolean, "true", "whether the launcher is kept at the venv's version"),
    with_example(
        field(
            "required_python_version",
            SHARED,
            FieldKind::Text,
            "what `.python-version` or `requires-python` says",
            "the python: `3`, `3.12`, `3.12.1` or a specifier (PEP 440)",
        ),
        "\"3.12\"",
    ),
    with_example(
        field(
            "python_selector_file_rel_path",
            SHARED,
            FieldKind::Path,
            "no selector",
            "a program that gets the version and prints the path of a python, or a Python script with \
         `select_python_file_abs_path(required_version)`",
        ),
        "\"select_python.py\"",
    ),
    field(
        "local_venv_dir_rel_path",
        SHARED,
        FieldKind::Path,
        "\".venv\"",
        "the venv; environments other than the default add their own name",
    ),
    field("local_log_dir_rel_path", SHARED, FieldKind::Path, "\".prime/log\"", "the logs"),
    field("local_tmp_dir_rel_path", SHARED, FieldKind::Path, "\".prime/tmp\"", "what was moved aside"),
    field(
        "local_cache_dir_rel_path",
        SHARED,
        FieldKind::Path,
        "\".prime/cache\"",
        "the cache, for users without a home",
    ),
    field("local_run_dir_rel_path", SHARED, FieldKind::Path, "\".prime/run\"", "what programs leave while they run"),
    field(
        "reboot_keep_count",
        SHARED,
        FieldKind::Count,
        "3",
        "how many environments that `prime reboot` replaced are kept; with 0 none, once the new one is ready",
    ),
    with_example(
        field(
            "venv_driver",
            SHARED,
            FieldKind::Driver,
            "\"venv_uv\" where uv can be had, else \"venv_pip\"",
            "what makes the venv and installs into it",
        ),
        "\"venv_uv\"",
    ),
    field(
        "native_venv",
        SHARED,
        FieldKind::Boolean,
        "true",
        "whether `venv_pip` makes the venv of a CPython itself; else `python -m venv` does",
    ),
    field(
        "version_constraints_file_basename",
        SHARED,
        FieldKind::FileName,
        "\"constraints.txt\"",
        "the file of the pins, in the environment's directory",
    ),
    with_example(
        field("project_descriptors", SHARED, DESCRIPTORS, "the project in the ref root", "what is installed"),
        "[{ build_root_dir_rel_path = \".\", install_extras = [\"dev\"] }]",
    ),
    with_example(
        field(
            "install_specs",
            SHARED,
            SPECS,
            "the groups as they come",
            "the order in which groups are installed, and arguments for the installer",
        ),
        "[{ base = {} }, { apps = { extra_command_args = [\"--no-deps\"] } }]",
    ),
    with_example(
        field("connectors", SHARED, CONNECTORS, "none", "the options of `prime connector`, by connector"),
        "{ source-x = { ensure = true, config = \"x.json\", streams = [\"users\"] } }",
    ),
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
    /// How many environments that a reboot replaced are kept.
    pub reboot_keep_count: Field<u32>,
    /// What makes the venv and installs into it.
    pub venv_driver: Field<VenvDriver>,
    /// `native_venv`
    pub native_venv: Field<bool>,
    /// The name of the pins' file.
    pub version_constraints_file_basename: Field<String>,
    /// What is installed.
    pub project_descriptors: Field<Vec<ProjectDescriptor>>,
    /// In which order and how.
    pub install_specs: Field<Vec<InstallSpec>>,
    /// The options of connectors.
    pub connectors: Field<Vec<ConnectorFields>>,
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
