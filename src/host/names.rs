//! Every environment variable and file name that `prime` has a say in, each with a sentence.
//!
//! The README lists the variables; a test compares the two.

/// The stage that the bootstrap has reached; set by one stage for the next, unset for everybody else.
pub const PY_EXEC: &str = "PROTOPRIMER_PY_EXEC";
/// The id of one run, the same in all its stages.
pub const START_ID: &str = "PROTOPRIMER_START_ID";
/// The absolute path of the launcher; the repository is the directory it lies in.
pub const PROTO_CODE: &str = "PROTOPRIMER_PROTO_CODE";
/// The driver, over what any file says.
pub const VENV_DRIVER: &str = "PROTOPRIMER_VENV_DRIVER";
/// How much to say on stderr, as a name or number of Python's `logging`.
pub const STDERR_LOG_LEVEL: &str = "PROTOPRIMER_STDERR_LOG_LEVEL";
/// The file that a run is recorded in, where somebody asks for that; set by one stage for the next.
pub const RECORD: &str = "PRIME_RECORD";
/// The file name of the configuration, tried before all others.
pub const CONF_BASENAME: &str = "PROTOPRIMER_CONF_BASENAME";
/// The `uv` to use, as a path.
pub const PRIME_UV: &str = "PRIME_UV";
/// The `prime` that launchers start, as a path.
pub const PRIME_BIN: &str = "PRIME_BIN";
/// The package index that `prime` itself fetches from.
pub const PRIME_INDEX_URL: &str = "PRIME_INDEX_URL";
/// The directory of what this user's repositories share.
pub const PRIME_CACHE_DIR: &str = "PRIME_CACHE_DIR";

/// How long the program `keyring` may take, in seconds.
pub const PRIME_KEYRING_TIMEOUT: &str = "PRIME_KEYRING_TIMEOUT";
/// Set for a tool that may start `keyring`: the directory with what it starts instead.
pub const KEYRING_GUARD: &str = "PRIME_KEYRING_GUARD";

/// For what is started while a repository is locked: who locked what. Never set for the program that takes over, but
/// left to it where it came from outside: it runs within that other process's work.
pub const LOCKED: &str = "PRIME_LOCKED";

/// The registry of connectors, as a path or a URL.
pub const AIRBYTE_LOCAL_REGISTRY: &str = "AIRBYTE_LOCAL_REGISTRY";
/// Whether the registry of connectors is to be had without the network.
pub const AIRBYTE_OFFLINE_MODE: &str = "AIRBYTE_OFFLINE_MODE";
/// Whether the environments of connectors are made with pip.
pub const AIRBYTE_NO_UV: &str = "AIRBYTE_NO_UV";
/// The directory that the environments of connectors are in.
pub const AIRBYTE_INSTALL_DIR: &str = "AIRBYTE_INSTALL_DIR";
/// The directory that has a directory for each connector that runs in a container.
pub const AIRBYTE_PROJECT_DIR: &str = "AIRBYTE_PROJECT_DIR";
/// The directory of the files that a connector gets.
pub const AIRBYTE_TEMP_DIR: &str = "AIRBYTE_TEMP_DIR";
/// Set for a connector whose manifest brings code of its own, without which that is not run.
pub const AIRBYTE_ENABLE_UNSAFE_CODE: &str = "AIRBYTE_ENABLE_UNSAFE_CODE";

/// The variables of [`crate::host::Host`] that a program started by `prime` must not see.
pub const INTERNAL: [&str; 7] = [PY_EXEC, START_ID, RECORD, PROTO_CODE, VENV_DRIVER, STDERR_LOG_LEVEL, CONF_BASENAME];

/// Variables that `prime` reads, with what they mean, for `--help` and the README.
pub const VARIABLES: [(&str, &str); 20] = [
    (PY_EXEC, "the stage reached; internal, set from one stage to the next"),
    (START_ID, "the id of the run, part of the log file's name"),
    (RECORD, "the file that the run is recorded in; internal, set from one stage to the next"),
    (PROTO_CODE, "absolute path of the launcher; its directory is the repository"),
    (VENV_DRIVER, "`venv_uv` or `venv_pip`, over what any file says"),
    (STDERR_LOG_LEVEL, "how much to say: a name or number of Python's `logging`"),
    (CONF_BASENAME, "file name of the configuration, tried before all others"),
    (PRIME_UV, "path of the `uv` to use"),
    (PRIME_BIN, "path of the `prime` that launchers start, whatever its version"),
    (PRIME_INDEX_URL, "package index that `prime` itself fetches from"),
    (PRIME_KEYRING_TIMEOUT, "how many seconds the program `keyring` may take; default 30"),
    (KEYRING_GUARD, "where a tool finds the `keyring` that has a time limit; internal"),
    (LOCKED, "who works on which repository; internal, set for what is started meanwhile"),
    (PRIME_CACHE_DIR, "directory that all repositories of a user share; default `~/.cache/prime`"),
    (AIRBYTE_LOCAL_REGISTRY, "registry of connectors, a path or a URL; `false` is none"),
    (AIRBYTE_OFFLINE_MODE, "never ask the network for the registry and the manifests of connectors"),
    (AIRBYTE_NO_UV, "make the environments of connectors with pip"),
    (AIRBYTE_INSTALL_DIR, "directory of the environments of connectors; default the current directory"),
    (AIRBYTE_PROJECT_DIR, "directory of what containers of connectors keep; default the current directory"),
    (AIRBYTE_TEMP_DIR, "directory of the files that a connector gets; else that of `TMPDIR`"),
];

/// The configuration file.
pub const CONFIG_FILE: &str = "prime.toml";
/// The launcher.
pub const LAUNCHER_FILE: &str = "prime";
/// The project metadata file, which may carry `[tool.prime]`.
pub const PYPROJECT: &str = "pyproject.toml";
/// The version file of pyenv, uv and others.
pub const PYTHON_VERSION_FILE: &str = ".python-version";
/// The directory of what `prime` keeps in a repository: stamps, locks, logs.
pub const STATE_DIR: &str = ".prime";
/// How the directory of a connector's environment begins; the connector's name follows.
pub const CONNECTOR_VENV_PREFIX: &str = ".venv-";
/// What runs declarative manifests: a program, and the environment that it is in.
pub const MANIFEST_RUNNER: &str = "source-declarative-manifest";
/// In the user's cache, what is known of connectors: registries, manifests, newest versions.
pub const CONNECTOR_CACHE: &str = "connectors";
/// In the environment of a connector, its stamp.
pub const CONNECTOR_STAMP: &str = "prime-connector.json";
/// In the environment of a connector, the files of its python, where that is one of uv's.
pub const CONNECTOR_PYTHON: &str = "prime-connector-python.json";
/// In the state directory, what the environment was made from.
pub const STAMP_FILE: &str = "stamp.json";
/// In the state directory, where what is installed came from.
pub const SOURCES_FILE: &str = "sources.json";
/// In the state directory, the files of the python that uv provided.
pub const PYTHON_FILE: &str = "python.json";
/// In the state directory, the file that is locked while something is changed.
pub const LOCK_FILE: &str = "lock";
