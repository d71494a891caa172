//! What is published in contradiction to itself, or in contradiction to another package: it is installed as the tools
//! install it, told once, and is no damage from then on.

use std::fs;

use super::repo::{DRIVERS, Repo, tool};
use crate::support::index::Index;
use crate::support::wheel::Wheel;

#[test]
fn two_packages_with_one_file_are_both_whole_when_it_is_the_same() {
    for driver in DRIVERS {
        let other = Wheel::new("other", "2.0").file("tool/data.txt", "some data\n").script("other", "other:main");
        let other = other.file("other.py", "def main():\n    print('this is other')\n");
        let Some(repo) = Repo::booted_with(driver, tool(), other) else { return };
        repo.assert_whole(driver);
    }
}

#[test]
fn a_file_that_two_packages_disagree_about_is_told_once() {
    for driver in DRIVERS {
        let other = Wheel::new("other", "2.0").file("shared.py", "1\n").script("other", "other:main");
        let other = other.file("other.py", "def main():\n    print('this is other')\n").build();
        let index = Index::start().add(tool().file("shared.py", "22\n").build()).add(other);
        let Some(repo) = Repo::new(driver, index) else { return };
        let said = repo.said(driver);
        let warnings: Vec<_> = said.lines().filter(|line| line.starts_with("warning: ")).collect();
        assert_eq!(warnings.len(), 1, "{said}");
        let (tool, other) = ("tool 1.0", "other 2.0");
        let one = |loser: &str, winner: &str| {
            format!(
                "warning: {loser}: `[SITE]/shared.py` is that of {winner}; both list it, and the installer let the last \
                 one win"
            )
        };
        assert!([one(tool, other), one(other, tool)].contains(&warnings[0].to_owned()), "{said}");
        assert!(!said.contains("repair"), "{said}");
        repo.assert_whole(driver);
    }
}

#[test]
fn a_package_whose_record_is_wrong_is_told_once_and_still_proven() {
    for driver in DRIVERS {
        let broken = tool().misrecorded("tool/more.txt", "more data\n", "");
        let other = Wheel::new("other", "2.0").script("other", "other:main");
        let other = other.file("other.py", "def main():\n    print('this is other')\n").build();
        let Some(repo) = Repo::new(driver, Index::start().add(broken.build()).add(other)) else { return };
        let said = repo.said(driver);
        let expected = "warning: tool 1.0: `[SITE]/tool/more.txt` has 10 bytes instead of 0; it was fetched anew and is the same, so it \
                        was published like that";
        assert!(said.lines().any(|line| line == expected), "{said}");
        repo.assert_whole(driver);
        fs::remove_file(repo.site("tool/data.txt")).unwrap();
        assert_eq!(repo.said(driver), "repair   tool 1.0: `[SITE]/tool/data.txt` is missing  [TIME]\n");
        repo.assert_whole(driver);
    }
}
