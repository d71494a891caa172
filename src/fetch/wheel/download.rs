//! Getting a file that an index lists, and proving that it is the one the index means.
//!
//! The file is written under no name at all, so whatever happens nothing stays behind. Its SHA-256 is taken while it
//! comes. Where an index tells none, as pip we take the file, but only over a connection that proves who sent it (`https`,
//! the local disk) and with a warning; over plain `http` it is refused.

use std::fs::File;
use std::io::{Read, Seek as _, Write as _};
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use tracing::{debug, warn};

use crate::error::{Code, Fault, Kind, Result};
use crate::fetch::encoding::hex;
use crate::fetch::http::{Answer, Client, Request, Stop};
use crate::fetch::index::IndexFile;
use crate::host::fs;

/// The largest file that is taken.
const SIZE_LIMIT: u64 = 2 << 30;

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The bytes that are here.
    pub done: u64,
    /// All there are, where that is known.
    pub total: Option<u64>,
}

/// Downloads a file into a temporary one in `dir`; it stands at its beginning. `progress` is told now and then; it starts
/// anew when a try fails and another is made.
///
/// Fails with [`Kind::Data`] where the content is not what the index promised.
pub fn download(
    client: &Client,
    file: &IndexFile,
    dir: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Answer<File>> {
    check_provable(file)?;
    fs::create_dir_all(dir)?;
    let request = Request { url: &file.url, accept: None, compressed: false, validator: None };
    let answer = client.get(request, &mut |head, body| {
        let known = head.length.or(file.size);
        receive(body, dir, known, progress)
    })?;
    Ok(match answer {
        Answer::Found((content, digest)) => {
            check_digest(file, &digest)?;
            Answer::Found(content)
        }
        Answer::Missing(fault) => Answer::Missing(fault),
        Answer::Refused(fault) => Answer::Refused(fault),
    })
}

fn check_provable(file: &IndexFile) -> Result<()> {
    if file.sha256.is_some() {
        return Ok(());
    }
    if file.url.is_secure() && file.listed_on.is_secure() {
        // What is on the disk is as good as any digest beside it.
        if file.url.to_path().is_none() {
            warn!("`{}` has no sha256 for `{}`; it is taken unverified", file.listed_on, file.name);
        }
        return Ok(());
    }
    let message = format!("`{}` has no sha256 for `{}`, and the connection proves nothing", file.listed_on, file.name);
    Err(Fault::new(Kind::Data, message).hint("use an index that tells sha256 digests, or one with `https`").into())
}

fn receive(
    body: &mut dyn Read,
    dir: &Path,
    total: Option<u64>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(File, String), Stop> {
    let failed = |error| Stop::Failed(fs::cannot_create(dir, error));
    let mut content = tempfile::tempfile_in(dir).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut done = 0;
    progress(Progress { done, total });
    loop {
        let count = body.read(&mut buffer).map_err(Stop::Cut)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        content.write_all(&buffer[..count]).map_err(failed)?;
        done += count as u64;
        if done > SIZE_LIMIT {
            return Err(Stop::Failed(
                Fault::new(Kind::Data, format!("a file is larger than {SIZE_LIMIT} bytes")).into(),
            ));
        }
        progress(Progress { done, total });
    }
    content.rewind().map_err(failed)?;
    Ok((content, hex(&hash.finalize())))
}

fn check_digest(file: &IndexFile, found: &str) -> Result<()> {
    let Some(expected) = file.sha256.as_deref().filter(|expected| *expected != found) else {
        debug!("`{}` has sha256 {found}", file.name);
        return Ok(());
    };
    let what = || format!("`{}` is listed on `{}`", file.name, file.listed_on);
    let message = format!("sha256 of `{}` differs: expected {expected}, found {found}", file.url.bare());
    let fault = Fault::of(Code::HashMismatch, message)
        .hint("the file was changed on its way or on the index; try another index");
    Err(anyhow::Error::msg(what())).context(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::kind_of;
    use crate::fetch::testing::{Reply, Server, client};
    use crate::fetch::url::Url;

    const DIGEST_OF_HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    fn file(url: Url, sha256: Option<&str>) -> IndexFile {
        let listed_on = url.join("/simple/x/").unwrap();
        let sha256 = sha256.map(str::to_owned);
        IndexFile { name: url.file_name(), url, sha256, requires_python: None, yanked: false, size: None, listed_on }
    }

    #[test]
    fn a_file_comes_whole_after_a_cut_and_progress_starts_anew() {
        let server = Server::start();
        server.on("/x.whl", Reply::ok("hello").cut(2)).on("/x.whl", Reply::ok("hello"));
        let dir = tempfile::tempdir().unwrap();
        let mut seen = Vec::new();
        let listed = file(server.url("/x.whl"), Some(DIGEST_OF_HELLO));
        let answer = download(&client(), &listed, dir.path(), &mut |progress| seen.push(progress)).unwrap();
        let mut text = String::new();
        answer.found().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
        let starts = seen.iter().filter(|progress| progress.done == 0).count();
        assert_eq!((starts, seen.last()), (2, Some(&Progress { done: 5, total: Some(5) })));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn another_digest_than_the_indexs_is_bad_data_and_leaves_nothing() {
        let server = Server::start();
        server.on("/x.whl", Reply::ok("hellO"));
        let dir = tempfile::tempdir().unwrap();
        let listed = file(server.url("/x.whl"), Some(DIGEST_OF_HELLO));
        let error = download(&client(), &listed, dir.path(), &mut |_| {}).unwrap_err();
        assert_eq!(kind_of(&error), Kind::Data);
        let chain = format!("{error:#}");
        for part in ["/x.whl`", &format!("expected {DIGEST_OF_HELLO}"), "found ", "/simple/x/`"] {
            assert!(chain.contains(part), "{chain}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert_eq!(server.lines().len(), 1, "the same bytes would come again");
    }

    #[test]
    fn without_a_digest_only_a_connection_that_proves_its_end_will_do() {
        let server = Server::start();
        server.on("/x.whl", Reply::ok("hello"));
        let dir = tempfile::tempdir().unwrap();
        let error = download(&client(), &file(server.url("/x.whl"), None), dir.path(), &mut |_| {}).unwrap_err();
        assert_eq!(kind_of(&error), Kind::Data);
        assert!(server.lines().is_empty());
        let local = dir.path().join("x.whl");
        std::fs::write(&local, "hello").unwrap();
        let answer = download(&client(), &file(Url::from_path(&local), None), dir.path(), &mut |_| {}).unwrap();
        assert!(matches!(answer, Answer::Found(_)));
    }
}
