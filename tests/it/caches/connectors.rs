//! The connectors that a boot makes sure of, in a CI: kept with the rest, brought back, proven and adopted, or healed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use super::runner::Runner;
use crate::connector::faker;
use crate::support::http::refused_url;
use crate::support::index::Index;
use crate::support::proxy::Proxy;
use crate::support::pythons::{self, Interpreter};
use crate::support::real_uv::real_uv;
use crate::support::sandbox::Sandbox;
use crate::support::wheel::Wheel;
use crate::support::{output, write};

/// Each driver of the bootstrap, with the same tool for the connectors.
const DRIVERS: [(&str, &str); 2] = [("venv_uv", "0"), ("venv_pip", "1")];
const TABLE: &str = "[connectors.source-faker]\nensure = true\nversion = '1.0'\nwith = ['more']\n";
const MANIFEST: &str = "[connectors.paged]\nensure = true\nsource_manifest = 'paged.yaml'\n";
const VENV: &str = ".venv-source-faker";
const STAMP: &str = "prime-connector.json";

/// A repository with one dependency, and an index that has it and what the connectors need.
struct Kept {
    sandbox: Sandbox,
    index: Index,
    runner: Runner,
    python: &'static Interpreter,
}

impl Kept {
    /// Made and kept by an earlier run.
    fn new(driver: (&str, &str), configuration: &str) -> Option<Self> {
        let kept = Self::afresh(driver, configuration)?;
        let run = kept.sandbox.prime(["boot"]).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        kept.runner.keep(&kept.sandbox, &[]);
        Some(kept)
    }

    fn afresh((driver, no_uv): (&str, &str), configuration: &str) -> Option<Self> {
        let main = "def main():\n    pass\n";
        let runner = Wheel::new("airbyte-cdk", "7.0").file("runner.py", main);
        let index = Index::start().add(Wheel::new("library", "1").file("library.py", "").build()).add(faker("1.0"));
        let index = index.add(runner.script("source-declarative-manifest", "runner:main").build());
        let more = |name: &str| Wheel::new(name, "1");
        let index = index.add(more("more").file("more.py", "").build());
        // What it says of its own file is not so.
        let index = index.add(more("odd").misrecorded("more.py", "one\n", "two\n").build());
        let python = pythons::newest()?;
        let sandbox = Sandbox::new().index(&index).link_uv(real_uv()?).link_python(python);
        let sandbox = sandbox.file("requirements.txt", "library\n").file("prime.toml", configuration);
        let sandbox = sandbox.file(".python-version", python.series() + "\n");
        let manifest = "version: 1.0.0\nspec:\n  connection_specification: {}\n";
        let sandbox = sandbox.file("paged.yaml", manifest).env("UV_PYTHON_DOWNLOADS", "never");
        let sandbox = sandbox.env("PROTOPRIMER_VENV_DRIVER", driver).env("AIRBYTE_NO_UV", no_uv);
        let runner = Runner::new(&sandbox);
        Some(Self { sandbox, index, runner, python })
    }

    fn venv(&self) -> PathBuf {
        self.sandbox.repo().join(VENV)
    }

    fn site(&self) -> PathBuf {
        self.venv().join(format!("lib/{}/site-packages", self.python.basename()))
    }

    fn told(&self, what: &str) -> String {
        let run = self.sandbox.prime(["cache", what]).output();
        assert_eq!((run.code(), run.stderr().as_str()), (0, ""), "{what}");
        self.sandbox.redact(&run.stdout())
    }

