//! The page for people.
//!
//! Text is HTML and bars are drawings of their own, one for each row: so text keeps its size whatever the width, and a
//! phone shows the same as a wide window.

use std::fmt::Write as _;

use super::document::status;
use super::facts::{self, Fact, Share, title};
use super::rows::{Row, rows};
use super::time::{marks, short, utc};
use crate::ui::record::{Kind, Record, Span};
use crate::ui::size;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// How wide a bar's drawing is, in units of its own.
const WIDTH: u64 = 1000;
/// How wide the shortest bar is that can be seen.
const LEAST: u64 = 4;

/// The page of a run.
pub fn page(record: &Record) -> String {
    let run = &record.run;
    let total = short(record.total());
    let command = format!("prime {}", run.command);
    fill(&[
        ("title", &escape(&format!("{command}: {total}"))),
        ("style", STYLE),
        ("command", &escape(&command)),
        ("total", &total),
        ("status", status(record)),
        ("outcome", &escape(&outcome(record))),
        ("started", &escape(&utc(run.started)[..19].replace('T', " "))),
        ("run_id", &escape(&run.run_id)),
        ("version", &escape(&run.version)),
        ("failure", &failure(record)),
        ("shares", &shares(record)),
        ("facts", &facts(record)),
        ("chart", &chart(record)),
        ("skipped", &skipped(record)),
        ("table", &table(record)),
    ])
}

/// The template with these values, each in the place of its name. What a value says is looked at no more.
fn fill(values: &[(&str, &str)]) -> String {
    let mut parts = PAGE.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or_default();
        let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        page.push_str(value.unwrap_or_default());
        page.push_str(rest);
    }
    page
}

/// A text as HTML shows it, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push('\n'),
            // HTML has none of them.
            control if control.is_control() => escaped.push('\u{fffd}'),
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// A text in an element, where what stands between backticks is set as code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1;
    let part = |(number, part): (usize, &&str)| match (number % 2, is_paired) {
        (1, true) => format!("<code>{}</code>", escape(part)),
        (1, false) => format!("`{}", escape(part)),
        _ => escape(part),
    };
    parts.iter().enumerate().map(part).collect()
}

fn outcome(record: &Record) -> String {
    let end = record.end.as_ref();
    match status(record) {
        "ok" => "done".to_owned(),
        "found" => "done, and something found".to_owned(),
        "handed_over" => format!("handed over to {}", end.and_then(|end| end.detail.as_deref()).unwrap_or("a program")),
        "error" => format!("failed, exit code {}", end.and_then(|end| end.exit_code).unwrap_or_default()),
        _ => "not finished".to_owned(),
    }
}

fn failure(record: &Record) -> String {
    let Some((end, cause)) = record.end.as_ref().and_then(|end| Some((end, end.cause.as_ref()?))) else {
        return String::new();
    };
    let detail = prose(end.detail.as_deref().unwrap_or_default());
    format!("<p class=\"failure\"><b>{}</b>: {detail}</p>\n", escape(cause))
}

