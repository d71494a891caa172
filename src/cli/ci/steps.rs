//! What the stages of this run have done, from the record that they write ([`record`]).
//!
//! Where nobody asks for timings, a record is kept in the state directory until the run has come to its end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::summary::Row;
use crate::bootstrap::stage::Progress;
use crate::host::{Host, names};
use crate::ui::record::{self, Kind, Plan};

/// In the state directory, how the name of the record begins.
const RECORD: &str = "ci";

/// Steps that make nothing of the environment: it was brought back, linked, looked at, waited for, its versions noted.
const HARMLESS: [&str; 6] = ["adopt", "link", "pin", "prove", "stop", "wait"];

/// Records this stage. Where that cannot be, the summary has no steps: what is wrong with the place, the boot will say.
pub fn begin(host: &Host, root: Option<&Path>) {
    let Some(root) = root.filter(|root| !is_elsewhere(&root.join(names::STATE_DIR))) else { return };
    let stage = Progress::observe(host).map(|progress| progress.stage.name());
    if let Ok(stage) = stage
        && let Err(error) = record::begin(host, &Plan { command: "ci", stage, product: &product(root) })
    {
        tracing::info!("no record: {error}");
    }
}

/// What was done so far.
#[derive(Debug, Default)]
pub struct Steps {
    /// Each thing, in its order.
    pub rows: Vec<Row>,
    /// How long all of it took; `None` where there is no record.
    pub total: Option<Duration>,
    /// The page of timings that will be made of the record, where that is asked for.
    pub page: Option<PathBuf>,
}

impl Steps {
    /// The steps of all stages up to now.
    pub fn so_far() -> Self {
        let Some(record) = record::so_far() else { return Self::default() };
        let total = Some(Duration::from_micros(record.total()));
        let page = record::product().filter(|page| !page.ends_with(product(Path::new(""))));
        let steps = record.spans.into_iter().filter(|span| span.kind == Kind::Step);
        let row = |span: record::Span| {
            let time = Duration::from_micros(span.took());
            Row { verb: span.name, what: span.detail, time }
        };
        Self { rows: steps.map(row).collect(), total, page }
    }

    /// Whether the environment is as it was before, as far as the record tells.
    pub fn made_nothing(&self) -> bool {
        self.total.is_some() && self.rows.iter().all(|row| HARMLESS.contains(&row.verb.as_str()))
    }
}

/// Whether a state directory is a symbolic link. The boot refuses one; nothing is written or removed through it.
pub fn is_elsewhere(state_dir: &Path) -> bool {
    state_dir.is_symlink()
}

fn product(root: &Path) -> PathBuf {
    root.join(names::STATE_DIR).join(RECORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_looks_makes_nothing() {
        let steps = |verbs: &[&str]| {
            let row = |verb: &&str| Row { verb: (*verb).to_owned(), what: String::new(), time: Duration::ZERO };
            Steps { rows: verbs.iter().map(row).collect(), total: Some(Duration::ZERO), page: None }
        };
        assert!(steps(&[]).made_nothing() && steps(&["prove", "pin", "adopt"]).made_nothing());
        assert!(!steps(&["adopt", "install"]).made_nothing() && !steps(&["something new"]).made_nothing());
        assert!(!Steps::default().made_nothing(), "nobody knows");
    }
}
