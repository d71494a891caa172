//! Dependency groups with what they include put in their place (PEP 735), for installers that do not know them.

use crate::config::complain;
use crate::config::document::{Format, Node, Source, Value, ValueType};
use crate::error::{Fault, Kind};
use crate::python::package_name::normalize;

/// The requirements of one group, included groups in the place where they are included.
///
/// Fails with [`Kind::Config`] for a group that does not exist, one that includes itself, or an entry of another form.
pub(super) fn requirements(source: &Source, table: Option<&Node>, name: &str) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    collect(source, table, (name, None), &mut Vec::new(), &mut found)?;
    Ok(found)
}

/// Adds the requirements of a group; `line` is that on which another one includes it.
fn collect(
    source: &Source,
    table: Option<&Node>,
    (name, line): (&str, Option<usize>),
    within: &mut Vec<String>,
    found: &mut Vec<String>,
) -> Result<(), Fault> {
    if within.contains(&normalize(name)) {
        let message = format!("dependency group `{name}` in `{}` includes itself", source.name);
        let fault = Fault::new(Kind::Config, message).hint("remove one `include-group` of the circle");
        return Err(fault.at(&source.path, line));
    }
    let Some(group) = entry(table, name) else {
        let message = format!("no dependency group `{name}` in `{}`", source.name);
        let hint = "correct the name in `dependency_groups` or `include-group`";
        return Err(Fault::new(Kind::Config, message).hint(hint).at(&source.path, line));
    };
    let field = format!("dependency-groups.{name}");
    let Value::Array(entries) = &group.value else {
        return Err(complain::wrong_type(source, Format::Toml, &field, group, ValueType::Array));
    };
    within.push(normalize(name));
    for node in entries {
        match (&node.value, node.entry("include-group").and_then(|entry| entry.node.as_str())) {
            (Value::String(requirement), _) => found.push(requirement.clone()),
            (_, Some(included)) => {
                collect(source, table, (included, Some(node.position.line)), within, found)?;
            }
            _ => {
                let expected = "a requirement or `{include-group = \"…\"}`";
                return Err(complain::bad_value(source, node.position, &field, "another kind of value", expected));
            }
        }
    }
    within.pop();
    Ok(())
}

fn entry<'n>(table: Option<&'n Node>, name: &str) -> Option<&'n Node> {
    let Value::Table(entries) = &table?.value else { return None };
    entries.iter().find(|entry| normalize(&entry.key) == normalize(name)).map(|entry| &entry.node)
}

#[cfg(test)]
mod tests {
    use super::super::Metadata;
    use crate::error::Result;

    fn requirements(text: &str, name: &str) -> Result<Vec<String>> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("pyproject.toml"), text).unwrap();
        let metadata = Metadata::load(dir.path(), dir.path()).unwrap().unwrap();
        Ok(metadata.group_requirements(name)?)
    }

    #[test]
    fn included_groups_stand_where_they_are_included() {
        let text = "[dependency-groups]\nTest_Tools = ['pytest>7']\nlint = ['ruff']\n\
                    dev = ['x', {include-group = 'test-tools'}, {include-group = 'lint'}, 'y']\n";
        assert_eq!(requirements(text, "DEV").unwrap(), ["x", "pytest>7", "ruff", "y"]);
    }

    #[test]
    fn a_circle_a_stranger_and_an_odd_entry_are_errors() {
        for (text, expected) in [
            (
                "a = [{include-group = 'b'}]\nb = [{include-group = 'A'}]",
                "dependency group `A` in `pyproject.toml` includes itself",
            ),
            ("a = [{include-group = 'c'}]", "no dependency group `c` in `pyproject.toml`"),
            (
                "a = [{other = 'c'}]",
                "`dependency-groups.a` in `pyproject.toml` line 2 is `another kind of value`, expected a requirement or \
                 `{include-group = \"…\"}`",
            ),
            ("a = 'x'", "`dependency-groups.a` in `pyproject.toml` line 2 is a string, expected an array"),
        ] {
            let error = requirements(&format!("[dependency-groups]\n{text}\n"), "a").unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
