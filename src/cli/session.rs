//! `prime shell`: the user's shell in the environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::bootstrap::ReadyEnvironment;
use crate::error::Result;
use crate::host::{EnvDelta, ExecPlan, Host, fs, names};
use crate::shell::session::{Session, StartupFile, UserShell};
use crate::ui::Ui;
use crate::venv::Venv;

/// In the state directory or the cache, what shells read at their start.
const STARTUP_DIR: &str = "shell";

/// How the user's shell is started in an environment, whose variables `host` has.
pub fn plan(host: &Host, ui: Ui, environment: &ReadyEnvironment) -> ExecPlan {
    let shell = UserShell::observe(host);
    if let Some(unknown) = &shell.unknown {
        ui.warn(&format!("`{}` is no shell that `prime` knows; `sh` is started in its stead", unknown.display()));
    }
    let terminal = host.terminals.stdin;
    let files = shell.startup_files(host, terminal);
    let startup_dir = startup_dir(host, environment.state.root(), files);
    if startup_dir.is_none() && !files.is_empty() {
        ui.warn("there is no place for the shell's start-up files: your own may put another python in front");
    }
    let venv = &environment.venv;
    let prompt = harmless(&prompt_name(venv));
    let session = Session { venv: venv.dir(), prompt: &prompt, terminal, startup_dir: startup_dir.as_deref() };
    let plan = shell.plan(host, &session);
    ExecPlan { env: EnvDelta::new().set("VIRTUAL_ENV_PROMPT", &prompt).and(&plan.env), ..plan }
}

/// Says that the shell will be one within another. Only the first stage knows: the later ones are within the environment.
pub fn notice_nesting(host: &Host, ui: Ui) {
    if let (Some(active), None, true) = (host.var_path("VIRTUAL_ENV"), host.var(names::PY_EXEC), host.terminals.stdin) {
        ui.warn(&format!("`{}` is active in this shell already; `exit` comes back to it", active.display()));
    }
}

/// The name of an environment, for prompts: what it was made with, else its directory's, where that is not hidden.
pub fn prompt_name(venv: &Venv) -> OsString {
    let configured = venv.cfg().and_then(|cfg| {
        let value = cfg.value("prompt")?;
        // CPython writes it as a literal.
        let unquoted = ["'", "\""].iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        Some(OsString::from(unquoted.unwrap_or(value)))
    });
    let name = |dir: Option<&Path>| dir.and_then(Path::file_name).map(OsString::from);
    let is_hidden = |name: &OsString| name.as_encoded_bytes().starts_with(b".");
    let own = configured.or_else(|| name(Some(venv.dir())).filter(|name| !is_hidden(name)));
    own.or_else(|| name(venv.dir().parent())).unwrap_or_else(|| OsString::from("venv"))
}

/// A text for a prompt. Shells expand prompts when they show them, each another set of characters: `_` stands for those.
fn harmless(name: &OsString) -> OsString {
    name.to_string_lossy().replace(|it: char| it.is_control() || "$`\\!%\"'".contains(it), "_").into()
}

/// The directory that has these files now: in the repository, else the user's cache.
fn startup_dir(host: &Host, state_dir: &Path, files: &[StartupFile]) -> Option<PathBuf> {
    let in_repository = Some(state_dir).filter(|dir| !dir.is_symlink() && dir.is_dir()).map(Path::to_owned);
    let mut dirs = in_repository.into_iter().chain(host.user_cache_dir()).map(|dir| dir.join(STARTUP_DIR));
    dirs.find(|dir| !files.is_empty() && write_all(dir, files).is_ok())
}

/// Writes what is not there already.
fn write_all(dir: &Path, files: &[StartupFile]) -> Result<()> {
    files.iter().try_for_each(|(name, text)| fs::write_if_changed(&dir.join(name), text.as_bytes()).map(drop))
}
