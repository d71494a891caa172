//! An error, shown: the fact, its causes one per line, and the remedy.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::error::Fault;
use crate::host::redact::redact;

use super::style;

/// Writes an error to stderr.
pub fn show(error: &anyhow::Error) {
    let text = render(error);
    tracing::error!(target: super::log::STATUS, "{}", anstream::adapter::strip_str(&text));
    let _ = write!(anstream::stderr(), "{text}");
}

/// The text of an error, styled.
fn render(error: &anyhow::Error) -> String {
    let mut text = String::new();
    let (red, label) = (style::ERROR, style::LABEL);
    for (index, fact) in facts(error).iter().enumerate() {
        let fact = indent(&redact(fact));
        let _ = match index {
            0 => writeln!(text, "{red}error{red:#}: {fact}"),
            _ => writeln!(text, "  {label}cause{label:#}: {fact}"),
        };
    }
    if let Some(hint) = error.downcast_ref::<Fault>().and_then(|fault| fault.hint.as_deref()) {
        let _ = writeln!(text, "{label}hint{label:#}: {}", indent(&redact(hint)));
    }
    text
}

/// The fact and its causes in one text, without colours and secrets.
pub fn detail(error: &anyhow::Error) -> String {
    redact(&facts(error).join(": "))
}

/// The messages of the chain, without those that the one before already says.
fn facts(error: &anyhow::Error) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    for fact in error.chain().map(ToString::to_string) {
        let fact = fact.split(" (os error").next().unwrap_or_default().to_owned();
        if !fact.is_empty() && facts.last().is_none_or(|last| !last.ends_with(&fact)) {
            facts.push(fact);
        }
    }
    facts
}

/// Lines after the first stand under the first.
fn indent(text: &str) -> String {
    text.replace('\n', "\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn fact_causes_and_hint_stand_on_lines_of_their_own() {
        let root = anyhow::anyhow!("first\nsecond").context("https://u:p@h/ refused");
        let error = root.context(Fault::new(Kind::Unavailable, "no index").hint("set `X`"));
        let plain = anstream::adapter::strip_str(&render(&error)).to_string();
        let expected = "error: no index\n  cause: https://****@h/ refused\n  cause: first\n    second\nhint: set `X`\n";
        assert_eq!(plain, expected);
    }
}
