//! What a CI keeps of an environment from one run to the next, and the key that it is kept under.
//!
//! Both are the same before an environment is there and after it was made, so that who asks early finds what was kept late.
//! Nothing is written, fetched or locked to tell them.

use super::select::{self, Required};
use super::stage::{Progress, Stage};
use super::{Request, Run, state, tools};
use crate::config::{self, Settings, discover};
use crate::deps::Stamp;
use crate::error::Result;
use crate::host::Host;
use crate::python::{Interpreter, stable_path};
use crate::ui::Ui;
use crate::venv::DriverName;

mod connectors;
mod key;
mod paths;
mod resolution;

use connectors::Connectors;
pub use key::{CacheKey, Part, cache_key};
pub use paths::{CachePath, cache_paths};

/// Whether a tool makes the environment, or may do so, or makes those of connectors.
fn is_used(tool: DriverName, settings: &Settings, connectors: &Connectors<'_>) -> bool {
    tools::asked_for(settings).is_none_or(|asked| asked == tool) || connectors.driver() == Some(tool)
}

/// What a boot would start from now.
struct Start<'a> {
    run: Run<'a>,
    settings: Settings,
    required: Required,
    stamp: Option<Stamp>,
    /// The interpreter that is there; `None` where uv provides one, be it that it has done so already.
    python: Option<Interpreter>,
}

impl<'a> Start<'a> {
    /// Fails as a boot does where the configuration is wrong, or where no python will do and none is to be provided.
    fn observe(host: &'a Host, ui: Ui, request: &'a Request) -> Result<Self> {
        let repo = discover(host, request.repo.as_deref())?;
        let progress = Progress { stage: Stage::PyUnknown, run_id: None };
        let run = Run { host, ui, request, progress, repo, script: None };
        let settings = config::load(host, &run.repo, &request.selection)?;
        let required = select::required(host, &settings)?;
        let search = select::select_anew(host, &settings, &required)?;
        tools::check_possible(&run, &settings, &required, &search)?;
        let stamp = Stamp::load(&state(&settings).stamp());
        let provided = stamp.as_ref().filter(|stamp| stamp.provided).map(|stamp| stamp.interpreter.as_path());
        let python = search.selected.filter(|python| Some(stable_path(&python.path).as_path()) != provided);
        Ok(Self { run, settings, required, stamp, python })
    }
}
