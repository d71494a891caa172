//! The lock of a script: the file beside it whose name has `.lock` behind the script's, in the form of PEP 751.
//!
//! What stands in it is handed to uv as it is, with absolute paths, and to pip as a requirements file with digests. The
//! lock that `prime` wrote names the metadata that it was made of in `[tool.prime]`, and holds for no other; one that was
//! made by somebody else holds as it is.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::write::{self, inline, quoted};
use crate::config::document::{Document, Format, Node, Source, Value, ValueType};
use crate::config::leap::{Origin, Setting};
use crate::error::{Fault, Kind};

/// The keys under which a lock has the digest of the metadata it was made of.
const DIGEST: [&str; 3] = ["tool", "prime", "script"];

/// A lock as it lies there, not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    /// The file.
    pub source: Arc<Source>,
    /// What it has in it.
    pub content: Vec<u8>,
}

/// What a lock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The same as TOML, with absolute paths.
    pub pylock: String,
    /// The same as a requirements file with digests; the error names what has none.
    pub requirements: Result<String, String>,
    /// The python it is for.
    pub requires_python: Option<Setting<String>>,
    /// Whether nothing is locked.
    pub is_empty: bool,
    /// The digest of the metadata that it was made of, where that is known.
    digest: Option<String>,
}

impl LockFile {
    /// Reads it. Fails with [`Kind::Config`] where it is no lock of a form that is understood.
    pub fn read(&self) -> Result<Lock, Fault> {
        let document = Document::parse(self.source.clone(), Format::Toml, &self.content);
        let document = document.map_err(|fault| fault.hint(self.remedy()))?;
        let root = &document.root;
        self.check_form(root)?;
        let Value::Table(entries) = &root.value else { return Err(self.no_lock()) };
        let absolute = write::with_absolute_paths(root, self.dir());
        let packages = self.packages(&absolute)?;
        let requires_python = entries.iter().find(|entry| entry.key == "requires-python");
        let requires_python = requires_python.and_then(|entry| {
            let origin = Origin::RequiresPython { source: self.source.clone(), line: entry.position.line };
            Some(Setting::new(entry.node.as_str()?.to_owned(), origin))
        });
        Ok(Lock {
            pylock: as_toml(&absolute, packages),
            requirements: requirements(packages),
            requires_python,
            is_empty: packages.is_empty(),
            digest: root.at(&DIGEST).and_then(Node::as_str).map(str::to_owned),
        })
    }

    /// Fails with [`Kind::Config`] where the lock was made of other metadata than this digest stands for.
    pub fn check(&self, lock: &Lock, digest: &str) -> Result<(), Fault> {
        if lock.digest.as_deref().is_none_or(|known| known == digest) {
            return Ok(());
        }
        let (lock, script) = (&self.source.name, self.script());
        let message = format!("`{lock}` was made of other metadata than `{script}` has now");
        Err(Fault::new(Kind::Config, message).hint(format!("make it anew with `prime script --lock {script}`")))
    }

    /// Whether its paths, as they are written, mean something else in another directory.
    pub fn may_have_paths(&self) -> bool {
        memchr::memmem::find(&self.content, b"path").is_some()
    }

    /// The directory it lies in.
    pub fn dir(&self) -> &Path {
        self.source.path.parent().unwrap_or(Path::new("/"))
    }

    fn script(&self) -> &str {
        self.source.name.strip_suffix(".lock").unwrap_or(&self.source.name)
    }

    fn remedy(&self) -> String {
        format!("move it away, then make one with `prime script --lock {}`", self.script())
    }

    fn no_lock(&self) -> Fault {
        let message = format!("`{}` is no lock in the form of PEP 751: it has no `lock-version`", self.source.name);
        Fault::new(Kind::Config, message).hint(self.remedy())
    }

