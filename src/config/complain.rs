//! The words in which a file's faults are told, the same for every field.

use super::document::{Format, Node, Position, Source, ValueType, visible};
use crate::error::{Code, Fault};
use crate::host::redact::redact;

/// A field that nobody knows. The hint is the nearest of those that are known, else all of them.
pub(super) fn unknown_field(source: &Source, position: Position, name: &str, known: &[&str]) -> Fault {
    let last = name.rsplit('.').next().unwrap_or(name);
    let message = format!("unknown field `{}` in {}", visible(name), source.place(position));
    let fault = Fault::of(Code::BadField, message).at(&source.path, Some(position.line));
    fault.hint(did_you_mean(last, known).unwrap_or_else(|| list("known fields", known)))
}

/// A value of the wrong type.
pub(super) fn wrong_type(source: &Source, format: Format, name: &str, node: &Node, expected: ValueType) -> Fault {
    none_of_types(source, format, name, node, &[expected])
}

/// A value of none of the types that it may have.
pub(super) fn none_of_types(source: &Source, format: Format, name: &str, node: &Node, types: &[ValueType]) -> Fault {
    let place = source.place(node.position);
    let expected = types.iter().map(|it| it.name(format)).collect::<Vec<_>>().join(" or ");
    let found = node.value_type().name(format);
    Fault::of(Code::BadField, format!("`{}` in {place} is {found}, expected {expected}", visible(name)))
        .at(&source.path, Some(node.position.line))
}

/// A value that is not one of those that mean anything.
pub(super) fn bad_value(source: &Source, position: Position, name: &str, found: &str, expected: &str) -> Fault {
    let found = if found.is_empty() { "empty".to_owned() } else { format!("`{}`", redact(&visible(found))) };
    let (name, place) = (visible(name), source.place(position));
    Fault::of(Code::BadField, format!("`{name}` in {place} is {found}, expected {expected}"))
        .at(&source.path, Some(position.line))
}

/// A hint with the nearest of the known names, where one is near: at most a third of the letters differ.
pub(super) fn did_you_mean(name: &str, known: &[&str]) -> Option<String> {
    let distance = |other: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase());
    let nearest = known.iter().min_by_key(|other| distance(other))?;
    let limit = (name.chars().count().max(nearest.chars().count()) / 3).max(1);
    (distance(nearest) <= limit).then(|| format!("did you mean `{nearest}`?"))
}

/// A hint with all that is known.
pub(super) fn list(what: &str, known: &[&str]) -> String {
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("{what}: {}", names.join(", "))
}
