//! The least that has to be installed.
//!
//! Everything that is installed by one entry of the configuration is an [`Item`] with a digest of all it depends on. What
//! has the digest it had is not built or resolved again: both tools take what is installed as given.

use std::collections::BTreeMap;

use super::input::sha256;

/// One thing to install: a project, a requirements file, a dependency group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What tells it from the others, for people too.
    pub key: String,
    /// A digest of what it is installed from.
    pub digest: String,
}

impl Item {
    /// An item whose digest is that of these parts, in order.
    pub fn new<'a>(key: impl Into<String>, parts: impl IntoIterator<Item = &'a str>) -> Self {
        // Each part carries its length: no two lists of parts are the same text.
        let text: Vec<String> = parts.into_iter().map(|part| format!("{}:{part}", part.len())).collect();
        Self { key: key.into(), digest: sha256(text.join("\n").as_bytes()) }
    }
}

/// The keys of what is to be installed. Pins that changed concern every item.
pub fn due(wanted: &[Item], installed: &BTreeMap<String, String>, pins_changed: bool) -> Vec<String> {
    let due = |item: &&Item| pins_changed || installed.get(&item.key) != Some(&item.digest);
    wanted.iter().filter(due).map(|item| item.key.clone()).collect()
}

/// Something that was installed and no longer belongs. Nothing tells what came with it: only a new environment is without.
pub fn surplus<'a>(wanted: &[Item], installed: &'a BTreeMap<String, String>) -> Option<&'a str> {
    installed.keys().find(|key| wanted.iter().all(|item| item.key != **key)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_due() {
        let wanted = [Item::new("a", ["1", "2"]), Item::new("b", ["1"])];
        let installed = |items: &[&Item]| items.iter().map(|it| (it.key.clone(), it.digest.clone())).collect();
        let both: BTreeMap<_, _> = installed(&[&wanted[0], &wanted[1]]);
        assert!(due(&wanted, &both, false).is_empty());
        assert_eq!(due(&wanted, &both, true), ["a", "b"]);
        assert_eq!(due(&wanted, &installed(&[&wanted[0]]), false), ["b"]);
        let older = Item::new("a", ["12"]);
        assert_eq!(due(&wanted, &installed(&[&older, &wanted[1]]), false), ["a"]);
        assert_eq!(surplus(&wanted, &both), None);
        assert_eq!(surplus(&wanted[..1], &both), Some("b"));
    }
}