    fn check_form(&self, root: &Node) -> Result<(), Fault> {
        match root.entry("lock-version").map(|entry| &entry.node) {
            Some(Node { value: Value::String(version), .. }) if version.starts_with("1.") => Ok(()),
            Some(node) => {
                let (place, found) = (self.source.place(node.position), inline(node));
                let message = format!("`lock-version` in {place} is {found}, and only 1.x is understood");
                Err(Fault::new(Kind::Config, message).hint(self.remedy()))
            }
            None if root.entry("version").is_some() && root.entry("requires-python").is_some() => {
                let message = format!(
                    "`{}` is a lock in uv's own form, and only that of PEP 751 is understood",
                    self.source.name
                );
                let hint = format!("{}; or keep it and use `uv run --script {}`", self.remedy(), self.script());
                Err(Fault::new(Kind::Config, message).hint(hint))
            }
            None => Err(self.no_lock()),
        }
    }

    fn packages<'n>(&self, root: &'n Node) -> Result<&'n [Node], Fault> {
        let Some(entry) = root.entry("packages") else { return Ok(&[]) };
        let wrong = |name: &str, node: &Node, expected| {
            super::complain::wrong_type(&self.source, Format::Toml, name, node, expected)
        };
        let Value::Array(packages) = &entry.node.value else {
            return Err(wrong("packages", &entry.node, ValueType::Array));
        };
        for package in packages {
            let name = package.entry("name").map(|entry| &entry.node).filter(|name| name.as_str().is_some());
            if name.is_none() {
                return Err(wrong("packages.name", package, ValueType::String));
            }
        }
        Ok(packages)
    }
}

/// Each value in a line, each package with a heading.
fn as_toml(root: &Node, packages: &[Node]) -> String {
    let Value::Table(entries) = &root.value else { return String::new() };
    let mut text = String::new();
    for entry in entries.iter().filter(|entry| entry.key != "packages") {
        let _ = writeln!(text, "{} = {}", quoted(&entry.key), inline(&entry.node));
    }
    for package in packages {
        let Value::Table(entries) = &package.value else { continue };
        text.push_str("\n[[packages]]\n");
        for entry in entries {
            let _ = writeln!(text, "{} = {}", quoted(&entry.key), inline(&entry.node));
        }
    }
    text
}

fn requirements(packages: &[Node]) -> Result<String, String> {
    let lines = packages.iter().map(requirement).collect::<Result<Vec<_>, _>>()?;
    Ok(lines.concat())
}

/// A line for pip: the version, when it is wanted, and all the digests it may have.
fn requirement(package: &Node) -> Result<String, String> {
    let text = |keys: &[&str]| package.at(keys).and_then(Node::as_str);
    let name = text(&["name"]).unwrap_or_default();
    let what = match (text(&["version"]), text(&["archive", "url"]), text(&["archive", "path"])) {
        (_, Some(url), _) => format!("{name} @ {url}"),
        (_, None, Some(path)) => format!("{name} @ file://{path}"),
        (Some(version), None, None) => format!("{name}=={version}"),
        (None, None, None) => return Err(name.to_owned()),
    };
    let wheels = match package.entry("wheels").map(|entry| &entry.node.value) {
        Some(Value::Array(wheels)) => wheels.as_slice(),
        _ => &[],
    };
    let others = ["sdist", "archive"].into_iter().filter_map(|key| package.at(&[key]));
    let digests = wheels.iter().chain(others).map(|file| file.at(&["hashes", "sha256"]).and_then(Node::as_str));
    let digests: Option<Vec<&str>> = digests.collect();
    let digests = digests.filter(|digests| !digests.is_empty()).ok_or_else(|| name.to_owned())?;
    let marker = text(&["marker"]).map(|marker| format!(" ; {marker}")).unwrap_or_default();
    let line = format!("{what}{marker} --hash=sha256:{}", digests.join(" --hash=sha256:"));
    // Nothing of it may be a line of its own to pip.
    if line.contains(|c: char| c.is_control()) { Err(name.to_owned()) } else { Ok(line + "\n") }
}

