use super::facts::{Share, facts, shares};
use super::rows::rows;
use super::*;
use crate::ui::record::{End, Kind, Record, Run, SCHEMA, Span, Status};

const STARTED: u64 = 1_795_760_000_000_000;

fn span(kind: Kind, name: &str, stage: &str, (start, end): (u64, u64)) -> Span {
    let outcome = (kind != Kind::Step && kind != Kind::Skipped).then(|| "ok".to_owned());
    let (name, detail, stage) = (name.to_owned(), String::new(), stage.to_owned());
    let (start, end) = (STARTED + start * 1000, Some(STARTED + end * 1000));
    Span { id: 0, kind, name, detail, stage, pid: 7, start, end, bytes: None, outcome }
}

fn detail(detail: &str, span: Span) -> Span {
    Span { detail: detail.to_owned(), ..span }
}

fn record(mut spans: Vec<Span>, end: Option<End>) -> Record {
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let (run_id, version, command) = ("r1".to_owned(), "0.1.0".to_owned(), "boot".to_owned());
    Record { run: Run { schema: SCHEMA, run_id, version, command, started: STARTED, offset: 0 }, spans, end }
}

/// A run of two stages over a second.
fn sample() -> Record {
    let get = Span { bytes: Some(38 << 20), ..span(Kind::Download, "uv.whl", "a", (100, 300)) };
    let spans = vec![
        span(Kind::Stage, "a", "a", (0, 400)),
        detail("uv 0.9", span(Kind::Step, "obtain", "a", (90, 350))),
        detail("http://host/uv.whl", get),
        span(Kind::Wait, "lock", "a", (350, 400)),
        span(Kind::Stage, "b", "b", (410, 1000)),
        detail("core", span(Kind::Step, "install", "b", (420, 900))),
        detail("pip install", span(Kind::Child, "uv", "b", (430, 890))),
        detail("`pins` has <these>", span(Kind::Skipped, "pin", "b", (950, 950))),
        detail("`pins` has <these>", span(Kind::Skipped, "pin", "b", (960, 960))),
    ];
    let end = End { at: STARTED + 1_000_000, status: Status::Ok, exit_code: Some(0), cause: None, detail: None };
    record(spans, Some(end))
}

#[test]
fn the_shares_are_the_whole() {
    let took = |record: &Record| shares(record).map(|Share { class, took, .. }| (class, took / 1000));
    assert_eq!(took(&sample()), [("child", 460), ("download", 200), ("wait", 50), ("step", 290)]);
    let overlapping = vec![
        span(Kind::Stage, "a", "a", (0, 100)),
        span(Kind::Child, "pip", "a", (10, 60)),
        span(Kind::Download, "x", "a", (20, 40)),
        span(Kind::Download, "y", "a", (30, 50)),
        span(Kind::Child, "uv", "a", (55, 80)),
    ];
    assert_eq!(took(&record(overlapping, None)), [("child", 40), ("download", 30), ("wait", 0), ("step", 30)]);
}

