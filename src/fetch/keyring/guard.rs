//! Stands between a tool and the real `keyring`.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::{Keyring, NAME, WITH_USER, is_named};
use crate::fetch::secrets;
use crate::fetch::url::{Login, Url};
use crate::host::exec::own_executable;
use crate::host::secret::SecretFile;
use crate::host::tap::standard_output;
use crate::host::{EnvDelta, Host, fs, names};

/// How the name of the directory begins.
const PREFIX: &str = "prime-keyring-";
/// In the directory, what says that the real one has taken too long, and is not to be asked again.
const LATE: &str = "late";
/// In the directory, what says that the real one is not to be asked at all.
const OFF: &str = "off";
/// In the directory, where the URLs are whose credentials are known already.
const KNOWN: &str = "known";
/// In the directory, where the passwords are that were told.
const TOLD: &str = "told";

/// What a stand-in is to do.
#[derive(Clone, Debug, Default)]
pub struct Instructions {
    /// The URLs with the credentials that it tells without asking anybody.
    pub known: Vec<Url>,
    /// Whether it may ask the real one.
    pub asks: bool,
    /// Whether that has taken too long already.
    pub was_late: bool,
}

/// A directory that lasts as long as the tool runs. It has this binary under the name `keyring`.
#[derive(Debug)]
pub struct Guard {
    dir: TempDir,
    path: OsString,
    told: SecretFile,
    _known: SecretFile,
}

impl Guard {
    /// Makes one.
    pub fn new(host: &Host, instructions: &Instructions) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        // No tool runs for a day: what is older was left by a process that was killed.
        dir.path().parent().into_iter().for_each(|place| fs::sweep_old(place, PREFIX, is_one));
        symlink(own_executable().canonicalize()?, dir.path().join(NAME))?;
        for (is_so, mark) in [(instructions.was_late, LATE), (!instructions.asks, OFF)] {
            if is_so {
                std::fs::write(dir.path().join(mark), "")?;
            }
        }
        let known: Vec<String> = instructions.known.iter().map(Url::with_credentials).collect();
        let (known, told) = (SecretFile::new(&known.join("\n"))?, SecretFile::new("")?);
        symlink(known.path(), dir.path().join(KNOWN))?;
        symlink(told.path(), dir.path().join(TOLD))?;
        let mut path = OsString::from(dir.path());
        for rest in host.var("PATH").into_iter().flat_map(|path| [OsStr::new(":"), path]) {
            path.push(rest);
        }
        Ok(Self { dir, path, told, _known: known })
    }

    /// What the tool is to be started with.
    pub fn env(&self) -> EnvDelta {
        EnvDelta::new().set("PATH", &self.path).set(names::KEYRING_GUARD, self.dir.path())
    }

    /// Whether `keyring` has taken too long.
    pub fn was_late(&self) -> bool {
        self.dir.path().join(LATE).exists()
    }

    /// Lets those know who listen what the real one has told the tool.
    pub fn tell_learned(&self) {
        let told = std::fs::read_to_string(self.told.path()).unwrap_or_default();
        told.lines().for_each(secrets::learned);
    }
}

/// Whether a directory is such a one, and not somebody's of that name.
fn is_one(dir: &Path) -> bool {
    dir.join(NAME).read_link().is_ok_and(|target| target.is_absolute() && dir.join(TOLD).is_symlink())
}

/// Does the work of a `keyring` that a tool has started, if that is what this process is: the exit code. What the real one
/// answers is passed on where it is what such a tool can want, and nothing else that it says.
pub fn stand_in(host: &Host) -> Option<u8> {
    let (program, words) = host.args.split_first().filter(|(program, _)| is_named(program))?;
    let dir = host.var_path(names::KEYRING_GUARD)?;
    tracing::debug!("{} stands in", program.display());
    let answer = known(&dir, words).or_else(|| ask(host, &dir, words));
    let told = answer.and_then(|lines| writeln!(standard_output().ok()?, "{}", lines.join("\n")).ok());
    Some(u8::from(told.is_none()))
}