/// The text of a lock that was made of metadata with this digest.
pub fn signed(pylock: &str, digest: &str) -> String {
    format!("# Made by `prime script --lock`.\n{}\n\n[tool.prime]\nscript = {}\n", pylock.trim_end(), quoted(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> LockFile {
        let source = Arc::new(Source { path: "/d/x.py.lock".into(), name: "x.py.lock".to_owned() });
        LockFile { source, content: text.as_bytes().to_vec() }
    }

    const HEAD: &str = "lock-version = '1.0'\nrequires-python = '>=3.9'\n";

    #[test]
    fn a_lock_is_the_same_to_both_tools() {
        let wheels = "wheels = [{ url = 'https://h/a.whl', upload-time = 2026-01-02T03:04:05Z, hashes = { sha256 = 'ab' } },\n\
                      { url = 'https://h/b.whl', hashes = { sha256 = 'cd' } }]";
        let text = format!(
            "{HEAD}[[packages]]\nname = 'a'\nversion = '1'\nmarker = \"os_name == 'nt'\"\n{wheels}\n\
             sdist = {{ path = 's/a.tar.gz', hashes = {{ sha256 = 'ef' }} }}\n\
             [[packages]]\nname = 'b'\narchive = {{ url = 'https://h/b.zip', hashes = {{ sha256 = '01' }} }}\n"
        );
        let lock = file(&text).read().unwrap();
        let expected = "a==1 ; os_name == 'nt' --hash=sha256:ab --hash=sha256:cd --hash=sha256:ef\n\
                        b @ https://h/b.zip --hash=sha256:01\n";
        assert_eq!(lock.requirements.as_deref(), Ok(expected));
        let again: toml::Table = toml::from_str(&lock.pylock).unwrap();
        assert_eq!(again["packages"][0]["sdist"]["path"].as_str(), Some("/d/s/a.tar.gz"));
        assert!(lock.pylock.contains("\"upload-time\" = 2026-01-02T03:04:05Z"), "{}", lock.pylock);
        let origin = lock.requires_python.unwrap().origin.to_string();
        assert_eq!((lock.is_empty, origin.as_str()), (false, "`requires-python` in `x.py.lock` line 2"));
    }

    #[test]
    fn what_has_no_digest_is_named() {
        for package in [
            "directory = { path = 'p' }",
            "version = '1'\nvcs = { type = 'git', url = 'https://h/r', commit-id = 'ab' }",
            "version = '1'\nwheels = [{ url = 'https://h/a.whl', hashes = { md5 = 'ab' } }]",
            "version = '1'",
            "version = \"1\\n--index-url=https://evil\"\nsdist = { url = 'u', hashes = { sha256 = 'ab' } }",
        ] {
            let lock = file(&format!("{HEAD}[[packages]]\nname = 'a'\n{package}\n")).read().unwrap();
            assert_eq!(lock.requirements, Err("a".to_owned()), "{package}");
        }
    }

    #[test]
    fn what_is_no_lock_is_told_with_its_place() {
        for (text, expected) in [
            ("a = [", "`x.py.lock` line 1, column 6 is not TOML: "),
            ("x = 1", "`x.py.lock` is no lock in the form of PEP 751: it has no `lock-version`"),
            ("version = 1\nrequires-python = '>=3'\n", "`x.py.lock` is a lock in uv's own form, and only "),
            ("lock-version = '2.0'", "`lock-version` in `x.py.lock` line 1 is \"2.0\", and only 1.x is understood"),
            ("lock-version = '1.0'\npackages = 3", "`packages` in `x.py.lock` line 2 is a number, expected an array"),
        ] {
            let fault = file(text).read().unwrap_err();
            assert!(fault.message.starts_with(expected), "{}", fault.message);
        }
    }

    #[test]
    fn a_lock_holds_for_the_metadata_that_it_names() {
        for (text, holds) in [(signed(HEAD, "ab"), true), (signed(HEAD, "cd"), false), (HEAD.to_owned(), true)] {
            let file = file(&text);
            assert_eq!(file.check(&file.read().unwrap(), "ab").is_ok(), holds);
        }
    }
}
