//! `prime check`: what a boot would act on, as lines for people or as one JSON object.

use std::fmt::Write as _;

use serde_json::json;

use super::connector;
use super::outcome::FOUND;
use crate::bootstrap::Request;
use crate::bootstrap::check::{Fact, Status, facts};
use crate::error::Result;
use crate::host::redact::{redact, redacted};
use crate::host::{Answer, Host, Outcome};
use crate::ui::{Ui, style};

/// Shows what a boot would act on.
pub fn run(host: &Host, ui: Ui, request: &Request) -> Result<Outcome> {
    let mut facts = facts(host, ui, request)?;
    connector::add_facts(host, ui, request, &mut facts);
    let ready = facts.iter().all(|fact| fact.status == Status::Ok);
    let text: String = facts.iter().map(line).collect();
    let data = json!({ "ready": ready, "facts": facts.iter().map(object).collect::<Vec<_>>() });
    let code = if ready { 0 } else { FOUND };
    Ok(Answer { code, ..Answer::new(redact(&text), redacted(&data)) }.into())
}

fn object(fact: &Fact) -> serde_json::Value {
    let (before, after) = fact.change.clone().unzip();
    let (path, code) = fact.damage.clone().unzip();
    json!({
        "subject": fact.subject,
        "name": fact.name,
        "status": fact.status.name(),
        "detail": fact.detail,
        "before": before,
        "after": after,
        "path": path,
        "code": code,
        "action": fact.action,
    })
}

fn line(fact: &Fact) -> String {
    let status_style = match fact.status {
        Status::Ok => style::VERB,
        Status::Missing | Status::Stale => style::WARNING,
        Status::Damaged => style::ERROR,
    };
    let (status, dim) = (fact.status.name(), style::DIM);
    let mut text = format!("{status_style}{status:<8}{status_style:#} {:<13}", fact.subject);
    for part in [&fact.name, &fact.detail].into_iter().filter(|part| !part.is_empty()) {
        let _ = write!(text, "  {part}");
    }
    if let Some((before, after)) = &fact.change {
        let _ = write!(text, " ({before} -> {after})");
    }
    text.push('\n');
    if let Some(action) = &fact.action {
        let _ = writeln!(text, "{:<24}{dim}prime would {action}{dim:#}", "");
    }
    text
}
