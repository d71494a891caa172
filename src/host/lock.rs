//! Keeps others out while something is changed.
//!
//! The lock is a file lock of the operating system (`flock(2)`), so it is gone the moment its holder is, however it ended.
//! The file's text (who holds it and since when) is for people, and decides nothing but whether to look closer.
//!
//! # Who holds it
//!
//! Not this process alone: the file is open in every child that is started meanwhile, and a lock of this sort belongs to
//! the opened file. If this process is killed and nothing else is, an installer that it started works on; the lock is held
//! until that has ended too. How far down it goes: uv hands open files on to the builds that it starts, a Python program
//! (pip) does not. When the work is done the lock is released for all of them at once, so a server that a build has left
//! behind holds nobody up.
//!
//! Nobody can use what such an installer still does, and it may take long. So whoever waits for a lock whose owner has
//! died ends those that still have it, with all they started; the kernel tells who they are (`proc_pid_fdinfo(5)`). Where it
//! does not, they are waited for.
//!
//! # Waiting for oneself
//!
//! Children are told in a variable what is locked. A build that starts `prime` on its own repository would wait for its
//! own end; it is refused at once.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};

use super::processes::{self, Family, is_running, numbered};
use super::{Host, Work, fs, names};
use crate::error::{Code, Fault, Kind, Result};

/// How long a waiter sleeps between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// How long between two looks at whether the owner has died.
const LOOK: Duration = Duration::from_millis(500);

/// What this process has locked, for those it starts.
static LOCKED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// What there is to say of taking a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Somebody else has had it for a second: what that one wrote.
    Waiting(String),
    /// Its owner, who wrote this, has died; what it left at work is being ended.
    Ending(String),
    /// The file system has no locks: its reason. Nobody is kept out.
    Impossible(String),
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    place: PathBuf,
}

impl Lock {
    /// Takes the lock at `path`, making the file and its directory as needed. `tell` gets what there is to say of it,
    /// each thing once.
    ///
    /// Gives up after `limit` with [`Kind::TryAgain`], and at once with [`Kind::Config`] where a process waits for this
    /// one that has the lock.
    pub fn acquire(host: &Host, path: &Path, limit: Duration, tell: &mut dyn FnMut(News)) -> Result<Self> {
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        let file = open(path)?;
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let outer = host.var(names::LOCKED).and_then(|text| owner_in(text, &place)).filter(|pid| is_running(*pid));
        let mut wait = Wait { file: &file, path, limit, start: Instant::now(), told: false, looks: 0, work: None };
        loop {
            match (file.try_lock(), outer) {
                (Ok(()), _) => break,
                (Err(TryLockError::WouldBlock), None) => wait.pause(tell)?,
                (Err(TryLockError::Error(error)), None) if is_impossible(&error) => {
                    tell(News::Impossible(
                        error.to_string().split(" (os error").next().unwrap_or_default().to_lowercase(),
                    ));
                    break;
                }
                (Err(TryLockError::Error(error)), None) => {
                    return Err(error).with_context(|| format!("cannot lock `{}`", path.display()));
                }
                (Err(_), Some(pid)) => return Err(for_itself(path, pid).into()),
            }
        }
        let mut lock = Self { file, place };
        lock.sign();
        lock.share();
        Ok(lock)
    }

    /// Writes who holds the lock. A failure is of no consequence: the text decides nothing.
    fn sign(&mut self) {
        let text = format!("process {} (since {} UTC)", std::process::id(), time_of_day(SystemTime::now()));
        let _ =
            self.file.set_len(0).and_then(|()| self.file.rewind()).and_then(|()| self.file.write_all(text.as_bytes()));
    }

    /// Leaves the file open in children. Where that fails, the lock goes with this process.
    fn share(&self) {
        let _ = fcntl(&self.file, FcntlArg::F_SETFD(FdFlag::empty()));
        LOCKED.lock().unwrap_or_else(PoisonError::into_inner).push(self.place.clone());
    }
}

impl Drop for Lock {
    /// Closing the file would leave the lock to whoever else has it open.
    fn drop(&mut self) {
        LOCKED.lock().unwrap_or_else(PoisonError::into_inner).retain(|place| *place != self.place);
        let _ = self.file.unlock();
    }
}

