use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::str::FromStr as _;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::error::kind_of;
use crate::fetch::encoding;
use crate::fetch::settings::Sourced;
use crate::fetch::testing::{Reply, Server, client, settings};
use crate::fetch::url::Url;

/// A wheel whose `uv` is a shell script with this body.
fn wheel(version: &str, script: &str, record: Option<&str>) -> Vec<u8> {
    let script = format!("#!/bin/sh\n{script}\n");
    let digest = encoding::base64_url_safe(&Sha256::digest(script.as_bytes()));
    let member = format!("uv-{version}.data/scripts/uv");
    let honest = format!("uv/__init__.py,,\n{member},sha256={digest},{}\n", script.len());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("uv/__init__.py".to_owned(), ""),
        (member, script.as_str()),
        (format!("uv-{version}.dist-info/RECORD"), record.unwrap_or(&honest)),
    ] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn answering(version: &str) -> Vec<u8> {
    wheel(version, &format!("echo 'uv {version} (x86_64)'"), None)
}

fn digest(content: &[u8]) -> String {
    encoding::hex(&Sha256::digest(content))
}

/// An index with wheels of uv for a machine of 64 bits without a C library, and an empty cache.
struct World {
    server: Server,
    page: String,
    cache: TempDir,
    platform: Platform,
    indexes: Vec<Url>,
}

impl World {
    fn new() -> Self {
        let server = Server::start();
        let platform = Platform::Linux { arch: "x86_64".to_owned(), glibc: Some((2, 17)) };
        let indexes = vec![server.url("/simple")];
        Self { server, page: String::new(), cache: tempfile::tempdir().unwrap(), platform, indexes }
    }

    fn list(self, name: &str, digest: &str, more: &str) -> Self {
        let anchor = format!("<a href='/files/{name}#sha256={digest}' {more}>{name}</a>\n");
        Self { page: self.page + &anchor, ..self }
    }

    fn file(self, version: &str, tag: &str, content: Vec<u8>) -> Self {
        let name = format!("uv-{version}-py3-none-{tag}.whl");
        let digest = digest(&content);
        self.server.on(&format!("/files/{name}"), Reply::ok(content));
        self.list(&name, &digest, "")
    }

    fn obtain(&self) -> Result<Obtained> {
        self.server.on("/simple/uv/", Reply::ok(format!("<html>{}</html>", self.page)));
        let indexes = self.indexes.iter().map(|url| Sourced::new(url.clone(), "test")).collect();
        let policy = FetchPolicy { indexes, find_links: vec![], no_index: None, http: settings() };
        let source = Source { client: &client(), policy: &policy, platform: &self.platform };
        obtain_uv(&Host::default(), source, self.cache.path(), &mut |_| {})
    }

    fn uv(&self) -> Uv {
        match self.obtain().unwrap() {
            Obtained::Uv(uv) => uv,
            Obtained::ViaPip(fault) => panic!("{fault}"),
        }
    }

    fn via_pip(&self) -> Fault {
        match self.obtain().unwrap() {
            Obtained::Uv(uv) => panic!("{uv:?}"),
            Obtained::ViaPip(fault) => fault,
        }
    }

    /// The kind of the failure, after which nothing is in the cache.
    fn failure(&self) -> (Kind, String) {
        let error = self.obtain().unwrap_err();
        assert_eq!(self.cached(), Vec::<String>::new());
        (kind_of(&error), format!("{error:#}"))
    }

