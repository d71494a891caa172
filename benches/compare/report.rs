//! What is shown, in Markdown.

use std::env::consts;
use std::fmt::Write as _;
use std::thread;

use crate::race::{Measured, Row};
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
    let reference = &measured.rows[measured.reference].times;
    for (index, row) in measured.rows.iter().enumerate() {
        let Row { name, times, .. } = row;
        let ratio = times.ratio_to(reference);
        let shown = if index == measured.reference { String::new() } else { number(ratio) };
        let target = row.limits.ratio.or(measured.target.filter(|_| index == 0));
        let of_ratio = target.map(|most| verdict(ratio, most, ""));
        let targets: Vec<_> = of_ratio.into_iter().chain(verdicts(row)).collect();
        let (median, p10) = (number(times.median()), number(times.p10()));
        let _ = writeln!(text, "| {name} | {median} | {p10} | {shown} | {} |", targets.join("; "));
    }
    text
}

/// How a row did by its limits, whatever the others take.
fn verdicts(row: &Row) -> impl Iterator<Item = String> {
    let time = row.limits.time.map(|most| verdict(row.times.median(), most.as_secs_f64() * 1000.0, " ms"));
    let peak = row.limits.peak_kib.zip(row.peak_kib).map(|(most, peak)| {
        let (most, peak) = (mebibytes(most), mebibytes(peak));
        format!("{} MiB of memory {}", number(peak), verdict(peak, most, " MiB"))
    });
    time.into_iter().chain(peak)
}

fn verdict(value: f64, most: f64, unit: &str) -> String {
    format!("≤ {}{unit}: {}", number(most), if value <= most { "met" } else { "missed" })
}

#[expect(clippy::cast_precision_loss, reason = "nothing has so much memory")]
fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
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