/// The value of [`names::LOCKED`] for a child, where there is anything to tell: what this process has locked, after what
/// others have whose children it is. A line each: the owner's process, and the file.
pub fn told_to_children(outer: Option<&OsStr>) -> Option<OsString> {
    let locked = LOCKED.lock().unwrap_or_else(PoisonError::into_inner);
    let own = format!("{} ", std::process::id());
    let lines = locked.iter().map(|place| [own.as_bytes(), place.as_os_str().as_bytes()].concat());
    let lines: Vec<Vec<u8>> = outer.map(|outer| outer.as_bytes().to_vec()).into_iter().chain(lines).collect();
    (!locked.is_empty()).then(|| OsString::from_vec(lines.join(&b'\n')))
}

/// The process that has locked the file, by what it told its children.
fn owner_in(told: &OsStr, place: &Path) -> Option<i32> {
    told.as_bytes().split(|byte| *byte == b'\n').find_map(|line| {
        let space = line.iter().position(|byte| *byte == b' ')?;
        let (pid, file) = (std::str::from_utf8(&line[..space]).ok()?, &line[space + 1..]);
        (file == place.as_os_str().as_bytes()).then(|| pid.parse().ok()).flatten()
    })
}

/// Somebody else has it.
struct Wait<'a> {
    file: &'a File,
    path: &'a Path,
    limit: Duration,
    start: Instant,
    told: bool,
    looks: u32,
    /// For the record, from the first pause on.
    work: Option<Work>,
}

impl Wait<'_> {
    /// Lets some time pass.
    fn pause(&mut self, tell: &mut dyn FnMut(News)) -> Result<()> {
        let waited = self.start.elapsed();
        let (work, file, path) = (&mut self.work, self.file, self.path);
        work.get_or_insert_with(|| Work::wait("lock", format_args!("`{}`, {}", path.display(), holder(file))));
        if waited >= self.limit {
            return Err(timed_out(self.path, &holder(self.file)).into());
        }
        if !self.told && waited >= Duration::from_secs(1) {
            self.told = true;
            tell(News::Waiting(holder(self.file)));
        }
        if waited >= LOOK * self.looks {
            self.looks = u32::try_from(waited.as_millis() / LOOK.as_millis()).unwrap_or_default() + 1;
            self.end_what_a_dead_owner_left(tell);
        }
        sleep(PAUSE.min(self.limit.saturating_sub(waited)));
        Ok(())
    }

    fn end_what_a_dead_owner_left(&self, tell: &mut dyn FnMut(News)) {
        // Saves looking at every process as long as the one that signed works.
        if signed_by(&holder(self.file)).is_some_and(is_running) {
            return;
        }
        if let Some(mut family) = self.file.metadata().ok().and_then(|meta| left_by_a_dead_owner(&meta)) {
            tell(News::Ending(holder(self.file)));
            processes::end(&mut || family.living());
        }
    }
}

/// The processes that have the lock on this file because one started them that has died; `None` where there are none.
fn left_by_a_dead_owner(file: &Metadata) -> Option<Family> {
    let found: Vec<(i32, i32)> = numbered("/proc").filter_map(|pid| Some((pid, owner_by(pid, file)?))).collect();
    // All have it from the same one. Of an owner in another namespace the number is told as 0.
    let (_, owner) = *found.first()?;
    let dead = owner == 0 || !is_running(owner);
    dead.then(|| Family::of_other(owner, found.into_iter().map(|(pid, _)| pid).collect()))
}

/// The process that took the lock which `pid` has on the file; `None` where it has none, or may not be looked at.
fn owner_by(pid: i32, file: &Metadata) -> Option<i32> {
    let same = |fd: &i32| {
        let opened = std::fs::metadata(format!("/proc/{pid}/fd/{fd}"));
        opened.is_ok_and(|it| (it.dev(), it.ino()) == (file.dev(), file.ino()))
    };
    let mut infos = numbered(format!("/proc/{pid}/fd")).filter(same);
    infos.find_map(|fd| parse_owner(&std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?))
}

/// After a tab: `lock: 1: FLOCK  ADVISORY  WRITE 4711 fe:00:10010659 0 EOF`.
fn parse_owner(info: &str) -> Option<i32> {
    let lock = info.lines().filter_map(|line| line.strip_prefix("lock:")).find(|lock| lock.contains(" FLOCK "))?;
    lock.split_whitespace().nth(4)?.parse().ok()
}

