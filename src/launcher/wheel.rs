//! The wheel of `prime`: made by `examples/wheel` from a binary, installed by pip and uv, taken apart by the launcher.
//!
//! The binary is the first member and stored uncompressed. So the header at the very beginning of the file tells where it
//! begins and how long it is, and a shell script takes it out with `od`, `tail` and `head`: `unzip` is not everywhere.
//! The same binary gives the same wheel, byte for byte.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::str::FromStr as _;

use anyhow::Context as _;
use pep440_rs::Version;
use sha2::{Digest as _, Sha256};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::DISTRIBUTION;
use crate::error::{Fault, Kind, Result};
use crate::fetch::encoding::base64_url_safe;

/// A wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wheel {
    /// Its file name.
    pub file_name: String,
    /// What is in the file.
    pub content: Vec<u8>,
}

/// The wheel of a binary of this version, which is of the form of `--version`. What it runs on, the binary itself tells.
///
/// Fails with [`Kind::Data`] where the binary is of no platform that is known.
pub fn build(binary: &[u8], version: &str) -> Result<Wheel> {
    let tags = platform_tags(binary).ok_or_else(|| Fault::new(Kind::Data, "it is no program of a known platform"))?;
    let version = Version::from_str(version).map_err(|error| Fault::new(Kind::Data, error.to_string()))?;
    let stem = format!("{}-{version}", DISTRIBUTION.replace('-', "_"));
    let content = archive(&members(&stem, &version.to_string(), &tags, binary)).context("cannot write the wheel")?;
    Ok(Wheel { file_name: format!("{stem}-py3-none-{}.whl", tags.join(".")), content })
}

/// A member: its path, its content, whether it is a program.
type Member<'a> = (String, std::borrow::Cow<'a, [u8]>, bool);

fn members<'a>(stem: &str, version: &str, tags: &[String], binary: &'a [u8]) -> Vec<Member<'a>> {
    let info = |name: &str| format!("{stem}.dist-info/{name}");
    let metadata = format!(
        "Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: {version}\nSummary: {}\nLicense: {}\n",
        env!("CARGO_PKG_DESCRIPTION"),
        env!("CARGO_PKG_LICENSE"),
    );
    let mut wheel = "Wheel-Version: 1.0\nGenerator: prime\nRoot-Is-Purelib: false\n".to_owned();
    for tag in tags {
        let _ = writeln!(wheel, "Tag: py3-none-{tag}");
    }
    let mut members: Vec<Member<'a>> = vec![
        (format!("{stem}.data/scripts/prime"), binary.into(), true),
        (info("METADATA"), metadata.into_bytes().into(), false),
        (info("WHEEL"), wheel.into_bytes().into(), false),
    ];
    let mut record = String::new();
    for (path, content, _) in &members {
        let digest = base64_url_safe(&Sha256::digest(content));
        let _ = writeln!(record, "{path},sha256={digest},{}", content.len());
    }
    let path = info("RECORD");
    let _ = writeln!(record, "{path},,");
    members.push((path, record.into_bytes().into(), false));
    members
}

fn archive(members: &[Member<'_>]) -> Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content, is_program) in members {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(if *is_program { 0o755 } else { 0o644 });
        writer.start_file(path.as_str(), options)?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// The tags of the platforms that a program runs on, by its header. A static one runs on every Linux of its architecture;
/// one that is linked to the libraries of the machine it was built on, on such machines, which no index but one's own takes.
fn platform_tags(binary: &[u8]) -> Option<Vec<String>> {
    match binary.get(..4)? {
        b"\x7fELF" => linux_tags(binary),
        // Mach-O of 64 bits, little endian; then the type of processor.
        b"\xcf\xfa\xed\xfe" => match number(binary, 4, 4)? {
            0x0100_000c => Some(vec!["macosx_11_0_arm64".to_owned()]),
            0x0100_0007 => Some(vec!["macosx_10_12_x86_64".to_owned()]),
            _ => None,
        },
        _ => None,
    }
}

fn linux_tags(binary: &[u8]) -> Option<Vec<String>> {
    const INTERPRETER: u64 = 3;
    let arch = match number(binary, 18, 2)? {
        3 => "i686",
        40 => "armv7l",
        62 => "x86_64",
        183 => "aarch64",
        243 => "riscv64",
        _ => return None,
    };
    let wide = binary.get(4)? == &2;
    let (table, table_width) = if wide { (32, 8) } else { (28, 4) };
    let (size, count) = if wide { (54, 56) } else { (42, 44) };
    let table = usize::try_from(number(binary, table, table_width)?).ok()?;
    let size = usize::try_from(number(binary, size, 2)?).ok()?;
    let count = usize::try_from(number(binary, count, 2)?).ok()?;
    let mut kinds = (0..count).map(|index| number(binary, table + index * size, 4));
    if kinds.any(|kind| kind == Some(INTERPRETER)) {
        return Some(vec![format!("linux_{arch}")]);
    }
    Some(["manylinux_2_17", "manylinux2014", "musllinux_1_1"].map(|tag| format!("{tag}_{arch}")).to_vec())
}

/// A number of so many bytes, the lowest first.
fn number(binary: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = binary.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}
