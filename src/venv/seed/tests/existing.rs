//! What is there already: newer, as new, older, damaged, half there.

use super::*;

#[test]
fn what_is_whole_and_as_new_stays_untouched() {
    let Some(python) = newest() else { return };
    let world = World::new(python);
    let seeded = world.seed(None).unwrap();
    assert_eq!(seeded.last().map(|it| it.name), Some("pip"));
    let times = || {
        let files = world.tree().into_keys().map(|name| world.env().join(name).symlink_metadata().unwrap());
        files.map(|meta| crate::host::fs::Identity::new(&meta)).collect::<Vec<_>>()
    };
    let before = times();
    assert_eq!(world.seed(None).unwrap(), []);
    let (now, before) = (times(), before);
    // The directory of packages is asked which mode a new file gets in it.
    let changed = now.iter().zip(&before).filter(|(one, other)| one.inode != other.inode || one.size != other.size);
    assert_eq!((changed.count(), now.len()), (0, before.len()));
}

#[test]
fn whatever_is_missing_is_mended() {
    let Some(python) = newest() else { return };
    let world = World::new(python);
    world.seed(None).unwrap();
    let whole = world.tree();
    let dist_info = world.site_packages.join(
        whole
            .keys()
            .find(|name| name.ends_with(".dist-info"))
            .map_or("", |name| name.rsplit('/').next().unwrap_or_default()),
    );
    let remove = |path: PathBuf| std::fs::remove_file(path).unwrap();
    let damages: [&dyn Fn(); 6] = [
        &|| remove(world.site_packages.join("pip/__main__.py")),
        &|| remove(world.bin().join("pip3")),
        &|| remove(dist_info.join("RECORD")),
        &|| std::fs::write(dist_info.join("RECORD"), "").unwrap(),
        &|| std::fs::write(world.site_packages.join("pip/__init__.py"), "").unwrap(),
        &|| std::fs::remove_dir_all(world.site_packages.join("pip/_internal")).unwrap(),
    ];
    for (number, damage) in damages.iter().enumerate() {
        damage();
        assert_eq!(world.seed(None).unwrap().len(), 1, "{number}");
        assert_same(&format!("damage {number}"), &world.tree(), &whole);
    }
}
