//! Why pip found nothing.
//!
//! pip takes an index that refuses it for one that has nothing, and one that has no such project for one that has nothing
//! for this python: all end in "no matching distribution". Which it was decides the exit code, the cause and the remedy,
//! so the index is asked once more, by us.

use super::Run;
use super::tools::index_settings;
use crate::config::Settings;
use crate::error::{Code, Fault, Kind, kind_of};
use crate::fetch::index::Lookup;
use crate::venv::diagnose::NO_SUCH_PROJECT;
use crate::venv::obtain::look_up;

/// The same error, under the reason that the index gives.
pub fn explain(run: &Run<'_>, settings: &Settings, error: anyhow::Error) -> anyhow::Error {
    let text = format!("{error:#}");
    let Some(project) = not_found(&text).filter(|_| kind_of(&error) == Kind::Config) else { return error };
    let lookup = index_settings(run, settings, None).and_then(|index| look_up(&index, &project));
    match lookup {
        Ok(Lookup::Refused(fault)) => error.context(fault),
        Ok(Lookup::Files(files)) if files.is_empty() => error.context(no_such(&project)),
        Ok(Lookup::Files(_) | Lookup::NotUnderstood(_)) => error,
        Err(reason) if !matches!(kind_of(&reason), Kind::Unavailable | Kind::NotAllowed) => error,
        Err(reason) => {
            let fault = Fault::like(&reason, reason.to_string());
            error.context(fault)
        }
    }
}

fn no_such(project: &str) -> Fault {
    Fault::of(Code::NoSuchProject, format!("no index has a project `{project}`")).hint(NO_SUCH_PROJECT)
}

/// The project that pip says has no distribution at all.
fn not_found(text: &str) -> Option<String> {
    let (_, rest) =
        text.contains("(from versions: none)").then_some(text)?.split_once("No matching distribution found for ")?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_in_what_pip_says() {
        let said = "ERROR: Could not find a version (from versions: none)\nERROR: No matching distribution found for a-b.c>=1\n";
        assert_eq!(not_found(said).as_deref(), Some("a-b.c"));
        assert_eq!(not_found("(from versions: 1.0)\nNo matching distribution found for x"), None);
        assert_eq!(not_found("something else"), None);
    }
}
