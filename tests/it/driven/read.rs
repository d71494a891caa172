//! `read`: records to where they belong, states so that a read goes on where the last one ended.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use snapbox::str;

use super::{Tiny, ids};

#[test]
fn records_go_out_as_they_came_and_nothing_else_does() {
    let Some(tiny) = Tiny::new() else { return };
    let record = |stream: &str, mode: &str| {
        let data = format!(r#"{{"id": 0, "text": "{mode}, \"0\""}}"#);
        format!(r#"{{"type": "RECORD", "record": {{"stream": "{stream}", "data": {data}, "emitted_at": 1}}}}"#) + "\n"
    };
    let said = "read     tiny: orders 1 record (0.0 MB); users 1 record (0.0 MB)  [TIME]\n";
    let run = tiny.ask("read", r#"--config {"count":1} --streams *"#).output();
    assert_eq!(run.stdout(), record("users", "incremental") + &record("orders", "full_refresh"));
    assert_eq!(tiny.sandbox.redact(&run.stderr()), said);
    assert_eq!(tiny.journal().lines().filter(|line| line.starts_with("read 0o600")).count(), 1);
    assert_eq!(tiny.left(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn csv_has_a_column_for_each_property() {
    let Some(tiny) = Tiny::new() else { return };
    let expected = "id,text\n0,\"full_refresh, \"\"0\"\"\"\n1,\"full_refresh, \"\"1\"\"\"\n";
    let config = r#"--config {"count":2} --format csv"#;
    let run = tiny.ask("read", &format!("{config} --streams orders")).output();
    assert_eq!((run.code(), run.stdout().as_str()), (0, expected));
    let several = str![[r#"
error: CSV of several streams does not go into one output
hint: select one stream, or have a file for each with `--output DIR`

"#]];
    tiny.ask("read", &format!("{config} --streams *")).code(2).stderr(several).run();
    tiny.ask("read", &format!("{config} --streams * --output out --full-refresh")).output();
    assert_eq!(tiny.sandbox.read("out/orders.csv"), expected);
    assert_eq!(tiny.sandbox.read("out/users.csv"), expected);
}

#[test]
fn a_file_that_is_gone_on_with_keeps_its_columns() {
    let Some(tiny) = Tiny::new() else { return };
    // What was read before had other columns, in another order; a kill left part of a row with a line break in it.
    let before = "text,old\n\"a\nb\",1\n";
    std::fs::create_dir(tiny.sandbox.repo().join("out")).unwrap();
    std::fs::write(tiny.sandbox.repo().join("out/users.csv"), format!("{before}\"half\nof")).unwrap();
    let state = r#"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"next":1}}}]"#;
    std::fs::write(tiny.sandbox.repo().join("s.json"), state).unwrap();
    let rest = r#"--config {"count":2} --streams users --format csv --output out --state s.json"#;
    let run = tiny.ask("read", rest).output();
    assert_eq!(tiny.sandbox.read("out/users.csv"), format!("{before}\"incremental, \"\"1\"\"\",\n"));
    let warning = "warning: records of `users` have properties that no column is for: id\n";
    assert!(run.code() == 0 && run.stderr().contains(warning), "{}", run.stderr());
}

#[test]
fn an_interrupted_read_goes_on_where_it_ended_and_loses_nothing() {
    let Some(tiny) = Tiny::new() else { return };
    let rest = "--streams users --state-out state.json --output out";
    let crashed = tiny.ask("read", &format!(r#"--config {{"count":40,"do":"crash"}} {rest}"#)).output();
    assert_eq!(crashed.code(), 69);
    for part in ["`read` of `tiny` failed: exit status 3", "MemoryError"] {
        assert!(crashed.stderr().contains(part), "{part}: {}", crashed.stderr());
    }
    let state: Value = serde_json::from_str(&tiny.sandbox.read("state.json")).unwrap();
    assert_eq!(state[0]["stream"]["stream_state"], json!({ "next": 30 }));
    tiny.ask("read", &format!(r#"--config {{"count":40}} {rest} --state state.json"#)).output();
    let seen = ids(&tiny.sandbox.read("out/users.jsonl"));
    assert_eq!(seen.iter().copied().collect::<BTreeSet<_>>(), (0..40).collect::<BTreeSet<_>>());
    assert_eq!(seen.len(), 45, "what came after the last state comes twice");
}

#[test]
fn numbers_of_a_configuration_and_of_a_state_are_what_they_were() {
    let Some(tiny) = Tiny::new() else { return };
    let odd = r#"{"big": 123456789012345678901234567890, "none": NaN, "far": -Infinity}"#;
    let config = format!(r#"{{"count":20, "do":"note",  "state":{odd}, "far": 1e400}}"#);
    let tiny = Tiny { sandbox: tiny.sandbox.file("c.json", &config) };
    let rest = "--config c.json --streams users --state-out s.json";
    let run = tiny.ask("read", rest).output();
    assert_eq!((run.code(), tiny.journal().contains(&config)), (0, true), "{} {}", run.stderr(), tiny.journal());
    let place = r#""stream_descriptor": {"name": "users"}, "stream_state": {"next": 20, "#;
    let state = format!(r#"[{{"type": "STREAM", "stream": {{{place}{}}}}}]"#, &odd[1..]);
    assert_eq!(tiny.sandbox.read("s.json"), format!("{state}\n"));
    let again = tiny.ask("read", &format!("{rest} --state s.json")).output();
    assert_eq!((again.code(), again.stdout().as_str()), (0, ""), "{}", again.stderr());
    assert!(tiny.journal().ends_with(&format!("{config}\n{state}\n")), "{}", tiny.journal());
}

#[test]
fn only_what_is_gone_on_with_is_added_to() {
    let Some(tiny) = Tiny::new() else { return };
    let read = |count: u32, does: &str, rest: &str| {
        let rest = format!(r#"--config {{"count":{count},"do":"{does}"}} --output out --state-out s.json {rest}"#);
        let run = tiny.ask("read", &rest).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        ["users", "orders"].map(|stream| ids(&tiny.sandbox.read(&format!("out/{stream}.jsonl"))))
    };
    let upto = |count| (0..count).collect::<Vec<u64>>();
    assert_eq!(read(10, "", "--streams *"), [upto(10), upto(10)]);
    // The state tells of both, but only one can be read incrementally.
    assert_eq!(read(20, "", "--streams * --state s.json"), [upto(20), upto(20)]);
    // A connector that would go on with what is read as a whole is not told how far it was.
    assert_eq!(read(30, "resume", "--streams * --state s.json"), [upto(30), upto(30)]);
    // It tells of one, and both could be.
    let configured = |name: &str| json!({ "stream": { "name": name }, "sync_mode": "incremental" });
    let catalog = json!({ "streams": [configured("users"), configured("orders")] });
    std::fs::write(tiny.sandbox.repo().join("c.json"), catalog.to_string()).unwrap();
    let state = r#"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"next":30}}}]"#;
    std::fs::write(tiny.sandbox.repo().join("one.json"), state).unwrap();
    assert_eq!(read(40, "", "--catalog c.json --state one.json"), [upto(40), upto(40)]);
}

#[test]
fn a_full_refresh_forgets_the_state_of_what_is_read_and_of_nothing_else() {
    let Some(tiny) = Tiny::new() else { return };
    let of = |name: &str, next: u64| json!({ "type": "STREAM", "stream": { "stream_descriptor": { "name": name }, "stream_state": { "next": next } } });
    // What is of everything is of this stream as well.
    let global = json!({ "type": "GLOBAL", "global": { "shared_state": 1 } });
    let before = json!([of("users", 7), of("other", 5), global]);
    std::fs::write(tiny.sandbox.repo().join("s.json"), before.to_string()).unwrap();
    let rest = r#"--config {"count":10} --streams users --full-refresh --state s.json --state-out s.json"#;
    let run = tiny.ask("read", rest).output();
    assert_eq!((run.code(), ids(&run.stdout())), (0, (0..10).collect()), "{}", run.stderr());
    let state: Value = serde_json::from_str(&tiny.sandbox.read("s.json")).unwrap();
    assert_eq!(state, json!([of("other", 5), of("users", 10)]));
}

#[test]
fn a_read_that_starts_over_leaves_no_state_of_before_though_it_comes_to_none() {
    let Some(tiny) = Tiny::new() else { return };
    let old = json!([{ "type": "STREAM", "stream": { "stream_descriptor": { "name": "users" }, "stream_state": { "next": 7 } } }]);
    for rest in ["--full-refresh --state s.json", "--output out"] {
        std::fs::write(tiny.sandbox.repo().join("s.json"), old.to_string()).unwrap();
        let rest = format!(r#"--config {{"count":5}} --streams users --state-out s.json {rest}"#);
        let run = tiny.ask("read", &rest).output();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        assert_eq!(tiny.sandbox.read("s.json"), "[]\n", "{rest}");
    }
}

#[test]
fn streams_of_one_name_have_a_file_for_each_namespace() {
    let Some(tiny) = Tiny::new() else { return };
    let users = |namespace: &str, properties: Value| {
        let stream = json!({ "name": "users", "namespace": namespace, "json_schema": { "properties": properties } });
        json!({ "stream": stream, "sync_mode": "full_refresh" })
    };
    let orders = json!({ "stream": { "name": "orders", "namespace": "a" }, "sync_mode": "full_refresh" });
    let catalog = json!({ "streams": [users("a", json!({ "id": {} })), users("b", json!({ "text": {} })), orders] });
    std::fs::write(tiny.sandbox.repo().join("c.json"), catalog.to_string()).unwrap();
    let rest = r#"--config {"count":1} --catalog c.json --format csv --output out"#;
    let run = tiny.ask("read", rest).output();
    assert!(run.code() == 0 && run.stderr().contains("a.users 1 record "), "{}", run.stderr());
    assert_eq!(tiny.sandbox.read("out/a.users.csv"), "id\n0\n");
    assert_eq!(tiny.sandbox.read("out/b.users.csv"), "text\n\"full_refresh, \"\"0\"\"\"\n");
    assert!(!tiny.sandbox.repo().join("out/users.csv").exists());
    assert!(tiny.sandbox.repo().join("out/orders.csv").exists(), "whose name is its own needs no namespace");
}

#[test]
fn streams_that_come_to_one_name_are_refused_before_anything_is_made_anew() {
    let Some(tiny) = Tiny::new() else { return };
    let of = |name: &str, namespace: Option<&str>| json!({ "stream": { "name": name, "namespace": namespace }, "sync_mode": "full_refresh" });
    let streams = [of("users", Some("a")), of("users", Some("b")), of("a.users", None)];
    let catalog = |streams: &[Value]| json!({ "streams": streams }).to_string();
    let sandbox = tiny.sandbox.file("c.json", catalog(&streams)).file("out/a.users.jsonl", "old\n");
    let tiny = Tiny { sandbox: sandbox.file("one.json", catalog(&streams[2..])) };
    let error = str![[r#"
error: two streams of different namespaces are both called `a.users`
hint: read them one by one, with `--streams` or a `--catalog` that has one of them

"#]];
    let rest = r#"--config {"count":1} --output out --catalog"#;
    tiny.ask("read", &format!("{rest} c.json")).code(2).stderr(error).run();
    assert_eq!(tiny.sandbox.read("out/a.users.jsonl"), "old\n");
    assert_eq!(tiny.ask("read", &format!("{rest} one.json")).output().code(), 0);
    assert_eq!(ids(&tiny.sandbox.read("out/a.users.jsonl")), [0]);
}

/// The ids in the files of these streams after so many records were read of each into files that have one, and part of
/// another, which a kill left.
fn added_to(configured: &[Value], state: &Value, files: [&str; 2], count: usize) -> Option<[Vec<u64>; 2]> {
    let tiny = Tiny::new()?;
    let repo = tiny.sandbox.repo();
    std::fs::write(repo.join("c.json"), json!({ "streams": configured }).to_string()).unwrap();
    std::fs::write(repo.join("s.json"), json!([state]).to_string()).unwrap();
    std::fs::create_dir(repo.join("out")).unwrap();
    for file in files {
        let before = r#"{"record":{"data":{"id":7}}}"#;
        std::fs::write(repo.join(format!("out/{file}.jsonl")), format!("{before}\n{{\"half")).unwrap();
    }
    let config = format!(r#"--config {{"count":{count}}}"#);
    let run = tiny.ask("read", &format!("{config} --catalog c.json --output out --state s.json")).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    Some(files.map(|file| ids(&tiny.sandbox.read(&format!("out/{file}.jsonl")))))
}

#[test]
fn of_streams_of_one_name_only_the_one_that_the_state_is_of_is_added_to() {
    let users = |namespace: &str| json!({ "name": "users", "namespace": namespace });
    let of = |namespace: &str| json!({ "stream": users(namespace), "sync_mode": "incremental" });
    let state =
        json!({ "type": "STREAM", "stream": { "stream_descriptor": users("a"), "stream_state": { "next": 2 } } });
    let Some(read) = added_to(&[of("a"), of("b")], &state, ["a.users", "b.users"], 3) else { return };
    assert_eq!(read, [vec![7, 2], vec![2]]);
}

#[test]
fn a_state_of_everything_is_of_whatever_is_read_incrementally() {
    let of = |name: &str, mode: &str| json!({ "stream": { "name": name }, "sync_mode": mode });
    let streams = [of("users", "incremental"), of("orders", "full_refresh")];
    let state = json!({ "type": "GLOBAL", "global": { "shared_state": 1 } });
    let Some(read) = added_to(&streams, &state, ["users", "orders"], 1) else { return };
    assert_eq!(read, [vec![7, 0], vec![0]]);
}

#[test]
fn a_limit_is_of_each_stream() {
    let Some(tiny) = Tiny::new() else { return };
    let run = tiny.ask("read", r#"--config {"count":1000000} --streams users --limit 3 --state-out s"#).output();
    assert_eq!((run.code(), ids(&run.stdout())), (0, vec![0, 1, 2]));
    assert!(!tiny.sandbox.repo().join("s").exists());
    // A state that came after records that were left out is none to go on from.
    let both = tiny.ask("read", r#"--config {"count":10} --streams * --limit 3 --state-out s"#).output();
    assert_eq!((both.code(), ids(&both.stdout())), (0, vec![0, 1, 2, 0, 1, 2]));
    assert!(!tiny.sandbox.repo().join("s").exists());
}

#[test]
fn records_of_a_stream_that_nobody_asked_for_have_a_file_that_is_made_anew() {
    let Some(tiny) = Tiny::new() else { return };
    let tiny = Tiny { sandbox: tiny.sandbox.file("out/odd.jsonl", "{}\n") };
    let run = tiny.ask("read", r#"--config {"count":2,"as":"odd"} --streams users --output out"#).output();
    assert_eq!((run.code(), ids(&tiny.sandbox.read("out/odd.jsonl"))), (0, vec![0, 1]), "{}", run.stderr());
    assert_eq!(tiny.sandbox.read("out/users.jsonl"), "");
}

#[test]
fn records_of_a_stream_that_nobody_asked_for_count_for_no_limit_and_are_no_rows_of_another() {
    let Some(tiny) = Tiny::new() else { return };
    let rest = r#"--config {"count":9,"unasked":5} --streams users --limit 3"#;
    let lines = tiny.ask("read", rest).output();
    let users = lines.stdout().lines().filter(|line| line.contains(r#""stream": "users""#)).count();
    assert_eq!((lines.code(), lines.stdout().lines().count(), users), (0, 8, 3), "{}", lines.stderr());
    let rows = tiny.ask("read", &format!("{rest} --format csv")).output();
    assert_eq!(rows.code(), 0, "{}", rows.stderr());
    let ids: Vec<_> = rows.stdout().lines().map(|row| row.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(ids, ["id", "0", "1", "2"]);
    let said = "warning: 5 records of `odd` are left out: it is not selected, and CSV of several streams does not go into one output\n\
                read     tiny: users 3 records (0.0 MB)  [TIME]\n";
    assert_eq!(tiny.sandbox.redact(&rows.stderr()), said);
    let rest = r#"--config {"count":12,"unasked":15} --streams users --limit 12 --state-out s.json"#;
    assert_eq!(tiny.ask("read", rest).output().code(), 0);
    assert!(tiny.sandbox.read("s.json").contains("10"), "the state of the one that was asked for is told");
}

#[test]
fn what_is_read_may_be_said_by_a_catalog() {
    let Some(tiny) = Tiny::new() else { return };
    let catalog = json!({ "streams": [{ "stream": { "name": "users" }, "sync_mode": "full_refresh" }] });
    std::fs::write(tiny.sandbox.repo().join("c.json"), catalog.to_string()).unwrap();
    let run = tiny.ask("read", r#"--config {"count":1} --catalog c.json"#).output();
    assert!(run.stdout().contains("full_refresh"), "{}", run.stdout());
    assert!(!tiny.journal().contains("discover"), "{}", tiny.journal());
    let none = tiny.ask("read", r#"--config {"count":1}"#).output();
    assert_eq!((none.code(), none.stdout().as_str()), (2, ""));
    assert!(none.stderr().contains("no stream is selected") && none.stderr().contains("`users`, `orders`"));
    let wrong = tiny.ask("read", r#"--config {"count":1} --streams user"#).output();
    assert!(wrong.code() == 2 && wrong.stderr().contains("did you mean `users`?"), "{}", wrong.stderr());
}

#[test]
fn a_full_disk_is_an_error_and_says_so() {
    let Some(tiny) = Tiny::new() else { return };
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    std::fs::create_dir(tiny.sandbox.repo().join("out")).unwrap();
    std::os::unix::fs::symlink(full, tiny.sandbox.repo().join("out/users.jsonl")).unwrap();
    let run = tiny.ask("read", r#"--config {"count":5} --streams users --output out"#).output();
    assert!(run.code() == 74 && run.stderr().contains("the records cannot be written"), "{}", run.stderr());
}
