//! The options of `prime connector`: those of PyAirbyte's `get_source`, by their names.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, value_parser};

/// Options of `connector`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConnectorCommand,
}

/// The commands for connectors.
#[derive(Clone, Debug, Subcommand)]
pub enum ConnectorCommand {
    /// Install a connector, over what may be there
    Install(ConnectorInstallArgs),
    /// Make sure that a connector can be run: install it where it is missing, broken or of another version
    Ensure(ConnectorEnsureArgs),
    /// Remove the environment of a connector
    Uninstall(ConnectorInstallArgs),
    /// Print the version that is installed
    Version(ConnectorVersionArgs),
    /// List the connectors that are installed, and those that the repository's configuration names
    List(ConnectorListArgs),
    /// Print what runs a connector: a program, an image, a manifest
    Which(ConnectorWhichArgs),
    /// Print what a connector's configuration looks like
    Spec(ConnectorSpecArgs),
    /// Say whether a configuration works
    Check(ConnectorCheckArgs),
    /// Print the streams that there are
    Discover(ConnectorDiscoverArgs),
    /// Read records
    Read(ConnectorReadArgs),
}

/// Which connector, and how it is run.
#[derive(Clone, Debug, Args)]
pub struct ConnectorOptions {
    /// The connector, such as source-faker, or thirdparty/source-x
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The version; `latest` is the newest that the registry has
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// Install this in place of the connector's package: requirements as pip takes them
    #[arg(long, value_name = "REQUIREMENTS", allow_hyphen_values = true)]
    pub pip_url: Option<String>,
    /// The python: true (the first that serves), a path, a command, a version that uv provides; false is Docker
    #[arg(long, value_name = "PYTHON")]
    pub use_python: Option<String>,
    /// The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory
    #[arg(long, value_name = "DIR")]
    pub install_root: Option<PathBuf>,
    /// Run this program: true (of the connector's name), a name on PATH, or a path
    #[arg(long, value_name = "PROGRAM")]
    pub local_executable: Option<String>,
    /// Run this Docker image: true (of the connector's name), or an image
    #[arg(long, value_name = "IMAGE")]
    pub docker_image: Option<String>,
    /// Let the container use this machine's network
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub use_host_network: Option<bool>,
    /// Run this declarative manifest: true (the registry's), a path, or a URL
    #[arg(long, value_name = "MANIFEST")]
    pub source_manifest: Option<String>,
    /// Fail rather than install what is missing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub no_install: Option<bool>,
    /// Run nothing: only `spec` works, from the registry
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub no_executor: Option<bool>,
    /// The registry of connectors: a path, a URL, or false; else `AIRBYTE_LOCAL_REGISTRY`
    #[arg(long, value_name = "REGISTRY")]
    pub registry: Option<String>,
    /// A further requirement for the environment; may be given several times
    #[arg(long, value_name = "REQUIREMENT", allow_hyphen_values = true)]
    pub with: Vec<String>,
    /// A constraints file for the environment
    #[arg(long, value_name = "FILE")]
    pub constraints: Option<PathBuf>,
}

/// Options of `connector install` and `uninstall`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorInstallArgs {
    /// The connector.
    #[command(flatten)]
    pub options: ConnectorOptions,
}

/// Options of `connector ensure`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorEnsureArgs {
    /// The connector.
    #[command(flatten)]
    pub options: ConnectorOptions,
    /// Change nothing: fail where it is not as it should be
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub no_fix: Option<bool>,
}

/// Options of `connector version`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorVersionArgs {
    /// The connector.
    #[command(flatten)]
    pub options: ConnectorOptions,
    /// Look at the environment, whatever was noted when it was made
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub recheck: Option<bool>,
}

/// Options of `connector list`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorListArgs {
    /// The directory of the environments; else `AIRBYTE_INSTALL_DIR`, else the current directory
    #[arg(long, value_name = "DIR")]
    pub install_root: Option<PathBuf>,
}

/// Options of `connector which`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorWhichArgs {
    /// The connector.
    #[command(flatten)]
    pub options: ConnectorOptions,
}

/// Options of `connector spec`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorSpecArgs {
    /// The connector.
    #[command(flatten)]
    pub options: ConnectorOptions,
}

/// Options of `connector check`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorCheckArgs {
    /// The connector.
    #[command(flatten)]
    pub options: ConnectorOptions,
    /// The configuration: a file, `-` for standard input, or JSON
    #[arg(long, value_name = "CONFIG")]
    pub config: Option<String>,
}

/// Options of `connector discover`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorDiscoverArgs {
    /// The connector.
    #[command(flatten)]
    pub options: ConnectorOptions,
    /// The configuration: a file, `-` for standard input, or JSON
    #[arg(long, value_name = "CONFIG")]
    pub config: Option<String>,
}

/// Options of `connector read`.
#[derive(Clone, Debug, Args)]
pub struct ConnectorReadArgs {
    /// The connector.
    #[command(flatten)]
    pub options: ConnectorOptions,
    /// The configuration: a file, `-` for standard input, or JSON
    #[arg(long, value_name = "CONFIG")]
    pub config: Option<String>,
    /// The streams, with commas between them; `*` is all
    #[arg(long, value_name = "STREAMS")]
    pub streams: Option<String>,
    /// The state to go on from
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Where the state is written
    #[arg(long, value_name = "FILE")]
    pub state_out: Option<PathBuf>,
    /// The configured catalog, instead of the one that is made of what the connector discovers
    #[arg(long, value_name = "FILE", conflicts_with_all = ["streams", "full_refresh"])]
    pub catalog: Option<PathBuf>,
    /// At most this many records of each stream
    #[arg(long, value_name = "COUNT", value_parser = value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Read everything anew
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub full_refresh: Option<bool>,
    /// How records are written; jsonl unless told
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<RecordFormat>,
    /// Write a file for each stream into this directory
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// The values of `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecordFormat {
    /// A JSON object on each line
    Jsonl,
    /// Comma-separated values
    Csv,
}

/// Behind the options of `prime connector --help`.
pub const CONNECTOR_AFTER_HELP: &str = "\
Examples:
  prime connector install source-faker              into `.venv-source-faker`
  prime connector ensure source-faker --version 7.2.1 --use-python 3.11
  prime connector check source-faker --config faker.json
  prime connector read source-faker --config faker.json --streams users > users.jsonl
  prime connector which source-x --source-manifest manifest.yaml

How a connector is run is said by one of --local-executable, --docker-image, --source-manifest, --pip-url or --use-python,
and --no-executor; else it is a program of its name on PATH, else what the registry says: a manifest, a package, an image.

In a repository, a table `[connectors.NAME]` of `prime.toml` has the same options (`pip_url`, `config`, `streams`, …), so that
`prime connector read NAME` needs none; an option that is given wins. With `ensure = true`, `prime` makes sure of it.";
