//! Files from a path or a URL, the latter kept and asked for again only if they have changed.

use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::error::{Fault, Kind, Result, kind_of};
use crate::fetch::http::{Answer, Request, Stop};
use crate::fetch::settings::Sourced;
use crate::fetch::{Client, IndexSettings, Places, Url};
use crate::host::{Host, fs, names};
use crate::venv::tool::users_cache_dir;

/// More than any file of a registry has.
const LIMIT: u64 = 256 << 20;

/// How new something has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// What is kept will do, however old.
    Any,
    /// The other side says whether what is kept is still right.
    Validated,
}

/// Gets files.
pub struct Web {
    host: Host,
    offline: bool,
    dir: Option<PathBuf>,
}

/// How the first line of a file begins that stands for one that there is not; no answer calls a version of a file so.
const MISSING: &str = "\0";

/// What the other side answered last: on the first line what it calls this version of the file, then the content, where
/// there is one.
struct Kept {
    validator: String,
    content: Option<Vec<u8>>,
}

impl Web {
    /// With the network, unless `offline` or the variable for it says otherwise.
    pub fn new(host: &Host, offline: bool) -> Self {
        let dir = users_cache_dir(host).map(|dir| dir.join(names::CONNECTOR_CACHE));
        let offline = offline || host.says_yes(names::AIRBYTE_OFFLINE_MODE);
        Self { host: host.clone(), offline, dir }
    }

    /// Whether the network is not asked.
    pub fn is_offline(&self) -> bool {
        self.offline
    }

    /// What a URL or a path names; `None` where there is none.
    ///
    /// Fails where the other side cannot be reached and nothing is kept, or refuses.
    pub fn get(&self, url: &Url, freshness: Freshness) -> Result<Option<Vec<u8>>> {
        if let Some(path) = url.to_path() {
            return fs::read_optional(&path);
        }
        let kept = self.kept(url);
        match kept {
            Some(kept) if self.offline || (freshness == Freshness::Any && kept.content.is_some()) => Ok(kept.content),
            None if self.offline => Err(not_kept(url).into()),
            kept => self.fetch(url, kept),
        }
    }

    /// Whether something can be had of a URL at all, as far as that is known without asking.
    pub fn may_have(&self, url: &Url) -> bool {
        !self.offline || url.to_path().is_some() || self.kept(url).is_some_and(|kept| kept.content.is_some())
    }

    fn kept(&self, url: &Url) -> Option<Kept> {
        Kept::load(self.dir.as_deref()?, url)
    }

    fn fetch(&self, url: &Url, kept: Option<Kept>) -> Result<Option<Vec<u8>>> {
        let validator = kept.as_ref().map(|it| it.validator.as_str()).filter(|it| !it.is_empty());
        let request = Request { url, accept: None, compressed: true, validator };
        let answer = self.client()?.get(request, &mut |head, body| {
            let content = whole(body, LIMIT, url)?;
            Ok((head.unchanged, head.validator.clone().unwrap_or_default(), content))
        });
        let (unchanged, validator, content) = match (answer, &kept) {
            (Ok(Answer::Found(found)), _) => found,
            (Ok(Answer::Missing(_)), kept) => {
                // A server that misses a file for a while takes nothing away.
                if kept.as_ref().is_none_or(|it| it.content.is_none()) {
                    self.keep(url, MISSING, &[]);
                }
                return Ok(None);
            }
            (Ok(Answer::Refused(fault)), _) => return Err(fault.into()),
            (Err(error), Some(kept)) if kind_of(&error) == Kind::Unavailable => {
                tracing::warn!("what is kept of `{url}` has to do: {error:#}");
                return Ok(kept.content.clone());
            }
            (Err(error), _) => return Err(error),
        };
        match kept {
            Some(kept) if unchanged => Ok(kept.content),
            _ => {
                self.keep(url, &validator, &content);
                Ok(Some(content))
            }
        }
    }

    fn client(&self) -> Result<Client> {
        let mut places = Places::new(Some(&self.host.current_dir));
        places.offline = self.offline;
        let settings = IndexSettings::load(&self.host, &places)?;
        // No index is asked, so none has to be known.
        let nowhere = || Ok(Sourced::new(Url::from_path(Path::new("/")), "nothing"));
        Ok(Client::new(settings.policy(nowhere)?.http))
    }

    /// A cache that cannot be written is none.
    fn keep(&self, url: &Url, validator: &str, content: &[u8]) {
        let Some(dir) = &self.dir else { return };
        let text = [validator.as_bytes(), b"\n", content].concat();
        if let Err(error) = fs::write_atomic(&place(dir, url), &text) {
            tracing::info!("`{url}` is not kept: {error:#}");
        }
    }
}

impl Kept {
    fn load(dir: &Path, url: &Url) -> Option<Self> {
        let text = fs::read_file(&place(dir, url)).ok()?;
        let end = text.iter().position(|byte| *byte == b'\n')?;
        let validator = String::from_utf8(text[..end].to_vec()).ok()?;
        if validator == MISSING {
            return Some(Self { validator: String::new(), content: None });
        }
        Some(Self { validator, content: Some(text[end + 1..].to_vec()) })
    }
}

/// All of a body. What is cut off somewhere is of no use, and not to be kept.
fn whole(body: &mut dyn Read, limit: u64, url: &Url) -> Result<Vec<u8>, Stop> {
    let mut content = Vec::new();
    body.take(limit + 1).read_to_end(&mut content).map_err(Stop::Cut)?;
    if content.len() as u64 > limit {
        let fault = Fault::new(Kind::Data, format!("what `{url}` names is larger than {} MiB", limit >> 20));
        return Err(Stop::Failed(fault.hint("is it the right URL?").into()));
    }
    Ok(content)
}

/// One file for one URL, named by its digest: a URL may have characters that no file name has, and a password.
fn place(dir: &Path, url: &Url) -> PathBuf {
    let digest = Sha256::digest(url.with_credentials().as_bytes());
    let digest: Vec<String> = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    dir.join(digest.concat())
}

fn not_kept(url: &Url) -> Fault {
    let fault = Fault::new(Kind::Unavailable, format!("`{url}` is not kept, and the network must not be used"));
    fault.hint("get it once without `--offline`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_refused_and_not_cut() {
        let url = Url::parse("http://localhost/x").unwrap();
        let content = vec![b'x'; 2 << 20];
        assert_eq!(whole(&mut &content[..], 2 << 20, &url).unwrap().len(), 2 << 20);
        let Err(Stop::Failed(error)) = whole(&mut &content[..], 1 << 20, &url) else { panic!("it is taken") };
        assert_eq!(error.to_string(), "what `http://localhost/x` names is larger than 1 MiB");
        assert_eq!(kind_of(&error), Kind::Data);
    }
}
