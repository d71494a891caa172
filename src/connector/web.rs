//! Files from a path or a URL, the latter kept and asked for again only if they have changed.

use std::io::Read as _;
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

/// A file that is kept: on the first line what the other side calls this version of it, then its content.
struct Kept {
    validator: String,
    content: Vec<u8>,
}

impl Web {
    /// With the network, unless `offline`.
    pub fn new(host: &Host, offline: bool) -> Self {
        let dir = users_cache_dir(host).map(|dir| dir.join(names::CONNECTOR_CACHE));
        Self { host: host.clone(), offline, dir }
    }

    /// What a URL or a path names; `None` where there is none.
    ///
    /// Fails where the other side cannot be reached and nothing is kept, or refuses.
    pub fn get(&self, url: &Url, freshness: Freshness) -> Result<Option<Vec<u8>>> {
        if let Some(path) = url.to_path() {
            return fs::read_optional(&path);
        }
        let kept = self.dir.as_deref().and_then(|dir| Kept::load(dir, url));
        match kept {
            Some(kept) if self.offline || freshness == Freshness::Any => Ok(Some(kept.content)),
            None if self.offline => Err(not_kept(url).into()),
            kept => self.fetch(url, kept),
        }
    }

    /// Whether something can be had of a URL at all, as far as that is known without asking.
    pub fn may_have(&self, url: &Url) -> bool {
        let is_kept = || self.dir.as_deref().is_some_and(|dir| place(dir, url).is_file());
        !self.offline || url.to_path().is_some() || is_kept()
    }

    fn fetch(&self, url: &Url, kept: Option<Kept>) -> Result<Option<Vec<u8>>> {
        let validator = kept.as_ref().map(|it| it.validator.as_str()).filter(|it| !it.is_empty());
        let request = Request { url, accept: None, compressed: true, validator };
        let answer = self.client()?.get(request, &mut |head, body| {
            let mut content = Vec::new();
            body.take(LIMIT).read_to_end(&mut content).map_err(Stop::Cut)?;
            Ok((head.unchanged, head.validator.clone().unwrap_or_default(), content))
        });
        let (unchanged, validator, content) = match (answer, &kept) {
            (Ok(Answer::Found(found)), _) => found,
            (Ok(Answer::Missing(_)), _) => return Ok(None),
            (Ok(Answer::Refused(fault)), _) => return Err(fault.into()),
            (Err(error), Some(kept)) if kind_of(&error) == Kind::Unavailable => {
                tracing::warn!("what is kept of `{url}` has to do: {error:#}");
                return Ok(Some(kept.content.clone()));
            }
            (Err(error), _) => return Err(error),
        };
        match kept {
            Some(kept) if unchanged => Ok(Some(kept.content)),
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
        Some(Self { validator, content: text[end + 1..].to_vec() })
    }
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
