//! An interpreter that brings nothing: the index is asked.

use super::wheels::Wheel;
use super::*;
use crate::error::kind_of;
use crate::fetch::{Places, Url};

/// An index of directories. Wheels in one tell nothing but their names.
fn index(fake: &Fake, wheels: &[Wheel]) {
    std::fs::create_dir_all(fake.at("index/pip")).unwrap();
    for wheel in wheels {
        let name = wheel.dist_info().replace(".dist-info", "-py3-none-any.whl");
        std::fs::write(fake.at("index/pip").join(name), wheel.bytes()).unwrap();
    }
}

fn seed_from(fake: &Fake, cache: Option<&Path>) -> Result<String> {
    let vars = vec![("PRIME_INDEX_URL".into(), Url::from_path(&fake.at("index")).to_string().into())];
    let host = Host { vars, current_dir: "/".into(), ..Host::default() };
    let seeded = fake.seed_from(cache, &|| IndexSettings::load(&host, &Places::new(None)))?;
    Ok(seeded.iter().map(|it| format!("{} {}", it.name, it.version)).collect::<Vec<_>>().join(", "))
}

fn requiring(version: &str, requires: &str) -> Wheel {
    let metadata = format!("Metadata-Version: 2.1\nName: pip\nVersion: {version}\nRequires-Python: {requires}\n");
    Wheel::pip(version).info("METADATA", &metadata)
}

#[test]
fn the_newest_that_this_python_may_have_is_taken_and_kept() {
    let fake = Fake::new();
    index(&fake, &[Wheel::pip("9.0"), requiring("10.0", ">=3.8"), requiring("11.0", ">=3.13"), Wheel::pip("12.0rc1")]);
    assert_eq!(seed_from(&fake, None).unwrap(), "pip 10.0");
    assert_eq!(seed_from(&fake, None).unwrap(), "", "what is whole is not looked for");
    let cache = fake.at("cache");
    std::fs::remove_file(fake.package("pip/__init__.py")).unwrap();
    assert_eq!(seed_from(&fake, Some(&cache)).unwrap(), "pip 10.0");
    std::fs::remove_dir_all(fake.at("index")).unwrap();
    std::fs::remove_file(fake.package("pip/__init__.py")).unwrap();
    assert_eq!(seed_from(&fake, Some(&cache)).unwrap(), "pip 10.0", "out of the cache");
    let asked = cache.join("seed/index/pip-3.12/asked");
    let time = std::time::SystemTime::UNIX_EPOCH;
    std::fs::File::options().write(true).open(asked).unwrap().set_modified(time).unwrap();
    std::fs::remove_file(fake.package("pip/__init__.py")).unwrap();
    assert_eq!(seed_from(&fake, Some(&cache)).unwrap(), "pip 10.0", "an old one, for want of a newer");
    let wheel = cache.join("seed/index/pip-3.12/pip-10.0-py3-none-any.whl");
    std::fs::write(wheel, "damaged").unwrap();
    std::fs::remove_file(fake.package("pip/__init__.py")).unwrap();
    assert_eq!(kind_of(&seed_from(&fake, Some(&cache)).unwrap_err()), Kind::Data);
    index(&fake, &[Wheel::pip("9.0"), requiring("10.1", ">=3.8")]);
    assert_eq!(seed_from(&fake, Some(&cache)).unwrap(), "pip 10.1");
    assert!(fake.package("pip/__init__.py").exists());
}