#[test]
fn what_matters_comes_first() {
    let told: Vec<String> = facts(&sample()).iter().map(|it| [it.name, &it.value, &it.detail].join("; ")).collect();
    let expected = [
        "longest step; 480 ms; install core",
        "most waited for; 460 ms; uv pip install",
        "stages; 2; processes in turn",
        "programs; 1; started",
        "fetched by prime; 38.00 MiB; in one download",
        "not needed; 2; and skipped",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_row_stands_under_what_it_is_part_of() {
    let record = sample();
    let (rows, hidden) = rows(&record);
    let told: Vec<(&str, usize)> = rows.iter().map(|row| (row.span.name.as_str(), row.depth)).collect();
    let expected = [("a", 0), ("obtain", 1), ("uv.whl", 2), ("lock", 1), ("b", 0), ("install", 1), ("uv", 2)];
    assert_eq!((told.as_slice(), hidden), (&expected[..], 0));
}

#[test]
fn of_many_rows_the_shortest_are_left_out_and_counted() {
    let short = (0..100).map(|number| span(Kind::Child, "probe", "a", (number * 2, number * 2 + 1)));
    let stage = span(Kind::Stage, "a", "a", (0, 1000));
    let record = record(std::iter::once(stage).chain(short).collect(), None);
    let (rows, hidden) = rows(&record);
    assert_eq!((rows.len(), hidden), (1, 100));
    assert!(page(&record).contains("100 more are too short to be seen"));
}

#[test]
fn the_page_shows_every_span_and_asks_for_nothing_else() {
    let page = page(&sample());
    for shown in [
        "<title>prime boot: 1.0 s</title>",
        "name=\"viewport\" content=\"width=device-width",
        "prefers-color-scheme: dark",
        "<b>uv pip install</b> <span>program</span>",
        "<b>uv.whl</b> <span>download · 38.00 MiB</span>",
        "<title>uv pip install program: 460 ms, from 430 ms on</title>",
        "<rect class=\"child\" x=\"430\" width=\"460\" height=\"10\"/>",
        "<dt>pin</dt><dd><code>pins</code> has &lt;these&gt; (2 times)</dd>",
        "programs <b>460 ms</b> · 46 %",
    ] {
        assert!(page.contains(shown), "{shown}\n{page}");
    }
    for foreign in ["<script", " src=", "@import", "url(", "{{", "}}</"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let links: Vec<_> = page.match_indices("href=").map(|(at, _)| &page[at..at + 14]).collect();
    assert_eq!(links, ["href=\"data:,\">"]);
}

#[test]
fn whatever_is_said_stays_text() {
    let bad = "</style><script>alert(1)</script>\"'&{{table}}\u{1b}[31m`a`b`";
    let mut record = sample();
    for span in &mut record.spans {
        (span.name, span.detail) = (bad.to_owned(), bad.to_owned());
        span.outcome = Some(bad.to_owned());
    }
    (record.run.command, record.run.run_id, record.run.version) = (bad.to_owned(), bad.to_owned(), bad.to_owned());
    let (at, status) = (STARTED + 1, Status::Error);
    let text = || Some(bad.to_owned());
    record.end = Some(End { at, status, exit_code: Some(69), cause: text(), detail: text() });
    let page = page(&record);
    for bad in ["<script", "alert(1)</script>\"", "\u{1b}"] {
        assert!(!page.contains(bad), "{bad:?}");
    }
    assert_eq!(page.matches("</style>").count(), 1);
    assert_eq!(page.matches("<table>").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("{{table}}"));
}

#[test]
fn how_it_ended_is_said_in_words() {
    let ended = |end: Option<End>| page(&Record { end, ..sample() });
    let end = |status, exit_code, cause: Option<&str>, detail: &str| {
        Some(End { at: STARTED, status, exit_code, cause: cause.map(str::to_owned), detail: Some(detail.to_owned()) })
    };
    assert!(ended(None).contains("<span class=\"status unfinished\">not finished</span>"));
    assert!(ended(end(Status::HandedOver, None, None, "python")).contains(">handed over to python</span>"));
    let failed = ended(end(Status::Error, Some(69), Some("unavailable"), "cannot fetch `x`"));
    assert!(failed.contains("<span class=\"status error\">failed, exit code 69</span>"));
    assert!(failed.contains("<b>unavailable</b>: cannot fetch <code>x</code></p>"));
}

#[test]
fn the_document_says_the_same_as_its_schema_has_it() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for record in [sample(), Record { end: None, ..sample() }, record(Vec::new(), None)] {
        let document = document(&record);
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{document:#}");
    }
    let document = document(&sample());
    assert_eq!((&document["status"], &document["total_us"]), (&"ok".into(), &1_000_000.into()));
    assert_eq!(document["started"], "2026-11-27T06:13:20.000000Z");
    let get = &document["spans"][2];
    assert_eq!(
        (&get["kind"], &get["start_us"], &get["took_us"]),
        (&"download".into(), &100_000.into(), &200_000.into())
    );
    assert_eq!((&get["bytes"], &get["outcome"]), (&(38 << 20).into(), &"ok".into()));
}

#[test]
fn a_run_that_took_no_time_has_a_page_as_well() {
    let page = page(&record(vec![span(Kind::Stage, "a", "a", (0, 0))], None));
    assert!(page.contains("<h1>0.0 ms") && !page.contains("NaN"));
}
