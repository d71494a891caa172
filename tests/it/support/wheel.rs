//! Wheels, made in memory, with a correct RECORD.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::encoding::{record_hash, sha256};

/// The backend of the tests' projects.
pub const TINYBACKEND: &str = include_str!("tinybackend.py");

/// The mode of a symbolic link.
const LINK: u32 = 0o120_777;

/// A file that an index serves.
#[derive(Clone, Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub filename: String,
    pub content: Vec<u8>,
    pub sha256: String,
    pub requires_python: Option<String>,
}

/// A wheel being described.
pub struct Wheel {
    name: String,
    version: String,
    tag: String,
    files: Vec<(String, Vec<u8>, u32)>,
    scripts: Vec<(String, String)>,
    requires: Vec<String>,
    requires_python: Option<String>,
    misrecorded: String,
}

impl Wheel {
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            tag: "py3-none-any".to_owned(),
            files: Vec::new(),
            scripts: Vec::new(),
            requires: Vec::new(),
            requires_python: None,
            misrecorded: String::new(),
        }
    }

    /// A file that the RECORD has with the size and digest of another content.
    pub fn misrecorded(mut self, path: &str, content: &str, recorded: &str) -> Self {
        self.misrecorded = format!("{path},sha256={},{}\n", record_hash(recorded.as_bytes()), recorded.len());
        self.file(path, content)
    }

    /// The compatibility tag, `py3-none-any` unless told.
    pub fn tag(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.tag);
        self
    }

    /// A file, as a path in the wheel.
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.to_owned(), content.into(), 0o644));
        self
    }

    /// An executable that the installer puts into the environment's `bin` as it is.
    pub fn program(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        let path = format!("{}.data/scripts/{name}", self.stem());
        self.files.push((path, content.into(), 0o755));
        self
    }

    /// A member that is a symbolic link.
    pub fn link(mut self, path: &str, target: &str) -> Self {
        self.files.push((path.to_owned(), target.into(), LINK));
        self
    }

    /// A console script: `module:function`.
    pub fn script(mut self, name: &str, target: &str) -> Self {
        self.scripts.push((name.to_owned(), target.to_owned()));
        self
    }

    /// A dependency.
    pub fn requires(mut self, requirement: &str) -> Self {
        self.requires.push(requirement.to_owned());
        self
    }

    pub fn requires_python(mut self, specifier: &str) -> Self {
        self.requires_python = Some(specifier.to_owned());
        self
    }

    /// The wheel.
    pub fn build(mut self) -> Package {
        let info = format!("{}.dist-info", self.stem());
        let metadata = self.metadata();
        self = self.file(&format!("{info}/METADATA"), metadata);
        let wheel = format!("Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {}\n", self.tag);
        self = self.file(&format!("{info}/WHEEL"), wheel);
        if !self.scripts.is_empty() {
            let lines: Vec<_> = self.scripts.iter().map(|(name, target)| format!("{name} = {target}\n")).collect();
            self = self.file(&format!("{info}/entry_points.txt"), format!("[console_scripts]\n{}", lines.concat()));
        }
        let record = self.record(&info);
        self = self.file(&format!("{info}/RECORD"), record);
        let content = self.archive();
        self.package(content)
    }

    /// The wheel that was built earlier and kept.
    pub fn package(self, content: Vec<u8>) -> Package {
        let filename = format!("{}-{}.whl", self.stem(), self.tag);
        let sha256 = sha256(&content);
        let Self { name, version, requires_python, .. } = self;
        Package { name, version, filename, content, sha256, requires_python }
    }

    fn stem(&self) -> String {
        format!("{}-{}", self.name.replace(['-', '.'], "_").to_lowercase(), self.version)
    }

    fn metadata(&self) -> String {
        let mut text = format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", self.name, self.version);
        if let Some(specifier) = &self.requires_python {
            let _ = writeln!(text, "Requires-Python: {specifier}");
        }
        for requirement in &self.requires {
            let _ = writeln!(text, "Requires-Dist: {requirement}");
        }
        text
    }

    fn record(&self, info: &str) -> String {
        let entries = self.files.iter().map(|(path, content, _)| {
            let is_wrong = self.misrecorded.split(',').next() == Some(path);
            let right = || format!("{path},sha256={},{}\n", record_hash(content), content.len());
            if is_wrong { self.misrecorded.clone() } else { right() }
        });
        entries.collect::<String>() + &format!("{info}/RECORD,,\n")
    }

    fn archive(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, content, mode) in &self.files {
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .compression_level(Some(1))
                .unix_permissions(*mode & 0o777);
            if *mode == LINK {
                writer.add_symlink(path.as_str(), String::from_utf8_lossy(content), options).unwrap();
                continue;
            }
            writer.start_file(path.as_str(), options).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}

/// The build backend that the tests' projects name in `[build-system]`.
pub fn tinybackend() -> Package {
    Wheel::new("tinybackend", "1.0").file("tinybackend.py", TINYBACKEND).build()
}
