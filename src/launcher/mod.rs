//! The launcher that a repository carries: a shell script that becomes the `prime` of one version, and fetches it first
//! where it is not there yet.
//!
//! The script is `launcher.sh`; what varies in it (version, index, sha256 and name of each wheel) is filled in here, read
//! back, and replaced line by line, so that whatever else somebody changed in it stays. [`wheel`] makes the wheels that it
//! fetches, [`store`] puts a binary where it looks.
//!
//! The version in a launcher is the identity of a binary: `prime-<version>` in the cache is believed to be that, because
//! nothing gets there but what a launcher has verified and what the user has run `prime init` with. The index in it is what `prime init` found where nobody had set one; it is asked last.

use std::str::FromStr as _;
use std::sync::LazyLock;

use pep440_rs::Version;

use crate::fetch::index::IndexFile;
use crate::fetch::wheel::{Platform, WheelName};

pub mod store;
#[cfg(test)]
mod tests;
pub mod wheel;

/// The distribution by whose name package indexes and environments know `prime`.
pub const DISTRIBUTION: &str = "prime-bootstrap";

/// The version of this binary.
pub static OWN_VERSION: LazyLock<Version> =
    LazyLock::new(|| Version::from_str(env!("CARGO_PKG_VERSION")).unwrap_or_else(|_| Version::new([0])));

const TEMPLATE: &str = include_str!("launcher.sh");
const MARK: &str = "# The launcher of this repository";
const VERSION: &str = "prime_version='";
const INDEX: &str = "prime_index='";
const PINS: &str = "prime_pins='";
const END: &str = "'";

/// A wheel that may be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its SHA-256, in lower case.
    pub sha256: String,
    /// Its file name, which says for which platform it is.
    pub file: String,
}

impl Pin {
    /// The systems and processors that it is for, whatever else they must have: `linux_x86_64`.
    fn machines(&self) -> Option<Vec<String>> {
        let machine = |tag: &String| {
            let system = if tag.contains("linux") { "linux" } else { tag.split('_').next().unwrap_or_default() };
            // The processor's name may have a `_` itself.
            let processor = ["x86_64", "ppc64_le"].into_iter().find(|name| tag.ends_with(name));
            format!("{system}_{}", processor.or(tag.rsplit('_').next()).unwrap_or_default())
        };
        Some(WheelName::parse(&self.file)?.platforms.iter().map(machine).collect())
    }
}

/// What varies in a launcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// The version that it starts.
    pub version: String,
    /// The index that it asks where none is set; empty where it knows none.
    pub index: String,
    /// The wheels of that version.
    pub pins: Vec<Pin>,
}

impl Launcher {
    /// Reads a launcher; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.lines().nth(1)?.starts_with(MARK) {
            return None;
        }
        let value = |start: &str| text.lines().find_map(|line| line.strip_prefix(start)?.strip_suffix(END));
        let block = text.lines().skip_while(|line| *line != PINS).skip(1).take_while(|line| *line != END);
        let pin = |line: &str| {
            let (sha256, file) = line.split_once(' ')?;
            Some(Pin { sha256: sha256.to_owned(), file: file.trim().to_owned() })
        };
        Some(Self {
            version: value(VERSION)?.to_owned(),
            index: value(INDEX).unwrap_or_default().to_owned(),
            pins: block.filter_map(pin).collect(),
        })
    }

    /// The whole script.
    pub fn text(&self) -> String {
        let text = TEMPLATE.replace("@PROJECT@", DISTRIBUTION).replace("@INDEX@", &self.index);
        self.repin(&text)
    }

    /// Whether a wheel here is for the system and the processor of that one.
    pub fn covers(&self, other: &Pin) -> bool {
        let Some(wanted) = other.machines() else { return true };
        let all: Vec<String> = self.pins.iter().filter_map(Pin::machines).flatten().collect();
        wanted.iter().all(|machine| all.contains(machine))
    }

    /// The script `text` with the version and the wheels of this launcher in place of its own; every other line stays.
    pub fn repin(&self, text: &str) -> String {
        let mut lines = Vec::new();
        let mut among_pins = false;
        for line in text.lines() {
            among_pins &= line != END;
            match line {
                _ if among_pins => continue,
                line if line.starts_with(VERSION) => lines.push(format!("{VERSION}{}{END}", self.version)),
                line => lines.push(line.to_owned()),
            }
            if line == PINS {
                among_pins = true;
                lines.extend(self.pins.iter().map(|pin| format!("{}  {}", pin.sha256, pin.file)));
            }
        }
        lines.join("\n") + "\n"
    }
}

/// The wheels of a version among the files of an index, each with the digest that the index tells; those without one and
/// those that were withdrawn are none.
pub fn pins(files: &[IndexFile], version: &Version) -> Vec<Pin> {
    let pin = |file: &IndexFile| {
        let name =
            WheelName::parse(&file.name).filter(|name| name.project == DISTRIBUTION && name.version == *version)?;
        let is_known = name.platforms.iter().any(|tag| tag.contains("linux") || tag.starts_with("macosx"));
        let sha256 = file.sha256.clone().filter(|_| is_known && !file.yanked)?;
        Some(Pin { sha256, file: file.name.clone() })
    };
    let mut pins: Vec<Pin> = files.iter().filter_map(pin).collect();
    pins.sort_by(|one, other| one.file.cmp(&other.file));
    pins.dedup();
    pins
}

/// Whether one of the wheels is for this platform.
pub fn has_platform(pins: &[Pin], platform: &Platform) -> bool {
    pins.iter().filter_map(|pin| WheelName::parse(&pin.file)).any(|name| name.rank_on(platform).is_some())
}
