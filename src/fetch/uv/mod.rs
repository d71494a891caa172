//! A working `uv`, obtained without any Python: the wheel of this platform from the package index, its digest checked, the
//! program taken out, checked against the wheel's own `RECORD`, tried, and put into the cache as
//! `<cache>/uv/<version>/uv`.
//!
//! Everything is made in a directory beside its place and renamed into it, so that a version in the cache is there whole
//! or not at all. Of two processes that do it at once both succeed, and one copy stays.
//!
//! Where pip may do what this cannot, the answer is [`Obtained::ViaPip`] and not an error: pip has keyrings, and builds
//! from source.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pep440_rs::Version;
use tracing::debug;

use super::http::{Answer, Client};
use super::index::{self, IndexFile, Lookup};
use super::settings::FetchPolicy;
use super::wheel::{Archive, Platform, Progress, WheelName, digest_in_record, download};
use crate::error::{Fault, Kind, Result};
use crate::host::Host;

mod cache;
mod known;
#[cfg(test)]
mod tests;
mod version;

pub use cache::{STAGING_PREFIX, adopt, cached_uv, dir, superseded};
pub use known::known_version;
pub use version::version_of;

/// The oldest uv that can do what `prime` asks of it. `uv pip install --group` (PEP 735) came in the course of the 0.6
/// series; all else is older.
pub static MINIMUM_UV: LazyLock<Version> = LazyLock::new(|| Version::new([0, 7, 0]));

/// More than the program of any version has.
const PROGRAM_LIMIT: u64 = 512 << 20;
/// More than the `RECORD` of any version has.
const RECORD_LIMIT: u64 = 1 << 20;

/// A uv that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uv {
    /// The program.
    pub path: PathBuf,
    /// What it is.
    pub version: Version,
}

/// Where uv comes from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Opens the connections.
    pub client: &'a Client,
    /// Says which indexes.
    pub policy: &'a FetchPolicy,
    /// Says which wheel.
    pub platform: &'a Platform,
}

/// What came of trying to obtain uv.
#[derive(Debug)]
pub enum Obtained {
    /// It is in the cache and runs.
    Uv(Uv),
    /// Not this way; installing it with pip may work. The fault is why, for when that is not possible either.
    ViaPip(Fault),
}

/// Obtains the newest stable uv from the package index into `cache`.
///
/// Fails with [`Kind::Unavailable`] where the index cannot be reached, [`Kind::Data`] where what came is not what the
/// index promised, [`Kind::CannotCreate`] or [`Kind::InputOutput`] where the cache cannot be written, and
/// [`Kind::CannotExecute`] where programs in it cannot be run.
pub fn obtain_uv(host: &Host, source: Source, cache: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Obtained> {
    let files = match index::lookup(source.client, source.policy, "uv")? {
        Lookup::Files(files) => files,
        Lookup::Refused(fault) | Lookup::NotUnderstood(fault) => return Ok(Obtained::ViaPip(fault)),
    };
    let Some((name, file)) = newest(&files, source.platform) else {
        return Ok(Obtained::ViaPip(no_wheel(&files, source)));
    };
    debug!("uv {} is `{}`", name.version, file.url);
    if let Some(uv) = cache::installed(cache, &name.version) {
        return Ok(Obtained::Uv(uv));
    }
    let staging = cache::Staging::new(cache)?;
    let wheel = match download(source.client, file, staging.dir(), progress)? {
        Answer::Found(wheel) => wheel,
        Answer::Missing(fault) => return Err(fault.into()),
        Answer::Refused(fault) => return Ok(Obtained::ViaPip(fault)),
    };
    unpack(&name, &file.name, wheel, &staging)?;
    version::check(host, staging.program(), &name.version)?;
    staging.install(&name.version).map(Obtained::Uv)
}

/// The newest version that is stable, not withdrawn, new enough, and has a wheel for the platform; of its wheels the one
/// that suits best.
fn newest<'a>(files: &'a [IndexFile], platform: &Platform) -> Option<(WheelName, &'a IndexFile)> {
    let usable = files.iter().filter(|file| !file.yanked).filter_map(|file| {
        let name = WheelName::parse(&file.name).filter(|name| name.project == "uv" && is_new_enough(&name.version))?;
        let rank = name.rank_on(platform)?;
        Some((name, rank, file))
    });
    // Of equals the first, which is the one in a `find-links` place.
    let best = usable.reduce(|best, next| {
        let order = next.0.version.cmp(&best.0.version).then(best.1.cmp(&next.1));
        if order.is_gt() { next } else { best }
    });
    best.map(|(name, _, file)| (name, file))
}

fn is_new_enough(version: &Version) -> bool {
    !version.any_prerelease() && *version >= *MINIMUM_UV
}

fn no_wheel(files: &[IndexFile], source: Source) -> Fault {
    let places = source.policy.indexes.iter().chain(&source.policy.find_links);
    let places: Vec<String> = places.map(|place| format!("`{}`", place.value)).collect();
    let places = if places.is_empty() { "no place at all".to_owned() } else { places.join(", ") };
    let message = if files.is_empty() {
        match &source.policy.no_index {
            Some(origin) => format!("no uv in {places}, and no index must be asked (`{origin}`)"),
            None => format!("no uv in {places}"),
        }
    } else {
        let platform = source.platform.describe();
        format!("no uv {} or newer for {platform} in {places}", *MINIMUM_UV)
    };
    Fault::new(Kind::Unavailable, message).hint("install uv and name it in `PRIME_UV`, or use the driver `venv_pip`")
}

fn unpack(name: &WheelName, file_name: &str, wheel: File, staging: &cache::Staging) -> Result<()> {
    let mut archive = Archive::open(file_name, wheel)?;
    let member = format!("{}.data/scripts/uv", name.stem);
    let record = archive.text(&format!("{}.dist-info/RECORD", name.stem), RECORD_LIMIT)?;
    let promised = digest_in_record(&record, &member);
    let digest = staging.write_program(&mut |out| archive.extract(&member, PROGRAM_LIMIT, out))?;
    if promised.as_ref() == Some(&digest) {
        return Ok(());
    }
    let promised = promised.unwrap_or_else(|| "nothing".to_owned());
    let message = format!("`{member}` in `{file_name}` differs from its RECORD: expected {promised}, found {digest}");
    Err(Fault::new(Kind::Data, message).hint("the wheel is broken; use another package index").into())
}