    fn cached(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.cache.path().join("uv")).into_iter().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

const MANY: &str = "manylinux_2_17_x86_64.manylinux2014_x86_64";

#[test]
fn the_newest_stable_wheel_of_the_platform_is_installed_and_then_found() {
    let world = World::new()
        .file("0.8.0", MANY, answering("0.8.0"))
        .file("0.10.1", "musllinux_1_1_x86_64", answering("0.10.1"))
        .file("0.10.1", MANY, answering("0.10.1"))
        .list("uv-0.10.2-py3-none-manylinux_2_28_x86_64.whl", &digest(b""), "")
        .list("uv-0.10.3-py3-none-manylinux_2_17_aarch64.whl", &digest(b""), "")
        .list(&format!("uv-0.11.0rc1-py3-none-{MANY}.whl"), &digest(b""), "")
        .list(&format!("uv-0.12.0-py3-none-{MANY}.whl"), &digest(b""), "data-yanked='broken'")
        .list("uv-0.13.0.tar.gz", &digest(b""), "");
    let uv = world.uv();
    let expected = world.cache.path().join("uv/0.10.1/uv");
    assert_eq!((uv.path.as_path(), uv.version.to_string().as_str()), (expected.as_path(), "0.10.1"));
    assert_eq!(expected.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(world.cached(), ["0.10.1"]);
    assert_eq!(cached_uv(world.cache.path()), Some(uv.clone()));
    let fetched = || world.server.lines().iter().filter(|line| line.contains("/files/")).cloned().collect::<Vec<_>>();
    assert_eq!(fetched(), [format!("GET /files/uv-0.10.1-py3-none-{MANY}.whl HTTP/1.1")]);
    assert_eq!(world.uv(), uv);
    assert_eq!(fetched().len(), 1, "what is in the cache is not fetched again");
}

#[test]
fn what_pip_may_do_better_is_left_to_pip() {
    let other = World::new().file("0.8.0", "macosx_11_0_arm64", answering("0.8.0"));
    let fault = other.via_pip();
    assert!(fault.message.starts_with("no uv 0.7.0 or newer for linux x86_64 (glibc 2.17) in `http://"), "{fault}");
    let old = World::new().file("0.6.9", MANY, answering("0.6.9"));
    assert_eq!(old.via_pip().kind, Kind::Unavailable);
    let nowhere = World { indexes: vec![], ..World::new() };
    assert_eq!(nowhere.via_pip().message, "no uv in no place at all");
    for reply in [Reply::new(401, ""), Reply::new(403, ""), Reply::ok("hello")] {
        let world = World::new();
        world.server.on("/odd/uv/", reply);
        let odd = vec![world.server.url("/odd")];
        World { indexes: odd, ..world }.via_pip();
    }
}

#[test]
fn a_failure_that_pip_would_share_is_an_error_and_leaves_the_cache_clean() {
    let changed = World::new().list("uv-0.8.0-py3-none-manylinux1_x86_64.whl", &digest(b"x"), "");
    changed.server.on("/files/uv-0.8.0-py3-none-manylinux1_x86_64.whl", Reply::ok("y"));
    assert_eq!(changed.failure().0, Kind::Data);
    let gone = World::new().list("uv-0.8.0-py3-none-manylinux1_x86_64.whl", &digest(b"x"), "");
    assert_eq!(gone.failure().0, Kind::Unavailable);
    let failing = World::new();
    failing.server.on("/bad/uv/", Reply::new(500, ""));
    let bad = vec![failing.server.url("/bad")];
    assert_eq!(World { indexes: bad, ..failing }.failure().0, Kind::Unavailable);
}

#[test]
fn a_wheel_that_contradicts_itself_is_bad_data() {
    let record = "uv-0.8.0.data/scripts/uv,sha256=AAAA,1\n";
    for (content, fact) in [
        (wheel("0.8.0", "echo uv 0.8.0", Some(record)), "differs from its RECORD: expected sha256=AAAA, found sha256="),
        (wheel("0.8.0", "echo uv 0.8.0", Some("")), "expected nothing"),
        (wheel("0.8.0", "echo uv 0.8.1", None), "the wheel of uv 0.8.0 has uv 0.8.1 in it"),
        (answering("0.8.1"), "it has no `uv-0.8.0.dist-info/RECORD`"),
        (b"not a wheel".to_vec(), "it cannot be read"),
    ] {
        let (kind, chain) = World::new().file("0.8.0", MANY, content).failure();
        assert_eq!(kind, Kind::Data, "{chain}");
        assert!(chain.contains(fact), "{chain}");
    }
}

#[test]
fn a_program_that_does_not_run_is_not_installed() {
    for script in ["exit 3", "echo something else", "kill -9 $$"] {
        let (kind, chain) = World::new().file("0.8.0", MANY, wheel("0.8.0", script, None)).failure();
        assert_eq!(kind, Kind::CannotExecute, "{chain}");
    }
}

#[test]
fn what_was_damaged_in_the_cache_is_not_served_and_is_replaced() {
    let world = World::new().file("0.8.0", MANY, answering("0.8.0"));
    let uv = world.uv();
    let whole = std::fs::read(&uv.path).unwrap();
    let cut = || std::fs::write(&uv.path, "#!/bin/sh\n").unwrap();
    let barred = || std::fs::set_permissions(&uv.path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let removed = || std::fs::remove_file(&uv.path).unwrap();
    let unsized_ = || std::fs::remove_file(uv.path.with_extension("size")).unwrap();
    let damages: [&dyn Fn(); 4] = [&cut, &barred, &removed, &unsized_];
    for damage in damages {
        damage();
        assert_eq!(cached_uv(world.cache.path()), None);
        assert_eq!(world.uv(), uv);
        assert_eq!(std::fs::read(&uv.path).unwrap(), whole);
        assert_eq!(world.cached(), ["0.8.0"]);
    }
}

#[test]
fn of_several_in_the_cache_the_newest_whole_one_is_served() {
    let cache = tempfile::tempdir().unwrap();
    for (version, size) in [("0.9.0", 3), ("0.10.0", 3), ("0.11.0", 4), ("0.5.0", 3)] {
        let dir = cache.path().join("uv").join(version);
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("uv"), "abc").unwrap();
        std::fs::set_permissions(dir.join("uv"), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(dir.join("uv.size"), format!("{size}\n")).unwrap();
    }
    std::fs::create_dir_all(cache.path().join("uv/.new-x")).unwrap();
    assert_eq!(cached_uv(cache.path()).unwrap().version, Version::from_str("0.10.0").unwrap());
    assert_eq!(cached_uv(&cache.path().join("absent")), None);
}

#[test]
fn many_at_once_all_succeed_and_one_copy_stays() {
    let world = World::new().file("0.8.0", MANY, answering("0.8.0"));
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(|| world.uv().path)).collect();
        for one in all {
            assert_eq!(one.join().unwrap(), world.cache.path().join("uv/0.8.0/uv"));
        }
    });
    assert_eq!(world.cached(), ["0.8.0"]);
}

#[test]
fn a_cache_that_cannot_be_written_is_told_with_its_path() {
    let world = World::new().file("0.8.0", MANY, answering("0.8.0"));
    std::fs::write(world.cache.path().join("uv"), "in the way").unwrap();
    let error = world.obtain().unwrap_err();
    assert_eq!(kind_of(&error), Kind::CannotCreate);
    assert!(error.to_string().contains(world.cache.path().to_str().unwrap()));
}

#[test]
fn the_version_of_a_program_is_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("uv");
    assert_eq!(kind_of(&version_of(&Host::default(), &program).unwrap_err()), Kind::CannotExecute);
    std::fs::write(&program, "#!/bin/sh\necho 'uv 0.9.5 (abc 2025-01-01)'\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(version_of(&Host::default(), &program).unwrap().to_string(), "0.9.5");
}
