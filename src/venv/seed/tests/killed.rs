//! Killed at any moment, and run again: a whole pip.

use std::time::Duration;

use super::*;

#[test]
fn a_seed_that_was_killed_is_made_whole_by_the_next() {
    let Some(python) = newest() else { return };
    let world = World::new(python);
    world.seed(None).unwrap();
    let whole = world.tree();
    let cache = world.at("cache");
    for round in 0..24_u64 {
        // Into an environment without pip, and into one whose pip has to go first.
        if round % 2 == 0 {
            std::fs::remove_dir_all(world.env()).unwrap();
            world.make();
        } else {
            std::fs::write(world.bin().join("pip"), "damaged").unwrap();
        }
        if round % 3 == 0 {
            let _ = std::fs::remove_dir_all(&cache);
        }
        let mut child = equal::child(&world, "cache").spawn().unwrap();
        if round % 4 < 2 {
            std::thread::sleep(Duration::from_millis(30 + round * 12));
        } else {
            // In the midst of it.
            while !has_record(&world) && child.try_wait().unwrap().is_none() {}
            std::thread::sleep(Duration::from_micros(round * 300));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        world.seed(Some(&cache)).unwrap();
        assert_same(&format!("round {round}"), &world.tree(), &whole);
    }
}

fn has_record(world: &World) -> bool {
    let entries = std::fs::read_dir(&world.site_packages).unwrap().flatten();
    entries.map(|entry| entry.path().join("RECORD")).any(|record| record.exists())
}
