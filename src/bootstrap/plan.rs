//! The next thing to do about the virtual environment, computed from what exists and what is wanted. No effects.

use std::fmt;
use std::path::PathBuf;

use crate::deps::plan::surplus;
use crate::deps::{Item, Phase, Stamp};
use crate::python::interpreter::Target;
use crate::venv::DriverName;

/// What stands where the environment belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing, or an empty directory.
    Absent,
    /// Something that `prime` did not make; it is ours to move, not to remove.
    Foreign(&'static str),
    /// An environment of ours that cannot be used, with the reason.
    Leftover(&'static str),
    /// An environment of ours.
    Made(Box<Made>),
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => formatter.write_str("none"),
            Self::Foreign(what) => formatter.write_str(what),
            Self::Leftover(why) => write!(formatter, "a useless one: {why}"),
            Self::Made(made) => {
                write!(formatter, "made by `{}` with python {}", made.stamp.driver, made.stamp.python_version)
            }
        }
    }
}

/// An environment of ours, and what has become of the interpreter it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What it was made from.
    pub stamp: Stamp,
    /// Whether its own link to an interpreter leads somewhere.
    pub has_python: bool,
    /// What has become of its own files, for people; `None` where they are as they were made.
    pub tampering: Option<String>,
    /// The interpreter it was made from, as it is now; `None` where it does not run.
    pub interpreter: Option<InterpreterNow>,
}

/// An interpreter as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterpreterNow {
    /// Its version.
    pub version: String,
    /// Whether it is what the repository requires.
    pub satisfies: bool,
    /// What it runs.
    pub target: Option<Target>,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The repository.
    pub root: PathBuf,
    /// The driver, where the configuration or a variable names one.
    pub driver: Option<DriverName>,
    /// The python that is required, for people.
    pub required: String,
    /// The one interpreter that will do, where a selector names it.
    pub interpreter: Option<PathBuf>,
    /// The id of this run.
    pub run_id: String,
    /// What is to be installed.
    pub items: Vec<Item>,
}

/// What to do about the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VenvStep {
    /// It is what it should be.
    Keep,
    /// Write its own files again; what is installed stays.
    Refresh {
        /// Why, for people.
        why: String,
    },
    /// Make it.
    Create,
    /// Remove what is there, which is ours, and make it anew.
    Replace {
        /// Why, for people.
        why: String,
    },
    /// Keep what is there, which is ours and whole, for the way back, and make it anew.
    SetAside,
    /// Move what is there aside and make it.
    MoveAside {
        /// What is there, for people.
        what: &'static str,
    },
}

impl fmt::Display for VenvStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => formatter.write_str("it is kept"),
            Self::Refresh { why } => write!(formatter, "its own files are written again: {why}"),
            Self::Create => formatter.write_str("one is made"),
            Self::Replace { why } => write!(formatter, "it is replaced: {why}"),
            Self::SetAside => formatter.write_str("it is kept aside and one is made"),
            Self::MoveAside { .. } => formatter.write_str("it is moved aside and one is made"),
        }
    }
}

/// The next step.
pub fn next(found: &Found, wanted: &Wanted) -> VenvStep {
    match found {
        Found::Absent => VenvStep::Create,
        Found::Foreign(what) => VenvStep::MoveAside { what },
        Found::Leftover(why) => VenvStep::Replace { why: (*why).to_owned() },
        Found::Made(made) => match unfit(made, wanted) {
            Some(why) => VenvStep::Replace { why },
            None => refreshment(made).map_or(VenvStep::Keep, |why| VenvStep::Refresh { why }),
        },
    }
}

/// The next step of a reboot: whatever is there makes room, unless this very run has made it already.
pub fn from_scratch(found: &Found, wanted: &Wanted) -> VenvStep {
    match found {
        Found::Made(made) if made.stamp.reboot && made.stamp.run_id == wanted.run_id => next(found, wanted),
        Found::Made(made) => match not_worth_keeping(&made.stamp) {
            Some(why) => VenvStep::Replace { why: why.to_owned() },
            None => VenvStep::SetAside,
        },
        _ => next(found, wanted),
    }
}

/// Why nobody would want an environment of ours back; `None` where somebody may, fit or not.
pub fn not_worth_keeping(stamp: &Stamp) -> Option<&'static str> {
    half_made(stamp).or_else(|| stamp.pins.is_empty().then_some("it was never ready"))
}