fn open(path: &Path) -> Result<File> {
    let file = File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    file.map_err(|error| fs::cannot_create(path, error))
}

/// Whether it is the file system that has no locks.
fn is_impossible(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    errno.is_some_and(|errno| [Errno::ENOLCK, Errno::EOPNOTSUPP, Errno::ENOTSUP, Errno::ENOSYS].contains(&errno))
}

fn holder(mut file: &File) -> String {
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
    if text.is_empty() { "another process".to_owned() } else { text }
}

/// The process that wrote this text.
fn signed_by(text: &str) -> Option<i32> {
    text.strip_prefix("process ")?.split(' ').next()?.parse().ok()
}

fn time_of_day(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

fn timed_out(path: &Path, holder: &str) -> Fault {
    let message = format!("`{}` is locked by {holder}", path.display());
    Fault::of(Code::LockTimeout, message)
        .hint("wait for it to end, or end it, and try again; `--lock-timeout` says how long to wait")
}

fn for_itself(path: &Path, pid: i32) -> Fault {
    let message = format!("`{}` is locked by process {pid}, which waits for this one to end", path.display());
    Fault::new(Kind::Config, message).hint("a build must not start `prime` on its own repository: take that out of it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acquire(host: &Host, path: &Path) -> (Result<Lock>, Vec<News>) {
        let mut news = Vec::new();
        let lock = Lock::acquire(host, path, Duration::ZERO, &mut |it| news.push(it));
        (lock, news)
    }

    #[test]
    fn a_lock_is_free_again_when_it_is_dropped_whoever_has_the_file_open() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/lock");
        let (first, news) = acquire(&Host::default(), &path);
        let first = first.unwrap();
        assert_eq!(news, []);
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = format!("process {} (since ", std::process::id());
        assert!(text.starts_with(&expected) && text.ends_with(" UTC)"), "{text}");
        assert_eq!(signed_by(&text), Some(std::process::id().cast_signed()));
        let refused = acquire(&Host::default(), &path).0.unwrap_err();
        let message = format!("`{}` is locked by {text}", path.display());
        assert_eq!(
            refused.downcast_ref::<Fault>().map(|it| (it.kind, it.message.clone())),
            Some((Kind::TryAgain, message))
        );
        let told = told_to_children(Some(OsStr::new("1 /a"))).unwrap();
        let own = format!("1 /a\n{} {}", std::process::id(), path.canonicalize().unwrap().display());
        assert_eq!(told, OsString::from(own));
        let host = Host { vars: vec![(names::LOCKED.into(), told)], ..Host::default() };
        let refused = acquire(&host, &path).0.unwrap_err();
        assert_eq!(refused.downcast_ref::<Fault>().map(|it| it.kind), Some(Kind::Config));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        drop(first);
        assert_eq!(told_to_children(None), None);
        // What is free is taken, whatever somebody was told once.
        acquire(&host, &path).0.unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn the_owner_is_found_by_the_file() {
        let told = OsStr::new("12 /a/lock\n13 /b c/lock\nx /d");
        for (place, expected) in [("/a/lock", Some(12)), ("/b c/lock", Some(13)), ("/c/lock", None), ("/d", None)] {
            assert_eq!(owner_in(told, Path::new(place)), expected, "{place}");
        }
        let info = "pos:\t0\nflags:\t02100001\nlock:\t1: FLOCK  ADVISORY  WRITE 17555 fe:00:1 0 EOF\n";
        assert_eq!((parse_owner(info), parse_owner("pos:\t0\n")), (Some(17555), None));
    }

    #[test]
    fn file_systems_without_locks_are_told_from_errors() {
        for (errno, expected) in
            [(Errno::ENOLCK, true), (Errno::EOPNOTSUPP, true), (Errno::ENOSYS, true), (Errno::EIO, false)]
        {
            assert_eq!(is_impossible(&io::Error::from(errno)), expected, "{errno}");
        }
    }

    #[test]
    fn the_time_of_day_is_told_to_the_second() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * 20_000 + 9 * 3600 + 14 * 60 + 3);
        assert_eq!(time_of_day(time), "09:14:03");
    }
}
