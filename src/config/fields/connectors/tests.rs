use super::*;
use crate::config::document::Source;

fn in_file(line: usize, leap: Leap) -> Origin {
    Origin::File { source: Source::new("/r/prime.toml", Path::new("/r")), line, leap }
}

fn typed(name: &str) -> Origin {
    Origin::Argument(format!("--{name}"))
}

fn connector(fields: &[(&'static str, Said, Origin)]) -> ConnectorFields {
    let mut connector = ConnectorFields::new("source-x", in_file(1, Leap::Client));
    for (name, said, origin) in fields {
        connector.say(name, Field::Value(Setting::new(said.clone(), origin.clone())));
    }
    connector
}

fn text(text: &str) -> Said {
    Said::Text(text.to_owned())
}

fn names(connector: &ConnectorFields) -> Vec<&str> {
    connector.all().map(|(name, _)| name).collect()
}

/// Each way to run one, with a value that names it.
fn ways() -> Vec<(&'static str, Said)> {
    vec![
        ("local_executable", text("x")),
        ("docker_image", Said::Flag(true)),
        ("use_python", text("3.12")),
        ("source_manifest", text("m.yaml")),
        ("no_executor", Said::Flag(true)),
    ]
}

#[test]
fn two_ways_to_run_one_exclude_each_other_and_the_later_line_is_told_first() {
    for (index, (one, value)) in ways().into_iter().enumerate() {
        for (other, of_other) in ways().into_iter().skip(index + 1) {
            let both = [(one, value.clone(), in_file(5, Leap::Client)), (other, of_other, in_file(4, Leap::Client))];
            let connector = connector(&both);
            let [[(later, _), (earlier, _)]] = connector.contradictions()[..] else { panic!("{one} {other}") };
            assert_eq!((later, earlier), (one, other));
        }
    }
}

#[test]
fn what_names_the_same_way_or_none_excludes_nothing() {
    let at = |line| in_file(line, Leap::Client);
    for pair in [
        [("use_python", Said::Flag(false)), ("docker_image", text("x"))],
        [("use_python", Said::Flag(true)), ("pip_url", text("x"))],
        [("local_executable", text("x")), ("docker_image", Said::Flag(false))],
        [("no_executor", Said::Flag(false)), ("pip_url", text("x"))],
        [("version", text("1")), ("use_python", Said::Flag(true))],
        [("version", text("1")), ("source_manifest", Said::Flag(true))],
        [("catalog", text("c")), ("full_refresh", Said::Flag(false))],
    ] {
        let [(one, value), (other, of_other)] = pair;
        let connector = connector(&[(one, value, at(1)), (other, of_other, at(2))]);
        assert_eq!(connector.contradictions(), Vec::<Contradiction<'_>>::new(), "{one} {other}");
    }
    for pair in [
        [("version", text("1")), ("pip_url", text("x"))],
        [("version", text("1")), ("local_executable", Said::Flag(true))],
        [("version", text("1")), ("source_manifest", text("m.yaml"))],
        [("use_python", Said::Flag(false)), ("pip_url", text("x"))],
        [("catalog", text("c")), ("streams", text("*"))],
        [("catalog", text("c")), ("full_refresh", Said::Flag(true))],
    ] {
        let [(one, value), (other, of_other)] = pair;
        let connector = connector(&[(one, value, at(1)), (other, of_other, at(2))]);
        assert_eq!(connector.contradictions().len(), 1, "{one} {other}");
    }
}

#[test]
fn what_was_said_later_makes_what_it_excludes_give_way() {
    let table = connector(&[
        ("pip_url", text("x"), in_file(2, Leap::Client)),
        ("with", Said::List(vec!["y".into()]), in_file(3, Leap::Client)),
        ("catalog", Said::Path("c".into()), in_file(4, Leap::Client)),
    ]);
    let settled = |later: &[(&'static str, Said, Origin)]| {
        let mut merged = table.clone().merge(connector(later));
        merged.settle();
        merged
    };
    let of_env = settled(&[("docker_image", Said::Flag(true), in_file(9, Leap::Env))]);
    assert_eq!(names(&of_env), ["catalog", "docker_image", "with"]);
    let by_argument = settled(&[("version", text("2"), typed("version")), ("streams", text("*"), typed("streams"))]);
    assert_eq!(names(&by_argument), ["streams", "version", "with"]);
    // What names no way takes none away.
    let off = settled(&[("docker_image", Said::Flag(false), typed("docker-image"))]);
    assert_eq!(names(&off), ["catalog", "docker_image", "pip_url", "with"]);
    // Two of the command line are its own affair.
    let both = settled(&[
        ("docker_image", Said::Flag(true), typed("docker-image")),
        ("no_executor", Said::Flag(true), typed("no-executor")),
    ]);
    assert_eq!(names(&both), ["catalog", "docker_image", "no_executor", "with"]);
    // `null` is the default, over what an earlier leap said.
    let mut env = connector(&[]);
    env.say("pip_url", Field::Null(in_file(1, Leap::Env)));
    assert_eq!(names(&table.clone().merge(env)), ["catalog", "with"]);
}

#[test]
fn what_is_a_path_is_seen_from_the_directory_and_nothing_else_is() {
    for (name, value, expected) in [
        ("install_root", Said::Path("envs/../e".into()), Said::Path("/r/e".into())),
        ("output", Said::Path("/abs".into()), Said::Path("/abs".into())),
        ("local_executable", text("./x"), text("/r/x")),
        ("local_executable", text("x"), text("x")),
        ("use_python", text("3.12"), text("3.12")),
        ("use_python", text("venv/bin/python"), text("/r/venv/bin/python")),
        ("source_manifest", text("m.yaml"), text("/r/m.yaml")),
        ("source_manifest", text("http://127.0.0.1/m.yaml"), text("http://127.0.0.1/m.yaml")),
        ("source_manifest", text("file:/m.yaml"), text("file:/m.yaml")),
        ("source_manifest", text("~/m.yaml"), text("~/m.yaml")),
        ("registry", text("registry.json"), text("/r/registry.json")),
        ("registry", text("no"), text("no")),
        ("config", text("c.json"), text("/r/c.json")),
        ("config", text("-"), text("-")),
        ("config", text("{}"), text("{}")),
        ("docker_image", text("a/b:1"), text("a/b:1")),
        ("pip_url", text("./x"), text("./x")),
    ] {
        let located = connector(&[(name, value, in_file(1, Leap::Client))]).seen_from(Path::new("/r"));
        assert_eq!(located.value(name), Some(&expected), "{name}");
    }
}
