use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::error::{Fault, Kind as FaultKind};
use crate::host::work::{Counted, Work, skipped};
use crate::host::{Cmd, ExecPlan};

fn recorder(product: &Path, host: &Host, stage: &str) -> &'static Recorder {
    let plan = Plan { command: "boot", stage, product };
    let recorder = match host.var_path(names::RECORD) {
        Some(path) => Recorder::resume(host, &plan, path),
        None => Recorder::create(host, &plan),
    };
    let recorder = Box::leak(Box::new(recorder.unwrap()));
    recorder.begin_stage();
    recorder
}

/// What is recorded of the work; the stage itself apart.
fn recorded(work: impl FnOnce(&Recorder)) -> (Record, String) {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(&dir.path().join("t.html"), &Host::default(), "s");
    let subscriber = tracing_subscriber::registry().with(Listener(recorder).with_filter(Listener::filter()));
    tracing::subscriber::with_default(subscriber, || work(recorder));
    let text = std::fs::read_to_string(&recorder.path).unwrap();
    let mut record = Record::load(&recorder.path).unwrap();
    record.spans.retain(|span| span.kind != Kind::Stage);
    (record, text)
}

fn told(record: &Record) -> Vec<String> {
    let line = |it: &Span| {
        let outcome = it.outcome.as_deref().unwrap_or("-");
        format!("{} {}, {}, {:?}, {outcome}", it.kind.name(), it.name, it.detail, it.bytes)
    };
    record.spans.iter().map(line).collect()
}

#[test]
fn the_work_of_lower_layers_is_on_it_with_its_size_and_its_end() {
    let (record, _) = recorded(|_| {
        let get = Work::download("x.whl", "http://host/x.whl");
        io::copy(&mut Counted::new(&b"12345"[..], &get), &mut io::sink()).unwrap();
        get.ended("ok");
        Cmd::new(&Host::default(), "/bin/sh").args(["-c", "exit 3"]).capture(Duration::from_secs(30)).unwrap();
        drop(Work::wait("lock", "another process"));
        skipped("install", "nothing to do");
        tracing::info!("an event");
    });
    let expected = [
        "download x.whl, http://host/x.whl, Some(5), ok",
        "child sh, -c, None, exit status 3",
        "wait lock, another process, None, -",
        "skipped install, nothing to do, None, -",
    ];
    assert_eq!(told(&record), expected);
    assert!(record.spans.iter().all(|span| span.end.is_some_and(|end| end >= span.start)));
}

#[test]
fn what_has_not_ended_is_on_it_as_well() {
    let mut open = None;
    let (record, _) =
        recorded(|_| open = Some(Work::child(Path::new("/bin/uv"), &["pip".into(), "install".into()], None)));
    assert_eq!(told(&record), ["child uv, pip install, None, -"]);
    assert_eq!(record.spans[0].end, None);
}

#[test]
fn a_step_ends_when_it_is_noted_and_never_begins_before_its_stage() {
    let (record, _) = recorded(|recorder| {
        recorder.step("create", ".venv", Duration::ZERO);
        recorder.step("obtain", "uv", Duration::from_secs(3600));
    });
    let stage_began = record.run.started;
    let spans: Vec<_> = record.spans.iter().map(|it| (it.name.as_str(), it.start >= stage_began)).collect();
    assert_eq!(spans, [("obtain", true), ("create", true)]);
    assert!(record.total() < 60_000_000, "{}", record.total());
}

#[test]
fn no_secret_is_on_it() {
    let (_, text) = recorded(|recorder| {
        Work::download("x", "https://me:hunter2@host/x").ended("https://me:hunter2@host/");
        skipped("x", "https://me:hunter2@host/y");
        recorder.step("fetch", "https://me:hunter2@host/z", Duration::ZERO);
        drop(Work::child(Path::new("pip"), &["--password".into(), "hunter2".into()], None));
    });
    assert!(text.contains("https://****@host/z") && !text.contains("hunter2"), "{text}");
}

#[test]
fn the_next_stage_goes_on_with_it_and_the_run_ends_once() {
    let dir = tempfile::tempdir().unwrap();
    let product = dir.path().join("t.html");
    let host = Host { vars: vec![(names::START_ID.into(), "7".into())], ..Host::default() };
    let first = recorder(&product, &host, "one");
    assert_eq!(first.path, dir.path().join("t.html.7.jsonl"));
    let handed_on = EnvDelta::new().set(names::RECORD, first.path.clone());
    let again = ExecPlan { env: handed_on.clone(), ..ExecPlan::new("/bin/prime", []) };
    first.end(&Ok(Outcome::Exec(again)));
    assert_eq!(Record::load(&first.path).unwrap().end, None);
    let second = recorder(&product, &host.with_env(&handed_on), "two");
    second.end(&Err(Fault::new(FaultKind::Unavailable, "no index at https://me:pw@host/").into()));
    let record = Record::load(&first.path).unwrap();
    let stages: Vec<_> = record.spans.iter().map(|it| (it.name.as_str(), it.outcome.as_deref())).collect();
    assert_eq!(stages, [("one", Some("ok")), ("two", Some("failed"))]);
    assert!(record.spans[0].end <= Some(record.spans[1].start));
    let end = record.end.unwrap();
    assert_eq!((end.status, end.exit_code), (Status::Error, Some(69)));
    assert_eq!(end.detail.as_deref(), Some("no index at https://****@host/"));
}

#[test]
fn every_way_to_end_has_a_word() {
    let status = |outcome| end_of(&outcome, 1).map(|end| (end.status, end.exit_code, end.detail));
    let program = ExecPlan::new("/opt/bin/python", ["secret".into()]);
    assert_eq!(status(Ok(Outcome::Exec(program))), Some((Status::HandedOver, None, Some("python".to_owned()))));
    assert_eq!(status(Ok(Outcome::Exit(0))), Some((Status::Ok, Some(0), None)));
    let found = Answer { code: 1, ..Answer::default() };
    assert_eq!(status(Ok(found.into())), Some((Status::Found, Some(1), None)));
}

#[test]
fn a_file_that_is_no_record_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan { command: "boot", stage: "s", product: Path::new("/x") };
    for content in [None, Some("notes\n"), Some("")] {
        let path = dir.path().join("x");
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        assert!(Recorder::resume(&Host::default(), &plan, path.clone()).is_err());
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), content);
    }
}

#[test]
fn what_a_killed_run_has_recorded_goes_when_it_is_old_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let product = dir.path().join("t.html");
    let host = |id: &str| Host { vars: vec![(names::START_ID.into(), id.into())], ..Host::default() };
    let killed = recorder(&product, &host("1"), "s").path.clone();
    let other = recorder(&dir.path().join("t"), &host("2"), "s").path.clone();
    for name in ["t.html.3.jsonl", "t.html.jsonl", "mine.jsonl", "other.t.html.1.jsonl"] {
        std::fs::copy(&killed, dir.path().join(name)).unwrap();
    }
    std::fs::write(dir.path().join("t.html.data.jsonl"), "{}\n").unwrap();
    forget_killed(&product, SystemTime::now() + LONGEST_RUN / 2);
    assert!(killed.exists(), "it may be running");
    forget_killed(&product, SystemTime::now() + LONGEST_RUN * 2);
    assert!(!killed.exists() && other.exists());
    assert_eq!(dir.path().read_dir().unwrap().count(), 6, "what is named otherwise than its run is somebody's");
}
