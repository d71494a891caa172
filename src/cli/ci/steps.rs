//! What the stages of this run have done, from the record that they write ([`record`]).
//!
//! Where nobody else asks for a record, one is kept in the state directory until the run has come to its end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::summary::Row;
use crate::bootstrap::stage::Progress;
use crate::host::{Host, names};
use crate::ui::record::{self, Kind, Plan};

/// In the state directory, how the name of the record begins.
const RECORD: &str = "ci";

/// Records this stage. Where that cannot be, the summary has no steps: what is wrong with the place, the boot will say.
pub fn begin(host: &Host, root: Option<&Path>) {
    let stage = Progress::observe(host).map(|progress| progress.stage.name());
    if let (Ok(stage), Some(root)) = (stage, root)
        && let Err(error) = record::begin(host, &Plan { command: "ci", stage, product: &product(root) })
    {
        tracing::info!("no record: {error}");
    }
}

/// What was done so far, and how long all of it took.
pub fn so_far() -> (Vec<Row>, Option<Duration>) {
    let Some(record) = record::so_far() else { return (Vec::new(), None) };
    let total = Duration::from_micros(record.total());
    let steps = record.spans.into_iter().filter(|span| span.kind == Kind::Step);
    let row = |span: record::Span| {
        let time = Duration::from_micros(span.took());
        Row { verb: span.name, what: span.detail, time }
    };
    (steps.map(row).collect(), Some(total))
}

/// Removes the record that was kept for this.
pub fn forget(root: &Path) {
    let own = product(root);
    let is_own = |file: &&Path| {
        let name = file.file_name().unwrap_or_default().as_encoded_bytes();
        file.parent() == own.parent() && name.starts_with(b"ci.") && name.ends_with(b".jsonl")
    };
    if let Some(file) = record::file().filter(is_own) {
        let _ = std::fs::remove_file(file);
    }
}

fn product(root: &Path) -> PathBuf {
    root.join(names::STATE_DIR).join(RECORD)
}
