//! Wheels made for tests, honest ones and others.

use std::io::{Cursor, Write as _};

use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::fetch::encoding::base64_url_safe;

/// A wheel with `RECORD` made at last, unless it has one.
pub struct Wheel {
    project: String,
    version: String,
    pub files: Vec<(String, Vec<u8>)>,
    /// Lines of `RECORD` beside those that are right.
    pub further_rows: Vec<String>,
    /// Files that are left out of `RECORD`.
    pub unlisted: Vec<String>,
}

impl Wheel {
    /// A pip that does nothing.
    pub fn pip(version: &str) -> Self {
        let programs = "[console_scripts]\npip = pip:main\npip3 = pip:main\n";
        Self::of("pip", version)
            .file("pip/__init__.py", &format!("__version__ = '{version}'\n"))
            .info("entry_points.txt", programs)
    }

    pub fn of(project: &str, version: &str) -> Self {
        let project_ = project.to_owned();
        let empty = Self {
            project: project_,
            version: version.to_owned(),
            files: vec![],
            further_rows: vec![],
            unlisted: vec![],
        };
        let metadata = format!("Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n");
        empty
            .info("METADATA", &metadata)
            .info("WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    }

    pub fn dist_info(&self) -> String {
        format!("{}-{}.dist-info", self.project, self.version)
    }

    pub fn file(mut self, path: &str, content: &str) -> Self {
        self.files.retain(|(name, _)| name != path);
        self.files.push((path.to_owned(), content.into()));
        self
    }

    pub fn info(self, name: &str, content: &str) -> Self {
        let path = format!("{}/{name}", self.dist_info());
        self.file(&path, content)
    }

    pub fn without(mut self, name: &str) -> Self {
        let path = format!("{}/{name}", self.dist_info());
        self.files.retain(|(it, _)| *it != path);
        self
    }

    pub fn record(&self) -> String {
        let listed = self.files.iter().filter(|(path, _)| !self.unlisted.contains(path));
        let row = |(path, content): &(String, Vec<u8>)| {
            format!("{path},sha256={},{}\n", base64_url_safe(&Sha256::digest(content)), content.len())
        };
        let rows: String = listed.map(row).chain(self.further_rows.iter().cloned()).collect();
        format!("{rows}{}/RECORD,,\n", self.dist_info())
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let record = (format!("{}/RECORD", self.dist_info()), self.record().into_bytes());
        let own = self.files.iter().any(|(path, _)| *path == record.0);
        for (path, content) in self.files.iter().chain((!own).then_some(&record)) {
            writer.start_file(path.as_str(), SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}
