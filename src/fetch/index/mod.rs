//! The index API: which files a project has.
//!
//! A page is asked for as JSON first (PEP 691) and as HTML otherwise (PEP 503); what came is told by looking at it,
//! because servers ignore `Accept` and mislabel what they send. Of several indexes the first that has the project
//! decides, as for uv: it keeps a stranger's package of the same name on a later index out. `find-links` places are
//! looked at besides: directories, pages with links, single wheels.
//!
//! What this does not know is which file fits: that is [`super::wheel`]'s.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use tracing::debug;

use super::http::{Answer, Client, Request, Stop};
use super::settings::{FetchPolicy, Sourced};
use super::url::{Scheme, Url};
use crate::error::{Fault, Kind, Result};
use crate::python::package_name::normalize;

mod html;
mod json;
#[cfg(test)]
mod tests;

/// What is asked for, best first. The last is for servers that would refuse otherwise.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, \
                      text/html;q=0.1, */*;q=0.01";
/// The largest page that is read.
const PAGE_LIMIT: u64 = 256 << 20;

/// A file that a project has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFile {
    /// The file's name.
    pub name: String,
    /// Where it is, absolute, without the fragment.
    pub url: Url,
    /// Its SHA-256, in lower case.
    pub sha256: Option<String>,
    /// `Requires-Python`.
    pub requires_python: Option<String>,
    /// Whether it was withdrawn.
    pub yanked: bool,
    /// Its size.
    pub size: Option<u64>,
    /// The page or directory that lists it.
    pub listed_on: Url,
}

/// What is known of a project.
#[derive(Debug)]
pub enum Lookup {
    /// Its files, from the `find-links` places and the first index that has it. Empty where nobody has it.
    Files(Vec<IndexFile>),
    /// An index wants credentials that are not there.
    Refused(Fault),
    /// An index sends what cannot be understood.
    NotUnderstood(Fault),
}

/// The files of a project.
///
/// Fails where an index cannot be reached, unless a `find-links` place has files.
pub fn lookup(client: &Client, policy: &FetchPolicy, project: &str) -> Result<Lookup> {
    let project = normalize(project);
    let mut files = Vec::new();
    for place in &policy.find_links {
        files.extend(linked(client, place, &project)?);
    }
    for index in &policy.indexes {
        match project_page(client, &index.value, &project) {
            Ok(Lookup::Files(listed)) if listed.is_empty() => debug!("`{}` has no `{project}`", index.value),
            Ok(Lookup::Files(listed)) => {
                debug!("`{}` ({}) has {} files of `{project}`", index.value, index.origin, listed.len());
                files.extend(listed);
                break;
            }
            Ok(other) if files.is_empty() => return Ok(other),
            Err(error) if files.is_empty() => return Err(error),
            Ok(_) | Err(_) => debug!("`{}` is of no use; what `find-links` has will do", index.value),
        }
    }
    Ok(Lookup::Files(files))
}

fn project_page(client: &Client, index: &Url, project: &str) -> Result<Lookup> {
    let url = index.child(project);
    match local_dir(&url) {
        Some(dir) if !dir.join("index.html").is_file() => Ok(Lookup::Files(directory(&dir, &url, project))),
        Some(_) => page(client, &url.join("index.html").unwrap_or(url.clone()), project),
        None => page(client, &url, project),
    }
}

/// The files of the project that a page lists; none where the page does not exist.
fn page(client: &Client, url: &Url, project: &str) -> Result<Lookup> {
    let answer =
        client.get(Request { url, accept: Some(ACCEPT), compressed: true, validator: None }, &mut |head, body| {
            let mut content = Vec::new();
            body.take(PAGE_LIMIT).read_to_end(&mut content).map_err(Stop::Cut)?;
            Ok((head.url.clone(), content))
        })?;
    let (final_url, content) = match answer {
        Answer::Found(found) => found,
        Answer::Missing(_) => return Ok(Lookup::Files(Vec::new())),
        Answer::Refused(fault) => return Ok(Lookup::Refused(fault)),
    };
    match parse(&content, &final_url) {
        Ok(mut files) => {
            files.retain(|file| belongs_to(&file.name, project));
            Ok(Lookup::Files(files))
        }
        Err(reason) => {
            let message = format!("the page `{url}` is not a package index's: {reason}");
            Ok(Lookup::NotUnderstood(Fault::new(Kind::Data, message).hint("check the URL of the package index")))
        }
    }
}

/// The files that a page lists, whichever form it has.
fn parse(content: &[u8], url: &Url) -> Result<Vec<IndexFile>, String> {
    if content.trim_ascii_start().starts_with(b"{") {
        let files = json::parse(content)?.files;
        return Ok(files.into_iter().filter_map(|file| from_json(file, url)).collect());
    }
    let text = match std::str::from_utf8(content) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(content),
    };
    if !html::is_page(&text) {
        return Err("it is neither JSON nor HTML".to_owned());
    }
    let page = html::parse(&text);
    let base = page.base.as_deref().and_then(|base| url.join(base).ok()).unwrap_or_else(|| url.clone());
    Ok(page.anchors.into_iter().filter_map(|anchor| from_anchor(anchor, &base, url)).collect())
}

fn from_json(file: json::File, page: &Url) -> Option<IndexFile> {
    let yanked = file.is_yanked();
    let sha256 = file.hashes.get("sha256").filter(|digest| is_sha256(digest)).map(|digest| digest.to_ascii_lowercase());
    Some(IndexFile {
        url: page.join(&file.url).ok()?,
        name: file.filename,
        sha256,
        requires_python: file.requires_python,
        yanked,
        size: file.size,
        listed_on: page.clone(),
    })
}

fn from_anchor(anchor: html::Anchor, base: &Url, page: &Url) -> Option<IndexFile> {
    let url = base.join(&anchor.href).ok()?;
    let digest = url.fragment().and_then(|fragment| {
        fragment.split('&').find_map(|part| part.strip_prefix("sha256=")).filter(|digest| is_sha256(digest))
    });
    Some(IndexFile {
        name: url.file_name(),
        sha256: digest.map(str::to_ascii_lowercase),
        requires_python: anchor.requires_python,
        yanked: anchor.yanked,
        size: None,
        listed_on: page.clone(),
        url,
    })
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The files of the project in a `find-links` place. One that is not there is passed over, as pip does it.
fn linked(client: &Client, place: &Sourced<Url>, project: &str) -> Result<Vec<IndexFile>> {
    let url = &place.value;
    if let Some(dir) = local_dir(url) {
        return Ok(directory(&dir, url, project));
    }
    if is_wheel(&url.file_name()) {
        let name = url.file_name();
        return Ok(if belongs_to(&name, project) { vec![found(name, url.clone(), url)] } else { Vec::new() });
    }
    match page(client, url, project)? {
        Lookup::Files(files) => Ok(files),
        Lookup::Refused(fault) | Lookup::NotUnderstood(fault) if url.scheme() == Scheme::File => {
            debug!("{} ({}) is passed over: {fault}", url, place.origin);
            Ok(Vec::new())
        }
        Lookup::Refused(fault) | Lookup::NotUnderstood(fault) => Err(fault.into()),
    }
}

fn local_dir(url: &Url) -> Option<PathBuf> {
    url.to_path().filter(|path| path.is_dir())
}

fn directory(dir: &Path, url: &Url, project: &str) -> Vec<IndexFile> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let of_project = names.filter(|name| belongs_to(name, project));
    of_project.map(|name| found(name.clone(), Url::from_path(&dir.join(name)), url)).collect()
}

fn found(name: String, url: Url, listed_on: &Url) -> IndexFile {
    let listed_on = listed_on.clone();
    IndexFile { name, url, sha256: None, requires_python: None, yanked: false, size: None, listed_on }
}

/// Whether a wheel's or an archive's name starts with the project's.
fn belongs_to(file: &str, project: &str) -> bool {
    let wheel = is_wheel(file).then(|| file.split('-').next().unwrap_or_default());
    let name = wheel.or_else(|| file.rsplit_once('-').map(|(name, _)| name)).unwrap_or_default();
    normalize(name) == project
}

fn is_wheel(file: &str) -> bool {
    file.strip_suffix(".whl").is_some()
}
