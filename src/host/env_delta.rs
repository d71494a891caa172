//! A change of the environment, as data.
//!
//! Children and the program that takes over get the captured environment with such changes applied; the environment of
//! this process itself is never changed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Variables to set and to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvDelta {
    changes: BTreeMap<OsString, Option<OsString>>,
}

impl EnvDelta {
    /// No change.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable.
    pub fn set(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.changes.insert(name.into(), Some(value.into()));
        self
    }

    /// Removes a variable.
    pub fn unset(mut self, name: impl Into<OsString>) -> Self {
        self.changes.insert(name.into(), None);
        self
    }

    /// This change and then another one; the other wins.
    pub fn and(mut self, other: &Self) -> Self {
        self.changes.extend(other.changes.iter().map(|(name, value)| (name.clone(), value.clone())));
        self
    }

    /// The changes by name; `None` removes.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, Option<&OsStr>)> {
        self.changes.iter().map(|(name, value)| (name.as_os_str(), value.as_deref()))
    }

    /// An environment with this change made.
    pub fn apply(&self, vars: &[(OsString, OsString)]) -> Vec<(OsString, OsString)> {
        let kept = vars.iter().filter(|(name, _)| !self.changes.contains_key(name)).cloned();
        let set = self.changes.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        kept.chain(set).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_change_wins_and_a_removed_variable_is_gone() {
        let vars = vec![("A".into(), "1".into()), ("B".into(), "2".into())];
        let delta = EnvDelta::new().set("A", "x").and(&EnvDelta::new().unset("A").set("C", "3"));
        let expected: Vec<(OsString, OsString)> = vec![("B".into(), "2".into()), ("C".into(), "3".into())];
        assert_eq!(delta.apply(&vars), expected);
    }
}