    /// Boots, which must make everything right; the next boot has nothing to do.
    #[track_caller]
    fn heals(&self, what: &str) -> String {
        let run = self.sandbox.prime(["boot"]).output();
        assert_eq!((run.code(), run.stdout().as_str()), (0, ""), "{what}: {}", run.stderr());
        let again = self.sandbox.prime(["boot", "--verify=hash"]).output();
        assert_eq!((again.code(), again.stderr().as_str()), (0, ""), "{what}: {}", run.stderr());
        let says = self.sandbox.command(self.venv().join("bin/source-faker")).args(["spec"]).output();
        assert!(says.stdout().contains(r#"{"const": "1.0"}"#), "{what}: {}", says.stderr());
        assert!(self.site().join("more.py").is_file(), "{what}");
        self.sandbox.redact(&run.stderr())
    }
}

#[test]
fn a_warm_run_makes_no_request_though_connectors_are_ensured() {
    for driver in DRIVERS {
        let Some(kept) = Kept::afresh(driver, &format!("{TABLE}{MANIFEST}")) else { return };
        let before = (kept.told("key"), kept.told("paths"));
        assert_eq!(kept.sandbox.prime(["boot"]).output().code(), 0);
        assert_eq!((kept.told("key"), kept.told("paths")), before, "{driver:?}: when it is kept");
        kept.runner.keep(&kept.sandbox, &[]);
        let asked = kept.index.requests().len();
        for is_refused in [false, true] {
            kept.runner.start_afresh();
            assert_eq!((kept.told("key"), kept.told("paths")), before, "{driver:?}: when it is looked for");
            kept.runner.restore(&[]);
            let (proxy, nowhere) = (Proxy::start(), refused_url());
            let run = kept.sandbox.prime(["boot"]).env("ALL_PROXY", proxy.url()).env("HTTP_PROXY", proxy.url());
            let run = if is_refused { run.env("PIP_INDEX_URL", &nowhere).env("UV_OFFLINE", "1") } else { run };
            let run = run.output();
            let said = kept.sandbox.redact(&run.stderr());
            let of_caches = said.lines().filter(|line| !line.starts_with("pin      "));
            let adopted: BTreeSet<&str> = of_caches.filter_map(|line| line.split(" (restored, ").next()).collect();
            let of = |dir: &str| format!("adopt    {dir}");
            let expected =
                [of(".venv"), of("[REPO]/.venv-source-declarative-manifest"), of("[REPO]/.venv-source-faker")];
            assert_eq!((run.code(), adopted), (0, expected.iter().map(String::as_str).collect()), "{said}");
            assert_eq!(kept.heals("warm"), "");
            assert_eq!((kept.index.requests().len(), proxy.requests().len()), (asked, 0), "{driver:?}");
            assert_eq!(kept.told("key"), before.0, "{driver:?}: when it is ready");
        }
    }
}

fn cut(path: &Path) {
    let size = path.metadata().unwrap().len();
    File::options().write(true).open(path).unwrap().set_len(size / 2).unwrap();
}

/// What is wrong with what came back.
type Damage = (&'static str, fn(&Kept));

const DAMAGES: [Damage; 16] = [
    ("a file is missing", |it| fs::remove_file(it.site().join("source_faker.py")).unwrap()),
    ("a file has another content of its size", |it| {
        let path = it.site().join("source_faker.py");
        let other = fs::read_to_string(&path).unwrap().replace("1.0", "9.9");
        // Whatever else shares the file is left as it is.
        fs::remove_file(&path).unwrap();
        fs::write(&path, other).unwrap();
    }),
    ("a RECORD is cut", |it| cut(&it.site().join("more-1.dist-info/RECORD"))),
    ("a distribution is missing", |it| {
        fs::remove_dir_all(it.site().join("more-1.dist-info")).unwrap();
        fs::remove_file(it.site().join("more.py")).unwrap();
    }),
    ("a distribution is missing, and the stamp", |it| {
        fs::remove_dir_all(it.site().join("more-1.dist-info")).unwrap();
        fs::remove_file(it.site().join("more.py")).unwrap();
        fs::remove_file(it.venv().join(STAMP)).unwrap();
    }),
    ("its packages are missing", |it| fs::remove_dir_all(it.site()).unwrap()),
    ("its program is missing", |it| fs::remove_file(it.venv().join("bin/source-faker")).unwrap()),
    ("its python is missing", |it| fs::remove_file(it.venv().join("bin/python")).unwrap()),
    ("its configuration is cut", |it| cut(&it.venv().join("pyvenv.cfg"))),
    ("its configuration is missing", |it| fs::remove_file(it.venv().join("pyvenv.cfg")).unwrap()),
    ("its configuration is missing, and the stamp", |it| {
        fs::remove_file(it.venv().join("pyvenv.cfg")).and_then(|()| fs::remove_file(it.venv().join(STAMP))).unwrap();
    }),
    ("the stamp is cut", |it| cut(&it.venv().join(STAMP))),
    ("the stamp is missing", |it| fs::remove_file(it.venv().join(STAMP)).unwrap()),
    ("the stamp is there alone", |it| {
        let stamp = fs::read(it.venv().join(STAMP)).unwrap();
        fs::remove_dir_all(it.venv()).unwrap();
        write(&it.venv().join(STAMP), &stamp, 0o644);
    }),
    ("nothing is there", |it| fs::remove_dir_all(it.venv()).unwrap()),
    ("a directory that is empty", |it| {
        fs::remove_dir_all(it.venv()).and_then(|()| fs::create_dir(it.venv())).unwrap();
    }),
];

#[test]
fn half_of_one_is_found_and_made_anew() {
    for driver in DRIVERS {
        let Some(kept) = Kept::new(driver, TABLE) else { return };
        // Which tool makes it anew is no matter of what is wrong with it.
        let every = if driver == DRIVERS[0] { 1 } else { 5 };
        for (what, damage) in DAMAGES.into_iter().step_by(every) {
            kept.runner.start_warm();
            damage(&kept);
            let what = format!("{driver:?}, {what}");
            let told = kept.heals(&what);
            assert!(told.contains("install  airbyte-source-faker 1.0 ("), "{what}: {told}");
            assert!(told.contains("adopt    .venv (restored, ") && !told.contains("library"), "{what}: {told}");
        }
        // Nothing is left of what stood aside.
        let state = kept.sandbox.repo().join(".prime-connectors/source-faker");
        assert_eq!(fs::read_dir(state).unwrap().count(), 1);
    }
}

#[test]
fn an_archive_that_ends_early_is_healed_wherever_it_was_cut() {
    for driver in DRIVERS {
        let Some(kept) = Kept::new(driver, TABLE) else { return };
        let (root, archive) = (kept.sandbox.repo(), kept.sandbox.root().join("part.tar"));
        kept.runner.start_warm();
        assert!(output(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(&root).arg(VENV)).is_ok());
        let whole = fs::read(&archive).unwrap();
        for part in [1, 5, 9, 12, 14] {
            kept.runner.start_warm();
            fs::remove_dir_all(kept.venv()).unwrap();
            fs::write(&archive, &whole[..whole.len() * part / 16 + 100]).unwrap();
            output(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&root)).unwrap();
            let told = kept.heals(&format!("{driver:?}, {part} of 16 parts"));
            // What is behind the last file may be more than a part.
            let is_whole = part > 11 && told.contains("adopt    [REPO]/.venv-source-faker (restored, ");
            assert!(is_whole || told.contains("install  airbyte-source-faker 1.0 ("), "{driver:?}, {part}: {told}");
        }
    }
}

fn edit_stamp(kept: &Kept, edit: impl FnOnce(&mut Json)) {
    let path = kept.venv().join(STAMP);
    let mut stamp: Json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    edit(&mut stamp);
    write(&path, &serde_json::to_vec(&stamp).unwrap(), 0o644);
}

#[test]
fn one_that_was_made_for_another_python_or_path_is_made_anew() {
    let Some(kept) = Kept::new(DRIVERS[0], TABLE) else { return };
    let others: [(&str, Json); 3] = [
        ("/target/abi", json!("cp311d")),
        ("/python", json!("3.12.99")),
        ("/venv", json!("/elsewhere/.venv-source-faker")),
    ];
    for (pointer, value) in others {
        kept.runner.start_warm();
        edit_stamp(&kept, |stamp| *stamp.pointer_mut(pointer).unwrap() = value);
        let told = kept.heals(pointer);
        assert!(told.contains("install  airbyte-source-faker 1.0 ("), "{pointer}: {told}");
    }
    // One of an earlier prime is proven as well.
    kept.runner.start_warm();
    edit_stamp(&kept, |stamp| {
        stamp.as_object_mut().unwrap().retain(|name, _| !["birth", "target", "python", "cfg"].contains(&&**name));
    });
    assert!(kept.heals("of an earlier prime").contains("adopt    [REPO]/.venv-source-faker (restored, "));
}

#[test]
fn what_was_published_in_contradiction_to_itself_is_made_anew_once() {
    let Some(kept) = Kept::new(DRIVERS[0], &TABLE.replace("'more'", "'odd'")) else { return };
    for is_known in [false, true] {
        kept.runner.start_warm();
        let told = kept.heals("published like that");
        assert_eq!(told.contains("adopt    [REPO]/.venv-source-faker (restored, "), is_known, "{told}");
        fs::remove_file(&kept.runner.kept).unwrap();
        kept.runner.keep(&kept.sandbox, &[]);
    }
}

#[test]
fn one_that_something_else_has_put_in_its_place_is_proven_by_its_content() {
    let Some(kept) = Kept::new(DRIVERS[0], TABLE) else { return };
    let copy = kept.sandbox.root().join("copy");
    for is_whole in [true, false] {
        assert!(output(Command::new("cp").arg("-a").arg(kept.venv()).arg(&copy)).unwrap().status.success());
        fs::remove_dir_all(kept.venv()).unwrap();
        fs::rename(&copy, kept.venv()).unwrap();
        if !is_whole {
            let path = kept.site().join("source_faker.py");
            let other = fs::read_to_string(&path).unwrap().replace("1.0", "9.9");
            fs::write(&path, other).unwrap();
        }
        let told = kept.heals("copied");
        assert_eq!(told.contains("install  airbyte-source-faker 1.0 ("), !is_whole, "{told}");
    }
}

/// The key with this configuration.
#[track_caller]
fn key_of(sandbox: &Sandbox, configuration: &str) -> String {
    write(&sandbox.repo().join("prime.toml"), configuration.as_bytes(), 0o644);
    let run = sandbox.prime(["cache", "key"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    run.stdout()
}

#[test]
fn the_key_has_what_decides_their_environments_and_nothing_else() {
    let Some(kept) = Kept::afresh(DRIVERS[0], TABLE) else { return };
    let sandbox = kept.sandbox.file("limits.txt", "a<2\n").file("w/x-1-py3-none-any.whl", "one");
    let sandbox = sandbox.file("registry.json", "{}");
    let key = |configuration: &str| key_of(&sandbox, configuration);
    let table = |lines: &str| key(&format!("[connectors.source-faker]\nensure = true\n{lines}"));
    let mut keys = BTreeSet::from([key(""), table("")]);
    assert_eq!(keys.len(), 2, "without and with one");
    let by_url = format!("pip_url = 'x @ file://{}/w/x-1-py3-none-any.whl'\n", sandbox.repo().display());
    for lines in [
        "version = '1.0'\n",
        "version = '2.0'\n",
        "pip_url = 'airbyte-source-faker>1'\n",
        "pip_url = './w/x-1-py3-none-any.whl'\n",
        "with = ['more']\n",
        "with = ['./w/x-1-py3-none-any.whl[a]']\n",
        "with = ['-r', 'limits.txt']\n",
        "pip_url = 'x --constraint=./limits.txt'\n",
        &by_url,
        "constraints = 'limits.txt'\n",
        "use_python = '3.11'\n",
        "use_python = true\n",
        "registry = './registry.json'\n",
        "install_root = 'connectors'\n",
        "source_manifest = 'paged.yaml'\n",
    ] {
        let new = table(lines);
        assert!(keys.insert(new.clone()), "{lines}");
        for (file, content) in [("limits.txt", "a<3\n"), ("w/x-1-py3-none-any.whl", "two"), ("registry.json", "[]")] {
            let before = sandbox.read(file);
            write(&sandbox.repo().join(file), content.as_bytes(), 0o644);
            assert_eq!(table(lines) != new, lines.contains(file.rsplit('/').next().unwrap()), "{lines} {file}");
            write(&sandbox.repo().join(file), before.as_bytes(), 0o644);
        }
    }
    for lines in ["limit = 3\n", "config = { a = 1 }\n", "no_fix = true\n", "output = 'out'\n", "# a remark\n"] {
        assert_eq!(table(lines), table(""), "{lines}");
    }
    for lines in ["local_executable = 'x'\n", "docker_image = 'x'\n", "no_executor = true\n"] {
        assert_eq!(table(lines), key(""), "{lines}");
    }
    assert_eq!(key("[connectors.source-faker]\nversion = '1.0'\n"), key(""), "no boot makes sure of it");
    let by_pip = sandbox.prime(["cache", "key"]).env("AIRBYTE_NO_UV", "1").output().stdout();
    assert_eq!(by_pip, key(""), "there is none");
    let (plain, elsewhere) = (table(""), sandbox.root().join("else"));
    for (name, value) in [("AIRBYTE_NO_UV", "1"), ("AIRBYTE_INSTALL_DIR", elsewhere.to_str().unwrap())] {
        assert_ne!(sandbox.prime(["cache", "key"]).env(name, value).output().stdout(), plain, "{name}");
    }
}

#[test]
fn the_key_has_no_credentials_of_their_requirements() {
    let Some(Kept { sandbox, .. }) = Kept::afresh(DRIVERS[0], TABLE) else { return };
    for lines in ["pip_url = 'x @ URL/x.whl'\n", "with = ['x @ URL/x.whl']\n", "registry = 'URL/registry.json'\n"] {
        let with = |user: &str| {
            let lines = lines.replace("URL", &format!("https://{user}localhost"));
            key_of(&sandbox, &format!("[connectors.source-faker]\nensure = true\n{lines}"))
        };
        assert_eq!(with("me:token1@"), with("token2@"), "{lines}");
        assert_ne!(with("me:token1@"), with("me:token1@other."), "{lines}");
    }
}

#[test]
fn what_is_kept_of_them_goes_by_what_is_configured() {
    let Some(kept) = Kept::afresh(("venv_pip", "0"), "") else { return };
    let Kept { sandbox, .. } = kept;
    let paths = |lines: &str, rest: &[(&str, &str)]| {
        let text = format!("[connectors.source-faker]\nensure = true\n{lines}");
        write(&sandbox.repo().join("prime.toml"), text.as_bytes(), 0o644);
        let run = sandbox.prime(["cache", "paths"]);
        let run = rest.iter().fold(run, |run, (name, value)| run.env(name, value)).output();
        sandbox.redact(&run.stdout())
    };
    let without = "[REPO]/.venv\n[REPO]/.prime/stamp.json\n[REPO]/.prime/sources.json\n[CACHE]/pip\n";
    assert_eq!(paths("docker_image = true\n", &[]), without);
    let with = |dirs: &str| {
        without.replace("[CACHE]/pip\n", &format!("{dirs}[HOME]/.local/share/uv/python\n[CACHE]/prime/uv\n[CACHE]/prime/connectors\n[CACHE]/uv\n[CACHE]/pip\n"))
    };
    let (own, of_manifests) = ("[REPO]/.venv-source-faker\n", "[REPO]/.venv-source-declarative-manifest\n");
    assert_eq!(paths("", &[]), with(own));
    assert_eq!(paths("source_manifest = 'paged.yaml'\n", &[]), with(of_manifests));
    // What a registry says is not asked.
    assert_eq!(paths("", &[("AIRBYTE_LOCAL_REGISTRY", "http://localhost:1/")]), with(&format!("{own}{of_manifests}")));
    assert_eq!(paths("install_root = 'c'\n", &[]), with("[REPO]/c/.venv-source-faker\n"));
    assert_eq!(paths("", &[("AIRBYTE_INSTALL_DIR", "/c")]), with("/c/.venv-source-faker\n"));
    let by_pip = with(own).replace("[HOME]/.local/share/uv/python\n[CACHE]/prime/uv\n", "").replace("[CACHE]/uv\n", "");
    assert_eq!(paths("", &[("AIRBYTE_NO_UV", "1")]), by_pip);
    let run = sandbox.prime(["cache", "paths", "--relative"]).env("AIRBYTE_INSTALL_DIR", "/c").output();
    let moved =
        "warning: `/c/.venv-source-faker` is outside of the repository and left out; `AIRBYTE_INSTALL_DIR` moves it";
    assert!(run.stderr().contains(moved), "{}", run.stderr());
}