#[test]
fn a_page_tells_digests_withdrawals_and_requirements() {
    let fake = Fake::new();
    let wheels = [requiring("9.0", ">=3.8"), requiring("10.0", ">=3.13"), Wheel::pip("11.0")];
    index(&fake, &wheels);
    let link =
        |name: &str, rest: &str| format!("<a href=\"{name}-py3-none-any.whl\" {rest}>{name}-py3-none-any.whl</a>");
    let links = [
        link("pip-9.0", ""),
        link("pip-10.0", "data-requires-python=\"&gt;=3.13\""),
        link("pip-11.0", "data-yanked=\"bad\""),
    ];
    let page = |links: &[String]| {
        let text = format!("<!DOCTYPE html><html><body>{}</body></html>", links.concat());
        std::fs::write(fake.at("index/pip/index.html"), text).unwrap();
    };
    page(&links);
    assert_eq!(seed_from(&fake, None).unwrap(), "pip 9.0");
    std::fs::remove_file(fake.package("pip/__init__.py")).unwrap();
    let digest = "0".repeat(64);
    page(&[links[0].replace("none-any.whl\"", &format!("none-any.whl#sha256={digest}\""))]);
    let error = seed_from(&fake, None).unwrap_err();
    assert_eq!(kind_of(&error), Kind::Data, "{error:#}");
}

#[test]
fn where_nothing_can_be_had_the_remedy_is_told() {
    let fake = Fake::new();
    std::fs::create_dir_all(fake.at("index")).unwrap();
    let error = seed_from(&fake, None).unwrap_err();
    let fault = error.downcast_ref::<Fault>().unwrap();
    assert_eq!(fault.kind, Kind::Unavailable, "{error:#}");
    assert!(fault.message.contains("brings no pip"), "{error:#}");
    assert!(fault.hint.as_ref().unwrap().contains("python3-venv"), "{fault:?}");
    assert!(format!("{error:#}").contains("no pip for python 3.12.1 in `file:///"), "{error:#}");
}

#[test]
fn of_two_bundled_wheels_the_one_that_ensurepip_names_is_taken_and_a_distributions_goes_before() {
    let mut fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    std::fs::write(fake.at("lib/ensurepip/_bundled/pip-9.5-py3-none-any.whl"), Wheel::pip("9.5").bytes()).unwrap();
    assert_eq!(fake.seed(None).unwrap()[0].version, "9.0");
    let dir = fake.at("wheels");
    std::fs::create_dir(&dir).unwrap();
    fake.interpreter.wheel_pkg_dir = Some(dir.clone());
    assert_eq!(fake.seed(None).unwrap(), [], "there is no wheel in it");
    for version in ["10.0", "9.9"] {
        std::fs::write(dir.join(format!("pip-{version}-py3-none-any.whl")), Wheel::pip(version).bytes()).unwrap();
    }
    assert_eq!(fake.seed(None).unwrap(), [], "an `ensurepip` that does not know of it");
    let init = fake.at("lib/ensurepip/__init__.py");
    std::fs::write(init, "_PIP_VERSION = \"9.0\"\n_WHEEL_PKG_DIR = 1\n").unwrap();
    assert_eq!(fake.seed(None).unwrap()[0].version, "9.9", "the last by name, as it sorts them");
}

#[test]
fn setuptools_comes_where_ensurepip_brings_it() {
    let mut fake = Fake::with("9.0", &Wheel::pip("9.0").bytes());
    fake.interpreter.build.version = PythonVersion::new(3, 7, 1);
    let init = fake.at("lib/ensurepip/__init__.py");
    std::fs::write(init, "_SETUPTOOLS_VERSION = \"4.0\"\n_PIP_VERSION = \"9.0\"\n").unwrap();
    let programs = "[console_scripts]\neasy_install = setuptools:main\neasy_install-3.9 = setuptools:main\n";
    let wheel = Wheel::of("setuptools", "4.0").file("setuptools.py", "").info("entry_points.txt", programs);
    std::fs::write(fake.at("lib/ensurepip/_bundled/setuptools-4.0-py3-none-any.whl"), wheel.bytes()).unwrap();
    let seeded = fake.seed(None).unwrap();
    assert_eq!(seeded.iter().map(|it| it.name).collect::<Vec<_>>(), ["setuptools", "pip"]);
    let programs: Vec<_> = fake.tree("env/bin").into_keys().collect();
    assert_eq!(programs, ["easy_install", "easy_install-3.7", "pip", "pip3", "pip3.7"]);
    std::fs::remove_file(fake.package("setuptools.py")).unwrap();
    assert_eq!(fake.seed(None).unwrap(), [Seeded { name: "setuptools", version: "4.0".into() }]);
}