/// One bar for the whole time, and what its parts are.
fn shares(record: &Record) -> String {
    let whole = record.total().max(1);
    let shares = facts::shares(record);
    let percent = |share: &Share| (share.took * 100 + whole / 2) / whole;
    let shown: Vec<&Share> = shares.iter().filter(|share| share.took > 0).collect();
    let text = |share: &&Share| format!("{} {} ({} %)", share.name, short(share.took), percent(share));
    let all = shown.iter().map(text).collect::<Vec<_>>().join(", ");
    let mut html = format!("<div class=\"shares\">\n{}<title>{all}</title>", drawing(24));
    let mut before = 0;
    for share in &shown {
        let (x, width) = (before * WIDTH / whole, (share.took * WIDTH).div_ceil(whole));
        let _ = write!(html, r#"<rect class="{}" x="{x}" width="{width}" height="24"/>"#, share.class);
        before += share.took;
    }
    html.push_str("</svg>\n<ul class=\"legend\">\n");
    for share in &shown {
        let swatch = format!(
            r#"<svg viewBox="0 0 1 1" aria-hidden="true"><rect class="{}" width="1" height="1"/></svg>"#,
            share.class
        );
        let _ = writeln!(html, "<li>{swatch}{} <b>{}</b> · {} %</li>", share.name, short(share.took), percent(share));
    }
    html.push_str("</ul>\n</div>\n");
    html
}

fn drawing(height: u64) -> String {
    format!(r#"<svg role="img" viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none">"#)
}

fn facts(record: &Record) -> String {
    let line = |Fact { name, value, detail }| {
        format!("<div><dt>{name}</dt><dd><b>{value}</b> <span>{}</span></dd></div>\n", prose(&detail))
    };
    facts::facts(record).into_iter().map(line).collect()
}

fn chart(record: &Record) -> String {
    let (rows, hidden) = rows(record);
    let scale = Scale { started: record.run.started, total: record.total().max(1) };
    let mut html = String::from("<ol class=\"rows\">\n");
    html.push_str(&scale.row());
    html.extend(rows.iter().map(|row| bar(row, &scale)));
    html.push_str("</ol>\n");
    if hidden > 0 {
        let _ = writeln!(html, "<p class=\"dim\">{hidden} more are too short to be seen; the table has them.</p>");
    }
    html
}

/// The time from left to right.
struct Scale {
    started: u64,
    total: u64,
}

impl Scale {
    fn at(&self, time: u64) -> u64 {
        (time.saturating_sub(self.started) * WIDTH / self.total).min(WIDTH)
    }

    fn row(&self) -> String {
        let mark = |time: u64| {
            let left = time * WIDTH / self.total;
            format!(r#"<span style="left:{}.{}%">{}</span>"#, left / 10, left % 10, short(time))
        };
        // One at the right end would stick out.
        let marks = marks(self.total).into_iter().filter(|time| time * 100 / self.total < 93).map(mark);
        let marks: String = std::iter::once("<span>0</span>".to_owned()).chain(marks).collect();
        format!("<li aria-hidden=\"true\"><div class=\"scale\">{marks}</div></li>\n")
    }

    fn lines(&self) -> String {
        let line = |time: u64| {
            let x = time * WIDTH / self.total;
            format!(r#"<line class="mark" x1="{x}" x2="{x}" y1="0" y2="10"/>"#)
        };
        marks(self.total).into_iter().map(line).collect()
    }
}

fn bar(row: &Row<'_>, scale: &Scale) -> String {
    let span = row.span;
    let (start, took) = (scale.at(span.start), short(span.took()));
    let width = (span.took() * WIDTH / scale.total).max(LEAST);
    let x = start.min(WIDTH - width.min(WIDTH));
    let (name, more) = (title(span), more(span));
    let since = short(span.start.saturating_sub(scale.started));
    let class = if span.kind == Kind::Stage && is_bad(span) { "bad" } else { span.kind.name() };
    let said = escape(&format!("{name} {more}: {took}, from {since} on"));
    let (hover, name, more) = (escape(&format!("{name} {more}")), escape(&name), prose(&more));
    let what = format!("<span class=\"what\" title=\"{hover}\"><b>{name}</b> <span>{more}</span></span>");
    let track = format!("<rect class=\"track\" width=\"{WIDTH}\" height=\"10\"/>{}", scale.lines());
    let rect = format!("<rect class=\"{class}\" x=\"{x}\" width=\"{width}\" height=\"10\"/>");
    let svg = format!("{}<title>{said}</title>{track}{rect}</svg>", drawing(10));
    format!("<li class=\"depth{}\">{what}<span class=\"took\">{took}</span>{svg}</li>\n", row.depth)
}

/// What stands beside the name.
fn more(span: &Span) -> String {
    let kind = match span.kind {
        Kind::Child => Some("program"),
        Kind::Download => Some("download"),
        Kind::Wait => Some("waiting"),
        Kind::Stage | Kind::Step | Kind::Skipped => None,
    };
    let detail = Some(span.detail.as_str()).filter(|_| matches!(span.kind, Kind::Step | Kind::Wait));
    let bytes = span.bytes.map(size);
    let outcome = span.outcome.as_deref().filter(|_| is_bad(span));
    [kind, detail, bytes.as_deref(), outcome].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Whether it ended otherwise than one would wish.
fn is_bad(span: &Span) -> bool {
    let can_fail = matches!(span.kind, Kind::Stage | Kind::Child | Kind::Download);
    can_fail && span.outcome.as_deref() != Some("ok")
}

fn skipped(record: &Record) -> String {
    let mut skipped: Vec<(&Span, usize)> = Vec::new();
    for span in record.spans.iter().filter(|span| span.kind == Kind::Skipped) {
        match skipped.iter_mut().find(|(it, _)| (&it.name, &it.detail) == (&span.name, &span.detail)) {
            Some((_, times)) => *times += 1,
            None => skipped.push((span, 1)),
        }
    }
    if skipped.is_empty() {
        return String::new();
    }
    let line = |(span, times): &(&Span, usize)| {
        let times = if *times > 1 { format!(" ({times} times)") } else { String::new() };
        format!("<dt>{}</dt><dd>{}{times}</dd>\n", escape(&span.name), prose(&span.detail))
    };
    let lines: String = skipped.iter().map(line).collect();
    let head = "<section aria-labelledby=\"skipped\">\n<h2 id=\"skipped\">Not needed, and why</h2>";
    format!("{head}\n<dl class=\"skipped\">\n{lines}</dl>\n</section>\n")
}

fn table(record: &Record) -> String {
    let mut html = String::from("<table>\n<caption>In the order in which it began</caption>\n<thead><tr>");
    for (name, class) in [("what", ""), ("from", "number"), ("took", "number"), ("size", "number"), ("end", "")] {
        let _ = write!(html, "<th scope=\"col\" class=\"{class}\">{name}</th>");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for span in record.spans.iter().filter(|span| span.kind != Kind::Skipped) {
        let kind = if span.kind == Kind::Child { "program" } else { span.kind.name() };
        let detail = if span.kind == Kind::Child { "" } else { span.detail.as_str() };
        let what = format!("<b>{}</b> <span>{kind}</span> {}", escape(&title(span)), prose(detail));
        let from = short(span.start.saturating_sub(record.run.started));
        let (took, bytes) = (short(span.took()), span.bytes.map(size).unwrap_or_default());
        let end = escape(span.outcome.as_deref().unwrap_or_default());
        let end = if is_bad(span) && !end.is_empty() { format!("<span class=\"failed\">{end}</span>") } else { end };
        let number = |name: &str, value: &str| format!("<td class=\"number {name}\" data-name=\"{name}\">{value}</td>");
        let numbers = [number("from", &from), number("took", &took), number("size", &bytes)].concat();
        let end = format!("<td class=\"outcome\" data-name=\"end\">{end}</td>");
        let _ = writeln!(html, "<tr><td class=\"what\">{what}</td>{numbers}{end}</tr>");
    }
    html.push_str("</tbody>\n</table>\n");
    html
}