/// What is known already, in the form that the tool wants: newer versions of pip take both words as JSON.
fn known(dir: &Path, words: &[OsString]) -> Option<Vec<String>> {
    let plain: Vec<&str> =
        words.iter().filter_map(|word| word.to_str()).filter(|word| !word.starts_with("--")).collect();
    let ["get", service, user] = plain[..] else { return None };
    let known = std::fs::read_to_string(dir.join(KNOWN)).ok()?;
    let known: Vec<Url> = known.lines().filter_map(|line| Url::parse(line).ok()).collect();
    let Login { user, password } = login_for(&known, service, user)?;
    let is_json = words.iter().any(|word| word == "--output=json");
    Some(vec![if is_json { json!({ "username": user, "password": password }).to_string() } else { password }])
}

/// The login of a user for a service: a URL, or the server that it is on.
fn login_for(known: &[Url], service: &str, user: &str) -> Option<Login> {
    let plain = |text: &str| text.trim_end_matches('/').to_owned();
    let is_service = |url: &&Url| plain(&url.bare().to_string()) == plain(service) || url.authority() == service;
    let mut logins = known.iter().filter(is_service).filter_map(Url::login);
    logins.find(|login| login.user == user)
}

fn ask(host: &Host, dir: &Path, words: &[OsString]) -> Option<Vec<String>> {
    if dir.join(OFF).exists() {
        return None;
    }
    let wanted = if words.iter().any(|word| word == WITH_USER[0]) { 2 } else { 1 };
    let keyring = Keyring::find(host).ok().flatten()?;
    keyring.give_up_if(dir.join(LATE).exists());
    let answer = keyring.ask(words).ok().filter(|lines| lines.len() == wanted);
    if keyring.is_late.get() {
        // It was late for nobody else to wait.
        let _ = std::fs::write(dir.join(LATE), "");
    }
    let answer = answer?;
    let told = answer.last().map(String::as_str).unwrap_or_default();
    let fields: Option<Json> = serde_json::from_str(told).ok();
    let password = fields.as_ref().and_then(|fields| fields.get("password")?.as_str()).unwrap_or(told);
    // Nobody listens in this process, and whoever started the tool wants to keep it out of a log.
    let _ = File::options().append(true).open(dir.join(TOLD)).and_then(|mut file| writeln!(file, "{password}"));
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_one_is_asked_where_it_may_be_and_what_it_tells_is_noted() {
        let dir = tempfile::tempdir().unwrap();
        let json = r#"{"username": "me", "password": "one"}"#;
        let script = format!("#!/bin/sh\ncase $1 in --mode=creds) echo '{json}' ;; *) echo two ;; esac\n");
        fs::write_program(&dir.path().join(NAME), script.as_bytes()).unwrap();
        let host = Host { vars: vec![("PATH".into(), dir.path().into())], ..Host::default() };
        std::fs::write(dir.path().join(TOLD), "").unwrap();
        let asked = |words: &str| ask(&host, dir.path(), &words.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(asked("--mode=creds --output=json get h me").is_some() && asked("get h me").is_some());
        assert_eq!(std::fs::read_to_string(dir.path().join(TOLD)).unwrap(), "one\ntwo\n");
        std::fs::write(dir.path().join(OFF), "").unwrap();
        assert_eq!(asked("get h me"), None);
    }

    #[test]
    fn what_is_known_is_told_for_its_service_and_user_in_the_form_that_is_wanted() {
        let dir = tempfile::tempdir().unwrap();
        let known_urls = "https://me:o%20ne@h:8/a/\nhttps://you:two@h:8/b\nhttps://me:three@other/s";
        std::fs::write(dir.path().join(KNOWN), known_urls).unwrap();
        for (words, expected) in [
            ("get https://h:8/a me", Some("o ne")),
            ("get https://h:8/b/ you", Some("two")),
            ("get h:8 you", Some("two")),
            ("get https://h:8/b me", None),
            ("get other me", Some("three")),
            ("get h me", None),
            ("get https://h:8/a --mode creds", None),
            ("--mode=creds --output=json get other me", Some(r#"{"username":"me","password":"three"}"#)),
            ("set other me", None),
        ] {
            let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
            assert_eq!(known(dir.path(), &words), expected.map(|line| vec![line.to_owned()]), "{words:?}");
        }
    }
}
