//! An editable project that is linked by code with a table of its modules, and a file that another distribution has taken:
//! damage that concerns more than one file.

use std::fs;

use super::repo::{DRIVERS, Repo};

#[test]
fn the_table_that_an_editable_project_is_linked_by_is_proven_and_mended() {
    const FINDER: &str = "__editable___app_1_0_finder.py";
    for driver in DRIVERS {
        let Some(repo) = Repo::linked_by_code(driver) else { return };
        let (finder, text) = (repo.site(FINDER), fs::read_to_string(repo.site(FINDER)).unwrap());
        let damages = [
            (None, "is missing".to_owned()),
            (Some(text.replace("/src/", "/scr/")), "leads to `[REPO]/scr/app`, which is not there".to_owned()),
            (Some(String::new()), format!("has 0 bytes instead of {}", text.len())),
        ];
        let count = damages.len();
        for (content, wrong) in damages {
            let before = repo.inodes();
            fs::remove_file(&finder).unwrap();
            if let Some(content) = content {
                fs::write(&finder, content).unwrap();
            }
            let said = format!("repair   app 1.0: `[SITE]/{FINDER}` {wrong}  [TIME]\n");
            repo.assert_found(&[], &said, driver);
            assert_eq!(repo.said(driver), said, "{driver}");
            let touched = repo.changed_since(&before);
            assert!(touched.iter().all(|path| path.contains("app")), "{driver}: {touched:?}");
            repo.assert_whole(driver);
        }
        eprintln!("{count} kinds of damage to a link by code found by `check` and mended with {driver}");
    }
}

#[test]
fn a_file_that_another_distribution_has_taken_is_given_back() {
    for driver in DRIVERS {
        let Some(repo) = Repo::booted(driver) else { return };
        // As an installer does that is run by hand: it writes over what is there without a word.
        let own = repo.site("rogue-3.0.dist-info");
        fs::create_dir(&own).unwrap();
        fs::write(own.join("METADATA"), "Name: rogue\nVersion: 3.0\n").unwrap();
        let record = "tool/data.txt,,7\nrogue-3.0.dist-info/METADATA,,\nrogue-3.0.dist-info/RECORD,,\n";
        fs::write(own.join("RECORD"), record).unwrap();
        fs::remove_file(repo.site("tool/data.txt")).unwrap();
        fs::write(repo.site("tool/data.txt"), "others\n").unwrap();
        let said = "repair   tool 1.0: `[SITE]/tool/data.txt` is that of rogue 3.0  [TIME]\n";
        repo.assert_found(&[], said, driver);
        let warning = "warning: rogue 3.0: `[SITE]/tool/data.txt` is that of tool 1.0; both list it, and the installer let the \
                       last one win\n";
        // What was installed by hand is pinned as well, as ever.
        let pin = "pin      constraints.txt (3 versions)  [TIME]\n";
        assert_eq!(repo.said(driver), format!("{said}{warning}{pin}"), "{driver}");
        assert_eq!(fs::read_to_string(repo.site("tool/data.txt")).unwrap(), "some data\n");
        repo.assert_whole(driver);
    }
}

#[test]
fn a_link_to_sources_that_are_gone_is_never_called_ready() {
    for driver in DRIVERS {
        let Some(repo) = Repo::booted(driver) else { return };
        let descriptor = "{ build_root_dir_rel_path = '.', requirements_files = ['requirements.txt'] }";
        let lib = "[project]\nname = 'lib'\nversion = '1.0'\n\
                   [build-system]\nrequires = ['tinybackend']\nbuild-backend = 'tinybackend'\n";
        let sandbox = repo.sandbox.file("prime.toml", format!("project_descriptors = [{descriptor}]\n"));
        let sandbox = sandbox.file("requirements.txt", "-e ./lib\n").file("lib/src/lib.py", "");
        let repo = Repo { sandbox: sandbox.file("lib/pyproject.toml", lib), ..repo };
        repo.said(driver);
        let before = repo.inodes();
        let (sources, away) = (repo.path("lib"), repo.path("away"));
        fs::rename(&sources, &away).unwrap();
        let wrong = "`[SITE]/__editable__lib-1.0.pth` leads to `[REPO]/lib/src`, which is not there, and 1 more";
        repo.assert_found(&[], &format!("repair   lib 1.0: {wrong}  [TIME]\n"), driver);
        for _ in 0..2 {
            let run = repo.sandbox.prime(["boot"]).output();
            let said = repo.sandbox.redact(&run.stderr());
            assert_eq!(run.code(), 78, "{driver}: {said}");
            assert!(said.contains("error: cannot mend `lib`") && said.contains("[REPO]/lib"), "{driver}: {said}");
            assert_eq!(repo.changed_since(&before), Vec::<String>::new(), "{driver}");
        }
        fs::rename(away, sources).unwrap();
        assert_eq!(repo.said(driver), "", "{driver}");
        repo.assert_whole(driver);
    }
}
