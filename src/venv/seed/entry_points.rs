//! The programs that a wheel brings: `entry_points.txt`, and what pip makes of it for pip and setuptools.
//!
//! Source: the "Entry points" specification of packaging.python.org, and pip's `get_console_script_specs`: a wheel serves
//! many versions of Python, so the names with a version in them are those of the environment and not those of the wheel.

use serde::{Deserialize, Serialize};

/// A program and what it calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPoint {
    /// The name of the program.
    pub name: String,
    /// The module.
    pub module: String,
    /// What is called in it.
    pub function: String,
}

/// The programs of an `entry_points.txt`. The error is what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<EntryPoint>, String> {
    let mut found = Vec::new();
    let mut in_scripts = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            in_scripts = ["console_scripts", "gui_scripts"].contains(&section.trim());
        } else if in_scripts {
            let entry_point =
                parse_line(line).ok_or_else(|| format!("its entry point `{}` is none", line.escape_debug()))?;
            check_name(&entry_point.name)?;
            found.push(entry_point);
        }
    }
    Ok(found)
}

/// `pip = pip._internal.cli.main:main`, perhaps with extras behind it. What stands there gets into a program's text, so
/// nothing but names may.
fn parse_line(line: &str) -> Option<EntryPoint> {
    let (name, value) = line.split_once('=')?;
    let (module, function) = value.split('[').next()?.split_once(':')?;
    let (module, function) = (module.trim(), function.trim());
    let is_name = |part: &str| {
        part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && part.starts_with(|c: char| !c.is_ascii_digit())
    };
    let dotted = [module, function].iter().all(|it| it.split('.').all(is_name));
    dotted.then(|| EntryPoint {
        name: name.trim().to_owned(),
        module: module.to_owned(),
        function: function.to_owned(),
    })
}

/// A program must be a plain file beside the environment's own, and none of them.
fn check_name(name: &str) -> Result<(), String> {
    let shown = name.escape_debug();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    if name.is_empty() || name.starts_with(['.', '-']) || !name.chars().all(is_plain) {
        return Err(format!("its entry point `{shown}` has no name of a program"));
    }
    if is_of_environment(name) {
        return Err(format!("its entry point `{shown}` has the name of a program of the environment"));
    }
    Ok(())
}

/// Whether a name in `bin` is one of an interpreter or of an activation script, in whatever case: there are file systems
/// that do not tell.
pub(super) fn is_of_environment(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["python", "pypy", "activate", "deactivate"].iter().any(|start| name.starts_with(start))
}

/// Whether a program is one that pip makes for this project, whoever made the one that is there: it may be overwritten.
pub(super) fn is_own(name: &str, project: &str) -> bool {
    match project {
        "pip" => is_versioned(name, "pip", ""),
        "setuptools" => is_versioned(name, "easy_install", "-"),
        _ => false,
    }
}

/// The programs that pip makes of these: in place of those of pip and setuptools that have a version in their name, those
/// with the version of the environment's Python.
pub(super) fn programs(entry_points: &[EntryPoint], (major, minor): (u64, u64)) -> Vec<EntryPoint> {
    let mut programs = Vec::new();
    let mut rest: Vec<&EntryPoint> = entry_points.iter().collect();
    let special = [
        ("pip", "", vec!["pip".to_owned(), format!("pip{major}"), format!("pip{major}.{minor}")]),
        ("easy_install", "-", vec!["easy_install".to_owned(), format!("easy_install-{major}.{minor}")]),
    ];
    for (name, separator, names) in special {
        if let Some(plain) = entry_points.iter().find(|it| it.name == name) {
            programs.extend(names.into_iter().map(|name| EntryPoint { name, ..plain.clone() }));
            rest.retain(|it| !is_versioned(&it.name, name, separator));
        }
    }
    programs.extend(rest.into_iter().cloned());
    programs
}

/// `pip`, `pip3`, `pip3.12`; with a separator `easy_install`, `easy_install-3.12`.
fn is_versioned(name: &str, stem: &str, separator: &str) -> bool {
    let Some(version) = name.strip_prefix(stem) else { return false };
    let version = if version.is_empty() { "" } else { version.strip_prefix(separator).unwrap_or("x") };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    version.is_empty() || (version.split('.').all(is_number) && version.split('.').count() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let found = programs(&parse(text).unwrap(), (3, 13));
        found.into_iter().map(|it| it.name).collect()
    }

    #[test]
    fn the_names_with_a_version_are_those_of_the_environment() {
        let pip = "[console_scripts]\npip = a.b:main\npip3 = a.b:main\npip3.9=a.b:main\nother = c:d.e [extra]\n";
        assert_eq!(names(pip), ["pip", "pip3", "pip3.13", "other"]);
        let setuptools =
            "[console_scripts]\neasy_install = a:b\neasy_install-3.8 = a:b\n\n[distutils.commands]\nx = y\n";
        assert_eq!(names(setuptools), ["easy_install", "easy_install-3.13"]);
        assert_eq!(names("[x]\npip = a:b\n"), [""; 0]);
    }

    #[test]
    fn a_name_that_is_no_program_or_one_of_the_environment_is_refused() {
        for line in [
            "../x = a:b",
            "a/b = a:b",
            "a\\b = a:b",
            "= a:b",
            ". = a:b",
            "a b = a:b",
            "python = a:b",
            "Python3 = a:b",
            "python3.12 = a:b",
            "activate = a:b",
            "Activate.ps1 = a:b",
            "activate_this.py = a:b",
            "deactivate = a:b",
            "x = a",
            "x = a:b;import os",
            "x = a.:b",
            "x = a:1b",
            "x",
            "-x = a:b",
        ] {
            assert!(parse(&format!("[console_scripts]\n{line}\n")).is_err(), "{line}");
            assert!(parse(&format!("[gui_scripts]\n{line}\n")).is_err(), "{line}");
        }
    }

    #[test]
    fn programs_of_pip_are_told_from_others() {
        for (name, project, expected) in [
            ("pip", "pip", true),
            ("pip3", "pip", true),
            ("pip3.13", "pip", true),
            ("pipx", "pip", false),
            ("pip3.1.2", "pip", false),
            ("pip-3", "pip", false),
            ("easy_install-3.8", "setuptools", true),
            ("easy_install3", "setuptools", false),
            ("pip", "setuptools", false),
        ] {
            assert_eq!(is_own(name, project), expected, "{name}");
        }
    }
}
