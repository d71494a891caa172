//! What a run did and how long it took, as a page of Markdown for the summary of a workflow's run.

use std::fmt::Write as _;
use std::time::Duration;

use super::publish::Facts;
use super::steps::Steps;
use crate::host::redact::redact;
use crate::ui;

/// No run does more things than that; one that does is shortened, since a runner refuses a page of more than a mebibyte.
const ROWS: usize = 200;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was done: `install`.
    pub verb: String,
    /// To what.
    pub what: String,
    /// How long it took.
    pub time: Duration,
}

/// The page.
pub fn page(facts: &Facts, steps: &Steps) -> String {
    let Steps { rows, total, page: timings } = steps;
    let mut page = format!("### prime: python {} in {}\n\n", facts.python_version, code(&facts.venv));
    if facts.cache_hit {
        let _ = writeln!(page, "The environment was ready; nothing had to be made.\n");
    }
    if !rows.is_empty() {
        page.push_str("| step | what | time |\n|---|---|--:|\n");
        for Row { verb, what, time } in rows.iter().take(ROWS) {
            let _ = writeln!(page, "| {} | {} | {} |", cell(verb), code(what), ui::duration(*time));
        }
        if let Some(rest) = rows.len().checked_sub(ROWS).filter(|rest| *rest > 0) {
            let _ = writeln!(page, "| … | {rest} more | |");
        }
        if let Some(total) = total {
            let _ = writeln!(page, "| **all** | | {} |", ui::duration(*total));
        }
        page.push('\n');
    }
    let _ = writeln!(page, "Cache {}: {}\n", if facts.cache_hit { "hit" } else { "miss" }, code(&facts.cache_key));
    if let (Some(timings), Some(total)) = (timings, total) {
        let path = timings.display().to_string();
        let _ = writeln!(page, "Where the {} went: {}\n", ui::duration(*total), code(&path));
    }
    page
}

/// A text in a cell of a table, without what Markdown or HTML would take for its own.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for character in redact(text).chars() {
        match character {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '|' | '`' | '*' | '_' | '~' | '[' | ']' | '!' | '\\' => {
                let _ = write!(cell, "&#{};", u32::from(character));
            }
            _ => cell.push(if character.is_control() { ' ' } else { character }),
        }
    }
    cell
}

/// The same, in the letters of code instead of backticks.
fn code(text: &str) -> String {
    let text = cell(&text.replace('`', ""));
    if text.is_empty() { text } else { format!("<code>{text}</code>") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(cache_hit: bool) -> Facts {
        let (venv, bin) = ("/r/.venv".to_owned(), "/r/.venv/bin".to_owned());
        Facts { venv, bin, python_version: "3.12.1".to_owned(), cache_key: "k1".to_owned(), cache_hit }
    }

    fn row(verb: &str, what: &str, millis: u64) -> Row {
        Row { verb: verb.to_owned(), what: what.to_owned(), time: Duration::from_millis(millis) }
    }

    fn steps(rows: Vec<Row>) -> Steps {
        Steps { rows, total: Some(Duration::from_millis(1500)), page: None }
    }

    #[test]
    fn each_thing_done_has_a_row_with_its_time() {
        let rows = [row("create", ".venv (python 3.12.1, uv)", 38), row("install", "app (editable)", 1200)];
        let expected = "### prime: python 3.12.1 in <code>/r/.venv</code>\n\n| step | what | time |\n|---|---|--:|\n\
                        | create | <code>.venv (python 3.12.1, uv)</code> | 38 ms |\n\
                        | install | <code>app (editable)</code> | 1.2 s |\n\
                        | **all** | | 1.5 s |\n\nCache miss: <code>k1</code>\n\nWhere the 1.5 s went: <code>/r/t.html</code>\n\n";
        let steps = Steps { page: Some("/r/t.html".into()), ..steps(rows.into()) };
        assert_eq!(page(&facts(false), &steps), expected);
        let ready = page(&facts(true), &Steps::default());
        assert!(ready.contains("nothing had to be made") && ready.contains("Cache hit"), "{ready}");
    }

    #[test]
    fn no_text_ends_a_cell_or_becomes_markup() {
        let hostile = row("x|y", "a | b\n`c` <img src=x> &amp; **d** __e__ https://me:pw@h/", 1);
        let page = page(&facts(false), &steps(vec![hostile]));
        let line = page.lines().find(|line| line.starts_with("| x")).unwrap();
        let expected = "| x&#124;y | <code>a &#124; b c &lt;img src=x> &amp;amp; &#42;&#42;d&#42;&#42; \
                        &#95;&#95;e&#95;&#95; https://&#42;&#42;&#42;&#42;@h/</code> | 1 ms |";
        assert_eq!(line, expected);
    }

    #[test]
    fn no_text_is_a_picture_or_a_link_or_escapes_what_follows() {
        for (text, expected) in [
            ("![x](https://h/i)", "&#33;&#91;x&#93;(https://h/i)"),
            ("~~a~~ b\\", "&#126;&#126;a&#126;&#126; b&#92;"),
            ("\\|", "&#92;&#124;"),
        ] {
            let page = page(&facts(false), &steps(vec![row(text, text, 1)]));
            assert!(page.contains(&format!("\n| {expected} | <code>{expected}</code> | 1 ms |\n")), "{page}");
        }
        assert_eq!(cell("__init__"), "&#95;&#95;init&#95;&#95;");
    }

    #[test]
    fn a_page_has_an_end() {
        let rows = vec![row("install", "x", 1); ROWS + 3];
        let page = page(&facts(false), &steps(rows));
        assert!(page.contains("| … | 3 more | |\n"), "{page}");
        assert_eq!(page.matches("| install |").count(), ROWS);
    }
}
