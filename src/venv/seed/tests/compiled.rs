//! The cache is compiled after its first use, and Python takes what is compiled.

use std::time::Duration;

use super::*;

/// Waits until all entries are compiled.
fn wait(cache: &Path) {
    let is_done = || {
        let entries = std::fs::read_dir(cache.join("seed")).unwrap();
        entries.map(|entry| entry.unwrap().path()).all(|entry| entry.join("compiled").exists())
    };
    assert!(eventually(is_done), "not compiled");
}

fn eventually(is_so: impl Fn() -> bool) -> bool {
    (0..1200).any(|_| {
        let so = is_so();
        if !so {
            std::thread::sleep(Duration::from_millis(50));
        }
        so
    })
}

fn compiled(world: &World) -> usize {
    let find = run(Command::new("find").arg(world.env()).args(["-name", "*.pyc"]));
    String::from_utf8_lossy(&find.stdout).lines().count()
}

/// What Python says of the files that it reads while it starts pip.
fn start(world: &World) -> String {
    let start = run(Command::new(world.exe()).args(["-I", "-v", "-c", "import pip._internal.cli.main"]));
    assert!(start.status.success());
    String::from_utf8_lossy(&start.stderr).into_owned()
}

#[test]
fn every_environment_but_the_first_gets_compiled_files_that_python_takes() {
    let Some(python) = newest() else { return };
    let worlds = [World::new(python), World::new(python), World::new(python), World::new(python)];
    let cache = worlds[0].at("cache");
    worlds[0].seed_with(python, Some(&cache), true).unwrap();
    wait(&cache);
    worlds[1].seed_with(python, Some(&cache), true).unwrap();
    let all = compiled(&worlds[1]);
    assert!(all > 100, "{all}");
    assert_eq!(compiled(&worlds[0]), 0, "what was handed over is changed no more");
    worlds[3].seed_with(python, Some(&cache), true).unwrap();
    for world in [&worlds[1], &worlds[3]] {
        let said = start(world);
        assert!(said.contains("pip/__pycache__/__init__.cpython-"), "{said}");
        assert!(!said.contains("# wrote"), "{said}");
        assert_eq!(compiled(world), all);
    }
    let host = Host { vars: vec![("SOURCE_DATE_EPOCH".into(), "1".into())], ..Host::default() };
    let (world, bin) = (&worlds[2], worlds[2].bin());
    let (python, cache) = (world.exe(), Cache { dir: &cache, compile: true });
    let target = Target {
        interpreter: world.python,
        site_packages: &world.site_packages,
        bin: &bin,
        python: &python,
        relocatable: true,
    };
    planned(&host, &target, Some(&cache), &no_index).unwrap();
    assert_eq!(compiled(world), 0, "they tell a time");
    std::fs::rename(world.env(), world.at("moved")).unwrap();
    let version = run(Command::new(world.at("moved/bin/pip")).arg("--version"));
    assert!(String::from_utf8_lossy(&version.stdout).contains("moved/lib"), "{version:?}");
}
