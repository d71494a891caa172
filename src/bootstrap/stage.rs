//! The stages of a bootstrap, and how one process tells the next which it is.
//!
//! Names and order are those of protoprimer's strides. A stage only grows: each pass sets the next one, and nothing sets an
//! earlier one, so that the chain ends.

use crate::error::{Fault, Kind, Result};
use crate::host::{EnvDelta, Host, names};

/// How far the bootstrap has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Started by whoever: nothing is known.
    PyUnknown,
    /// The environment is clean of others' settings.
    PyArbitrary,
    /// A python is selected.
    PyRequired,
    /// The virtual environment is there, and its variables are set.
    PyVenv,
    /// The dependencies are what the configuration says.
    DepsUpdated,
    /// Nothing is left to update.
    SrcUpdated,
}

/// All stages in order, with their names.
const STAGES: [(Stage, &str); 6] = [
    (Stage::PyUnknown, "stride_py_unknown"),
    (Stage::PyArbitrary, "stride_py_arbitrary"),
    (Stage::PyRequired, "stride_py_required"),
    (Stage::PyVenv, "stride_py_venv"),
    (Stage::DepsUpdated, "stride_deps_updated"),
    (Stage::SrcUpdated, "stride_src_updated"),
];

impl Stage {
    /// The name that travels.
    pub fn name(self) -> &'static str {
        STAGES[self as usize].1
    }

    /// The stage after this one; the last one is followed by none.
    pub fn next(self) -> Option<Self> {
        STAGES.get(self as usize + 1).map(|(stage, _)| *stage)
    }

    fn parse(name: &str) -> Option<Self> {
        STAGES.iter().find(|(_, known)| *known == name).map(|(stage, _)| *stage)
    }
}

/// What one stage tells the next: which stage it is, and the id of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The stage of this process.
    pub stage: Stage,
    /// The id of the run, where one is set.
    pub run_id: Option<String>,
}

impl Progress {
    /// Reads the variables. Fails with [`Kind::Usage`] for a value that no stage of ours can have set.
    pub fn observe(host: &Host) -> Result<Self> {
        let stage = match host.var(names::PY_EXEC) {
            None => Stage::PyUnknown,
            Some(value) => value.to_str().and_then(Stage::parse).ok_or_else(|| {
                let message = format!("`{}` is `{}`, which is no stage", names::PY_EXEC, value.to_string_lossy());
                Fault::new(Kind::Usage, message).hint(format!("unset `{}`", names::PY_EXEC))
            })?,
        };
        let run_id = host.var(names::START_ID).map(|value| value.to_string_lossy().into_owned());
        if let Some(id) = run_id.as_ref().filter(|id| !is_file_name(id)) {
            let message = format!("`{}` is `{id}`, which cannot be part of a file's name", names::START_ID);
            let hint = format!("unset `{}`, or set it to letters, digits, `.`, `_` and `-`", names::START_ID);
            return Err(Fault::new(Kind::Usage, message).hint(hint).into());
        }
        Ok(Self { stage, run_id })
    }

    /// The variables for the next stage.
    pub fn advance(&self, stage: Stage, run_id: &str) -> EnvDelta {
        EnvDelta::new().set(names::PY_EXEC, stage.name()).set(names::START_ID, run_id)
    }
}

fn is_file_name(text: &str) -> bool {
    text.len() <= 128 && !text.starts_with('.') && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(vars: &[(&str, &str)]) -> Host {
        Host { vars: vars.iter().map(|(name, value)| (name.into(), value.into())).collect(), ..Host::default() }
    }

    #[test]
    fn a_stage_never_goes_back() {
        let mut stage = Stage::PyUnknown;
        let mut names = vec![stage.name()];
        while let Some(next) = stage.next() {
            assert!(next > stage);
            assert_eq!(Stage::parse(next.name()), Some(next));
            names.push(next.name());
            stage = next;
        }
        assert_eq!(names.len(), STAGES.len());
        assert_eq!(stage, Stage::SrcUpdated);
    }

    #[test]
    fn what_one_stage_sets_the_next_one_reads() {
        let first = Progress::observe(&host(&[])).unwrap();
        assert_eq!(first, Progress { stage: Stage::PyUnknown, run_id: None });
        let next = host(&[]).with_env(&first.advance(Stage::PyVenv, "id-1"));
        let expected = Progress { stage: Stage::PyVenv, run_id: Some("id-1".to_owned()) };
        assert_eq!(Progress::observe(&next).unwrap(), expected);
    }

    #[test]
    fn a_value_of_nobody_of_ours_is_a_usage_error_that_says_how_to_get_out() {
        for (name, value) in [(names::PY_EXEC, "bogus"), (names::START_ID, "a/b"), (names::START_ID, "..")] {
            let error = Progress::observe(&host(&[(name, value)])).unwrap_err();
            let fault = error.downcast_ref::<Fault>().unwrap();
            assert_eq!(fault.kind, Kind::Usage);
            assert!(fault.message.contains(value) && fault.hint.as_ref().unwrap().contains(name));
        }
    }
}