/// Why nothing can be made of an environment of ours.
fn half_made(stamp: &Stamp) -> Option<&'static str> {
    match stamp.phase {
        Phase::Creating => Some("it was left half made"),
        Phase::Installing => Some("an installation into it was interrupted"),
        Phase::Damaged => Some("it is damaged and could not be mended"),
        Phase::Created if stamp.is_of_unfinished_reboot() => Some("the reboot that made it did not come to its end"),
        Phase::Created | Phase::Ready => None,
    }
}

/// Why an environment of ours cannot serve; it is never silently reused.
fn unfit(made: &Made, wanted: &Wanted) -> Option<String> {
    let stamp = &made.stamp;
    let is_of_this_run = stamp.phase == Phase::Created && stamp.run_id == wanted.run_id;
    if let Some(why) = half_made(stamp).filter(|_| !is_of_this_run) {
        return Some(why.to_owned());
    }
    if stamp.root != wanted.root {
        return Some(format!("it was made for `{}`", stamp.root.display()));
    }
    if let Some(driver) = wanted.driver.filter(|driver| driver.as_str() != stamp.driver) {
        return Some(format!("it was made by `{}`, and `{}` is asked for", stamp.driver, driver.as_str()));
    }
    let Some(interpreter) = &made.interpreter else {
        return Some(format!("its python {} at `{}` is gone", stamp.python_version, stamp.interpreter.display()));
    };
    if !interpreter.satisfies {
        return Some(format!("it has python {}, and `{}` is required", interpreter.version, wanted.required));
    }
    if let Some(path) = wanted.interpreter.as_ref().filter(|path| **path != stamp.interpreter) {
        return Some(format!(
            "it was made from `{}`, and `{}` is selected",
            stamp.interpreter.display(),
            path.display()
        ));
    }
    if interpreter.version != stamp.python_version {
        return Some(format!("its python was {} and is {} now", stamp.python_version, interpreter.version));
    }
    let misfit = stamp.target.as_ref().zip(interpreter.target.as_ref()).and_then(|(made, now)| made.misfit(now));
    if let Some((made, now)) = misfit {
        return Some(format!("it was made for {made}, and its python is for {now}"));
    }
    surplus(&wanted.items, &stamp.items).map(|key| format!("`{key}` no longer belongs in it"))
}

