//! What is shown, in Markdown.

use std::env::consts;
use std::fmt::Write as _;
use std::thread;

use crate::race::Measured;
use crate::tools::Tools;

/// The head of the table.
pub const TABLE_HEAD: &str = "\
| | median ms | p10 ms | ratio | target |
|---|--:|--:|--:|---|";

/// What is compared, and where.
pub fn heading(tools: &Tools) -> String {
    let libc = if cfg!(target_env = "musl") { "static" } else { "dynamic" };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    format!(
        "prime {} ({libc}), uv {}, python {} with its own pip; {} {}, {processors} processors",
        env!("CARGO_PKG_VERSION"),
        tools.uv_version,
        tools.python_version,
        consts::OS,
        consts::ARCH,
    )
}

/// The rows of one scenario. The ratio is to the row that has none.
pub fn rows(measured: &Measured) -> String {
    let mut text = format!("| **{}** | | | | |\n", measured.title);
    let reference = &measured.rows[measured.reference].1;
    for (index, (name, samples)) in measured.rows.iter().enumerate() {
        let ratio = samples.ratio_to(reference);
        let shown = if index == measured.reference { String::new() } else { number(ratio) };
        let target = match measured.target {
            target if index == 0 => format!("≤ {}: {}", number(target), if ratio <= target { "met" } else { "missed" }),
            _ => String::new(),
        };
        let (median, p10) = (number(samples.median()), number(samples.p10()));
        let _ = writeln!(text, "| {name} | {median} | {p10} | {shown} | {target} |");
    }
    text
}

/// A number with three digits or a little more: `0.0812`, `1.03`, `12.4`, `1304`.
fn number(value: f64) -> String {
    let decimals = match value {
        ..0.1 => 4,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}
