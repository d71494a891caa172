//! The pins: which versions are installed, written where the next installation finds them as constraints.
//!
//! The file holds what `freeze --exclude-editable` of either tool would say, one way of writing for both: normalised
//! names, sorted. Tools that every environment may come with (pip and its kin) are pinned only where something needs them,
//! so that both drivers give the same file.

use std::path::Path;

use super::distribution::Distribution;
use super::input::sha256;
use crate::error::Result;
use crate::host::fs::{read_optional, write_if_changed};
use crate::python::package_name::is_valid;

/// What an environment may be seeded with; the list is that of pip's own `freeze`.
const SEEDS: [&str; 4] = ["distribute", "pip", "setuptools", "wheel"];

/// What became of the pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The file has just these pins already.
    Same,
    /// The file was written.
    Changed,
    /// The file holds more than pins (ranges, options, markers): a person wrote it, and it was left as it is.
    Kept,
}

/// The lines that pin these distributions.
pub fn lines(installed: &[Distribution]) -> Vec<String> {
    let is_seed = |name: &str| SEEDS.contains(&name);
    let others = || installed.iter().filter(|it| !is_seed(&it.name));
    let needed = |name: &str| others().any(|it| it.requires.iter().any(|required| required == name));
    let kept = installed.iter().filter(|it| !is_seed(&it.name) || needed(&it.name));
    let mut lines: Vec<String> = kept.filter_map(line).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// Writes the pins, whole or not at all. Comments at the top of the file stay.
pub fn write(path: &Path, lines: &[String]) -> Result<Written> {
    let present = read_optional(path)?.unwrap_or_default();
    let present = String::from_utf8_lossy(&present);
    if !is_pins(&present) {
        return Ok(Written::Kept);
    }
    let comments: Vec<&str> = present.lines().take_while(|line| line.trim_start().starts_with('#')).collect();
    let all = comments.into_iter().chain(lines.iter().map(String::as_str));
    let text: String = all.flat_map(|line| [line, "\n"]).collect();
    if text.is_empty() && present.is_empty() {
        return Ok(Written::Same);
    }
    Ok(if write_if_changed(path, text.as_bytes())? { Written::Changed } else { Written::Same })
}

/// A digest of what the pins say, comments and order apart; the same for no file and an empty one.
pub fn digest(path: &Path) -> Result<String> {
    let content = read_optional(path)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&content);
    let mut lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !is_comment(line)).collect();
    lines.sort_unstable();
    Ok(sha256(lines.join("\n").as_bytes()))
}

/// The digest of no pins at all.
pub fn digest_of_none() -> String {
    sha256(b"")
}

/// Whether a file holds nothing but pins, so that it is ours to write; one that is not there does.
pub fn are_ours(path: &Path) -> Result<bool> {
    Ok(is_pins(&String::from_utf8_lossy(&read_optional(path)?.unwrap_or_default())))
}

/// Whether every line is a pin, a comment or empty.
fn is_pins(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| is_comment(line) || is_pin(line))
}

fn is_comment(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}

fn is_pin(line: &str) -> bool {
    let name_end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(line.len());
    let (name, rest) = line.split_at(name_end);
    let rest = rest.trim_start();
    let version = rest.strip_prefix("==").map(str::trim);
    is_valid(name)
        && (rest.starts_with("@ ")
            || version.is_some_and(|version| !version.is_empty() && !version.contains([';', ',', ' ', '*', '='])))
}

fn line(distribution: &Distribution) -> Option<String> {
    let Distribution { name, version, source, .. } = distribution;
    let Some(source) = source else { return Some(format!("{name}=={version}")) };
    if source.dir_info.is_some() {
        // A directory has no version to hold on to, and its path means nothing elsewhere.
        return None;
    }
    let url = source.open_url();
    match &source.vcs_info {
        Some(info) => Some(format!("{name} @ {}+{url}@{}", info.vcs, info.commit_id)),
        None if url.starts_with("file:") => Some(format!("{name}=={version}")),
        None => Some(format!("{name} @ {url}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::distribution::{DirInfo, DirectUrl, VcsInfo};
    use super::*;

    fn distribution(name: &str, requires: &[&str], source: Option<DirectUrl>) -> Distribution {
        let requires = requires.iter().map(ToString::to_string).collect();
        Distribution { name: name.into(), version: "1.0".into(), requires, source, metadata_dir: "/".into() }
    }

    fn url(url: &str) -> DirectUrl {
        DirectUrl { url: url.into(), dir_info: None, vcs_info: None, archive_info: None }
    }

    #[test]
    fn projects_and_seeds_are_no_pins_and_no_secret_gets_in() {
        let editable = DirectUrl { dir_info: Some(DirInfo { editable: true }), ..url("file:///x") };
        let vcs = Some(VcsInfo { vcs: "git".into(), commit_id: "abc".into() });
        let git = DirectUrl { vcs_info: vcs.clone(), ..url("https://me:tok'en@host/r") };
        let ssh = DirectUrl { vcs_info: vcs, ..url("ssh://git:token@host/r") };
        let installed = [
            distribution("b", &["setuptools"], None),
            distribution("a", &[], Some(git)),
            distribution("by-ssh", &[], Some(ssh)),
            distribution("archive", &[], Some(url("https://me:tok en@host/ssh://x-1.0-py3-none-any.whl"))),
            distribution("here", &[], Some(editable)),
            distribution("pip", &[], None),
            distribution("setuptools", &["pip"], None),
            distribution("wheel-file", &[], Some(url("file:///x/wheel_file-1.0-py3-none-any.whl"))),
        ];
        let expected = [
            "a @ git+https://host/r@abc",
            "archive @ https://host/ssh://x-1.0-py3-none-any.whl",
            "b==1.0",
            "by-ssh @ git+ssh://git@host/r@abc",
            "setuptools==1.0",
            "wheel-file==1.0",
        ];
        assert_eq!(lines(&installed), expected);
    }

    #[test]
    fn a_file_is_written_only_when_it_changes_and_only_over_pins() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("constraints.txt");
        let pins = ["a==1".to_owned(), "b==2".to_owned()];
        assert_eq!(write(&path, &[]).unwrap(), Written::Same);
        assert!(are_ours(&path).unwrap());
        assert!(!path.exists());
        std::fs::write(&path, "# ours\nB==1\n").unwrap();
        assert_eq!(write(&path, &pins).unwrap(), Written::Changed);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "# ours\na==1\nb==2\n");
        assert_eq!(write(&path, &pins).unwrap(), Written::Same);
        for line in ["numpy<2", "a==1; python_version < '3.9'", "-r other.txt", "a==1.*", "a===1", "a>=1,==1"] {
            std::fs::write(&path, format!("{line}\n")).unwrap();
            assert_eq!(write(&path, &pins).unwrap(), Written::Kept, "{line}");
            assert!(!are_ours(&path).unwrap(), "{line}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{line}\n"));
        }
    }

    #[test]
    fn comments_and_order_do_not_change_the_digest() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (dir.path().join("one"), dir.path().join("other"));
        std::fs::write(&one, "# x\na==1\nb==2\n").unwrap();
        std::fs::write(&other, "b==2\n\na==1").unwrap();
        assert_eq!(digest(&one).unwrap(), digest(&other).unwrap());
        std::fs::write(&other, "b==2\n\na==2").unwrap();
        assert_ne!(digest(&one).unwrap(), digest(&other).unwrap());
        assert_eq!(digest(&dir.path().join("none")).unwrap(), sha256(b""));
    }
}
