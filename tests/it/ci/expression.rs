//! Expressions of workflows, as far as the action and the examples use them: names, texts, `==`, `!=`, `&&`, `||`.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/expressions>

use std::collections::BTreeMap;

/// What names stand for: `inputs.cache`, `steps.key.outputs.paths`. One that is not there is an empty text.
pub type Scope = BTreeMap<String, String>;

/// A text with each `${{ … }}` in it evaluated.
pub fn filled(text: &str, scope: &Scope) -> String {
    let mut parts = text.split("${{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (expression, rest) = part.split_once("}}").unwrap_or_else(|| panic!("`{part}` has no end"));
        filled += &evaluated(expression, scope);
        filled += rest;
    }
    filled
}

/// Whether a condition holds, with or without `${{ }}` around it.
pub fn holds(condition: &str, scope: &Scope) -> bool {
    let condition = condition.trim();
    let bare = condition.strip_prefix("${{").and_then(|it| it.strip_suffix("}}"));
    !evaluated(bare.unwrap_or(condition), scope).is_empty()
}

/// The value of an expression; what does not hold is an empty text.
fn evaluated(expression: &str, scope: &Scope) -> String {
    let mut value = String::new();
    for either in expression.split("||") {
        value = both(either, scope);
        if !value.is_empty() {
            break;
        }
    }
    value
}

fn both(expression: &str, scope: &Scope) -> String {
    let mut value = String::new();
    for each in expression.split("&&") {
        value = compared(each, scope);
        if value.is_empty() {
            break;
        }
    }
    value
}

fn compared(expression: &str, scope: &Scope) -> String {
    for (operator, equal) in [("==", true), ("!=", false)] {
        if let Some((left, right)) = expression.split_once(operator) {
            // Texts are compared without regard to case.
            let same = term(left, scope).eq_ignore_ascii_case(&term(right, scope));
            return if same == equal { "true".to_owned() } else { String::new() };
        }
    }
    term(expression, scope)
}

fn term(expression: &str, scope: &Scope) -> String {
    let term = expression.trim();
    if let Some(text) = term.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')) {
        return text.replace("''", "'");
    }
    let is_name = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    assert!(!term.is_empty() && term.chars().all(is_name), "`{term}` is nothing that is understood here");
    scope.get(term).cloned().unwrap_or_default()
}

#[test]
fn expressions_are_evaluated() {
    let scope = Scope::from([("inputs.x".into(), "true".into()), ("steps.a.outputs.b-c".into(), "it".into())]);
    for (condition, expected) in [
        ("inputs.x == 'true'", true),
        ("${{ inputs.x == 'TRUE' && steps.a.outputs.b-c != 'is' }}", true),
        ("inputs.x != 'true'", false),
        ("inputs.none", false),
        ("inputs.none == '' || inputs.none", true),
        ("inputs.none && inputs.x", false),
    ] {
        assert_eq!(holds(condition, &scope), expected, "{condition}");
    }
    assert_eq!(filled("a ${{ steps.a.outputs.b-c }}${{ inputs.none || 'no''' }} b", &scope), "a itno' b");
}