/// Why the environment's own files are to be written again.
fn refreshment(made: &Made) -> Option<String> {
    let lost = || (!made.has_python).then(|| "it has lost its python".to_owned());
    made.tampering.clone().or_else(lost)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn made(change: impl FnOnce(&mut Made)) -> Found {
        let mut stamp = Stamp::creating(Path::new("/r"), Path::new("/r"), Path::new("/r/.venv"));
        stamp.driver = "venv_uv".into();
        stamp.phase = Phase::Created;
        stamp.python_version = "3.12.1".to_owned();
        stamp.interpreter = PathBuf::from("/p");
        let interpreter = Some(InterpreterNow { version: "3.12.1".to_owned(), satisfies: true, target: None });
        let mut made = Made { stamp, has_python: true, tampering: None, interpreter };
        change(&mut made);
        Found::Made(Box::new(made))
    }

    fn wanted(driver: Option<DriverName>) -> Wanted {
        Wanted {
            root: PathBuf::from("/r"),
            driver,
            required: "3.12".to_owned(),
            interpreter: None,
            run_id: "this".to_owned(),
            items: Vec::new(),
        }
    }

    #[test]
    fn what_fits_is_kept_and_what_is_not_ours_is_moved() {
        assert_eq!(next(&Found::Absent, &wanted(None)), VenvStep::Create);
        assert_eq!(next(&Found::Foreign("a file"), &wanted(None)), VenvStep::MoveAside { what: "a file" });
        assert_eq!(next(&made(|_| {}), &wanted(None)), VenvStep::Keep);
        assert_eq!(next(&made(|_| {}), &wanted(Some(DriverName::Uv))), VenvStep::Keep);
    }

    #[test]
    fn from_scratch_whatever_may_be_wanted_back_is_kept() {
        let step = |change: fn(&mut Stamp)| {
            let found = made(|it| {
                it.stamp.phase = Phase::Ready;
                (it.stamp.pins, it.stamp.run_id) = ("digest".to_owned(), "before".to_owned());
                change(&mut it.stamp);
            });
            (from_scratch(&found, &wanted(None)), next(&found, &wanted(None)))
        };
        let replace = |why: &str| VenvStep::Replace { why: why.to_owned() };
        assert_eq!(step(|_| {}), (VenvStep::SetAside, VenvStep::Keep));
        assert_eq!(step(|it| it.phase = Phase::Created), (VenvStep::SetAside, VenvStep::Keep));
        assert_eq!(step(|it| it.reboot = true), (VenvStep::SetAside, VenvStep::Keep));
        assert_eq!(step(|it| it.run_id = "this".to_owned()), (VenvStep::SetAside, VenvStep::Keep));
        let by_this_run: fn(&mut Stamp) = |it| (it.reboot, it.run_id) = (true, "this".to_owned());
        assert_eq!(step(by_this_run), (VenvStep::Keep, VenvStep::Keep));
        let never_ready: fn(&mut Stamp) = |it| (it.phase, it.pins) = (Phase::Created, String::new());
        assert_eq!(step(never_ready), (replace("it was never ready"), VenvStep::Keep));
        let unfinished = || replace("the reboot that made it did not come to its end");
        let of_another: fn(&mut Stamp) = |it| {
            (it.phase, it.reboot, it.pins) = (Phase::Created, true, String::new());
        };
        assert_eq!(step(of_another), (unfinished(), unfinished()));
        let interrupted = || replace("an installation into it was interrupted");
        assert_eq!(step(|it| it.phase = Phase::Installing), (interrupted(), interrupted()));
        assert_eq!(from_scratch(&Found::Absent, &wanted(None)), VenvStep::Create);
        assert_eq!(from_scratch(&Found::Foreign("x"), &wanted(None)), VenvStep::MoveAside { what: "x" });
    }

    #[test]
    fn what_only_lost_its_own_files_gets_them_back() {
        let refresh = |why: &str| VenvStep::Refresh { why: why.to_owned() };
        assert_eq!(next(&made(|it| it.has_python = false), &wanted(None)), refresh("it has lost its python"));
        let tampered = |it: &mut Made| it.tampering = Some("`cfg` has changed".to_owned());
        assert_eq!(next(&made(tampered), &wanted(None)), refresh("`cfg` has changed"));
    }

    #[test]
    fn what_does_not_fit_is_replaced_and_the_reason_given() {
        let why = |found, driver| match next(&found, &wanted(driver)) {
            VenvStep::Replace { why } => why,
            step => panic!("{step:?}"),
        };
        assert_eq!(why(Found::Leftover("x"), None), "x");
        assert_eq!(why(made(|it| it.stamp.phase = Phase::Creating), None), "it was left half made");
        assert_eq!(why(made(|it| it.stamp.root = "/old".into()), None), "it was made for `/old`");
        let other = why(made(|_| {}), Some(DriverName::Pip));
        assert_eq!(other, "it was made by `venv_uv`, and `venv_pip` is asked for");
        assert_eq!(why(made(|it| it.interpreter = None), None), "its python 3.12.1 at `/p` is gone");
        let now =
            |version: &str, satisfies| Some(InterpreterNow { version: version.to_owned(), satisfies, target: None });
        let wrong = why(made(|it| it.interpreter = now("3.11.7", false)), None);
        assert_eq!(wrong, "it has python 3.11.7, and `3.12` is required");
        let upgraded = why(made(|it| it.interpreter = now("3.12.4", true)), None);
        assert_eq!(upgraded, "its python was 3.12.1 and is 3.12.4 now");
        let selected = Wanted { interpreter: Some("/q".into()), ..wanted(None) };
        let why_selected = "it was made from `/p`, and `/q` is selected".to_owned();
        assert_eq!(next(&made(|_| {}), &selected), VenvStep::Replace { why: why_selected });
        let interrupted = why(made(|it| it.stamp.phase = Phase::Installing), None);
        assert_eq!(interrupted, "an installation into it was interrupted");
        let surplus = why(made(|it| it.stamp.items.extend([("./old".to_owned(), String::new())])), None);
        assert_eq!(surplus, "`./old` no longer belongs in it");
    }
}
