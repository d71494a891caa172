//! The same tree as `ensurepip`'s, and a pip that works.

use std::process::Stdio;

use super::*;

/// The question to the child that seeds under a certain mask: root and cache. A mask is the whole process's.
const CHILD: &str = "PRIME_TEST_SEED_CHILD";

#[test]
fn a_child_seeds_where_it_is_told() {
    let Some(told) = std::env::var(CHILD).ok() else { return };
    let [python, env, cache] = told.split('\n').map(PathBuf::from).collect::<Vec<_>>().try_into().unwrap();
    let interpreter = probe_path(&Host::default(), &python, &SearchOptions::default()).unwrap();
    let version = interpreter.version();
    let site_packages = env.join(format!("lib/python{}.{}/site-packages", version.major, version.minor));
    let (bin, exe) = (env.join("bin"), env.join("bin").join(python.file_name().unwrap()));
    let target = Target {
        interpreter: &interpreter,
        site_packages: &site_packages,
        bin: &bin,
        python: &exe,
        relocatable: false,
    };
    let cache = Cache { dir: &cache, compile: false };
    let cache = (!cache.dir.as_os_str().is_empty()).then_some(&cache);
    planned(&Host::default(), &target, cache, &no_index).unwrap();
}

fn under(umask: &str, program: &Path) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]).arg(program);
    command
}

/// A process that seeds a world, with this cache in it or none.
pub fn child(world: &World, cache: &str) -> Command {
    child_of(Command::new(std::env::current_exe().unwrap()), world, cache)
}

fn child_of(mut command: Command, world: &World, cache: &str) -> Command {
    let cache = if cache.is_empty() { String::new() } else { world.at(cache).display().to_string() };
    let told = format!("{}\n{}\n{cache}", world.python.path.display(), world.env().display());
    command.args(["--exact", "venv::seed::tests::equal::a_child_seeds_where_it_is_told"]).env(CHILD, told);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn seed_under(umask: &str, world: &World, cache: &str) {
    let output = child_of(under(umask, &std::env::current_exe().unwrap()), world, cache).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn make_under(umask: &str, world: &World) {
    let _ = std::fs::remove_dir_all(world.env());
    let mut venv = under(umask, &world.python.path);
    assert!(run(venv.args(["-I", "-m", "venv", "--without-pip"]).arg(world.env())).status.success());
}

fn compare(python: &'static Interpreter, umask: &str) {
    let world = World::new(python);
    make_under(umask, &world);
    let bare = world.tree();
    let ensurepip = run(under(umask, &world.exe()).args(["-I", "-m", "ensurepip", "--upgrade", "--default-pip"]));
    assert!(ensurepip.status.success(), "{ensurepip:?}");
    let theirs = world.tree();
    let list = world.pip(&["list"]).stdout;
    // Into the cache and out of it, out of it alone, and past it.
    for cache in ["cache", "cache", ""] {
        make_under(umask, &world);
        seed_under(umask, &world, cache);
        assert_same(&format!("{} under {umask} with `{cache}`", python.path.display()), &world.tree(), &theirs);
    }
    assert_eq!(world.pip(&["list"]).stdout, list);
    world.pip(&["check"]);
    world.pip(&["install", "--no-index", world.wheel().to_str().unwrap()]);
    world.pip(&["uninstall", "--yes", "hello", "setuptools"]);
    world.pip(&["uninstall", "--yes", "pip"]);
    assert_same("after uninstalling", &world.tree(), &bare);
}

impl World {
    /// A wheel of somebody else.
    fn wheel(&self) -> PathBuf {
        let path = self.at("hello-1.0-py3-none-any.whl");
        std::fs::write(&path, wheels::Wheel::of("hello", "1.0").file("hello.py", "x = 1\n").bytes()).unwrap();
        path
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "which interpreters were compared is what the test is worth")]
fn the_tree_is_the_one_that_ensurepip_leaves() {
    let newest = newest();
    // `ensurepip` takes seconds; the other mask is for the newest alone unless everything is asked for.
    let thorough = std::env::var_os("PRIME_TEST_REQUIRE").is_some();
    for python in PYTHONS.iter() {
        for umask in ["022", "077"].into_iter().take(if thorough || Some(python) == newest { 2 } else { 1 }) {
            compare(python, umask);
            println!("compared with `ensurepip` of {} under {umask}", python.path.display());
        }
    }
}

#[test]
fn a_mask_that_lets_everybody_write_does_not_make_the_cache_so() {
    let Some(python) = newest() else { return };
    let world = World::new(python);
    make_under("000", &world);
    seed_under("000", &world, "cache");
    let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(world.site_packages.join("pip/__init__.py")), 0o666);
    let mut found = BTreeMap::new();
    collect(&world.at("cache"), &world.at("cache"), &mut found);
    let open: Vec<_> = found.iter().filter(|(_, (mode, _))| mode & 0o002 != 0).collect();
    assert!(open.is_empty(), "{:?}", open[0].0);
}
