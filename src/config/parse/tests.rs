use std::path::Path;

use super::*;
use crate::config::document::Document;

fn decoded(format: Format, text: &str, leaps: &[Leap]) -> Decoded {
    let name = if format == Format::Json { "prime.json" } else { "prime.toml" };
    let source = Source::new(format!("/repo/{name}"), Path::new("/repo"));
    let document = Document::parse(source, format, text.as_bytes()).unwrap();
    decode(&document.source, format, &document.root, leaps)
}

fn toml(text: &str) -> Fields {
    let decoded = decoded(Format::Toml, text, &Leap::FILES);
    assert_eq!(decoded.faults, []);
    decoded.fields
}

/// The one fault of a text: message and hint.
fn fault(format: Format, text: &str) -> String {
    let decoded = decoded(format, text, &Leap::FILES);
    let [Broken { fault, .. }] = decoded.faults.as_slice() else { panic!("{text}: {:?}", decoded.faults) };
    assert_eq!(fault.kind, Kind::Config);
    match &fault.hint {
        Some(hint) => format!("{}; {hint}", fault.message),
        None => fault.message.clone(),
    }
}

fn origin(name: &str, line: usize, leap: Leap) -> Origin {
    Origin::File { source: Source::new(format!("/repo/{name}"), Path::new("/repo")), line, leap }
}

pub(super) const WHOLE: &str = r#"reboot_keep_count = 5
ref_root_dir_rel_path = "../.."
global_conf_dir_rel_path = "conf"
local_conf_symlink_rel_path = "lconf"
default_env_dir_rel_path = "dst/one"
update_launcher = false
required_python_version = " >=3.9,<3.13 "
python_selector_file_rel_path = "conf/select.py"
local_venv_dir_rel_path = "venv"
local_log_dir_rel_path = "log"
local_tmp_dir_rel_path = "tmp"
local_cache_dir_rel_path = "cache"
local_run_dir_rel_path = "run"
venv_driver = "venv_pip"
version_constraints_file_basename = "pins.txt"
install_specs = [{ tools = { extra_command_args = ["--no-deps"] } }, { app = {} }]

[[project_descriptors]]
build_root_dir_rel_path = "../app"
install_extras = ["dev", "Dev", "a.b"]
install_group = "app"
dependency_groups = ["test"]
editable = false
requirements_files = ["req/a.txt"]
"#;

#[test]
fn every_field_is_read_with_its_line_and_leap() {
    let Fields { primer, client, shared } = toml(WHOLE);
    let at = |line, leap| origin("prime.toml", line, leap);
    let path = |path: &str, line, leap| Field::Value(Setting::new(PathBuf::from(path), at(line, leap)));
    assert_eq!(shared.reboot_keep_count, Field::Value(Setting::new(5, at(1, Leap::Client))));
    assert_eq!(primer.ref_root_dir_rel_path, path("../..", 2, Leap::Primer));
    assert_eq!(primer.global_conf_dir_rel_path, path("conf", 3, Leap::Primer));
    assert_eq!(client.local_conf_symlink_rel_path, path("lconf", 4, Leap::Client));
    assert_eq!(client.default_env_dir_rel_path, path("dst/one", 5, Leap::Client));
    assert_eq!(client.update_launcher, Field::Value(Setting::new(false, at(6, Leap::Client))));
    let python = Setting::new(">=3.9,<3.13".to_owned(), at(7, Leap::Client));
    assert_eq!(shared.required_python_version, Field::Value(python));
    assert_eq!(shared.python_selector_file_rel_path, path("conf/select.py", 8, Leap::Client));
    assert_eq!(shared.local_venv_dir_rel_path, path("venv", 9, Leap::Client));
    assert_eq!(shared.local_log_dir_rel_path, path("log", 10, Leap::Client));
    assert_eq!(shared.local_tmp_dir_rel_path, path("tmp", 11, Leap::Client));
    assert_eq!(shared.local_cache_dir_rel_path, path("cache", 12, Leap::Client));
    assert_eq!(shared.local_run_dir_rel_path, path("run", 13, Leap::Client));
    assert_eq!(shared.venv_driver, Field::Value(Setting::new(VenvDriver::Pip, at(14, Leap::Client))));
    let basename = Setting::new("pins.txt".to_owned(), at(15, Leap::Client));
    assert_eq!(shared.version_constraints_file_basename, Field::Value(basename));
    let specs = shared.install_specs.value().unwrap().value;
    let groups: Vec<_> =
        specs.iter().map(|spec| (spec.group.value.as_str(), spec.extra_command_args.clone())).collect();
    assert_eq!(groups, [("tools", vec!["--no-deps".to_owned()]), ("app", vec![])]);
    let descriptors = shared.project_descriptors.value().unwrap();
    assert_eq!(descriptors.origin, at(18, Leap::Client));
    let [descriptor] = descriptors.value.as_slice() else { panic!() };
    assert_eq!(descriptor.build_root_dir_rel_path, Setting::new("../app".into(), at(19, Leap::Client)));
    let extras: Vec<&str> = descriptor.install_extras.iter().map(|extra| extra.value.as_str()).collect();
    assert_eq!(extras, ["dev", "a.b"]);
    assert_eq!(descriptor.install_group, Some(Setting::new("app".to_owned(), at(21, Leap::Client))));
    assert_eq!(descriptor.dependency_groups, [Setting::new("test".to_owned(), at(22, Leap::Client))]);
    assert_eq!(descriptor.editable, Setting::new(false, at(23, Leap::Client)));
    assert_eq!(descriptor.requirements_files, [Setting::new("req/a.txt".into(), at(24, Leap::Client))]);
}

#[test]
fn every_field_that_is_known_is_read() {
    for spec in FIELDS {
        let decoded = decoded(Format::Json, &format!("{{\"{}\": null}}", spec.name), &Leap::FILES);
        assert_eq!(decoded.faults, [], "{}", spec.name);
        assert_ne!(decoded.fields, Fields::default(), "{}", spec.name);
    }
}

#[test]
fn upstreams_json_is_read_with_its_comments_and_nulls() {
    let text = r#"{
        "__comment": ["anything"], "__comment": 1,
        "required_python_version": null,
        "project_descriptors": [
            {"__": 1, "build_root_dir_rel_path": "a", "install_extras": null, "install_group": null}
        ],
        "install_specs": [{"__": "x", "g": {"__": 2, "extra_command_args": ["-q"]}}]
    }"#;
    let decoded = decoded(Format::Json, text, &[Leap::Env]);
    assert_eq!(decoded.faults, []);
    let shared = decoded.fields.shared;
    assert_eq!(shared.required_python_version, Field::Null(origin("prime.json", 3, Leap::Env)));
    let descriptor = &shared.project_descriptors.value().unwrap().value[0];
    assert_eq!(descriptor.build_root_dir_rel_path, Setting::new("a".into(), origin("prime.json", 5, Leap::Env)));
    assert_eq!((descriptor.install_extras.len(), &descriptor.install_group), (0, &None));
    assert_eq!(shared.install_specs.value().unwrap().value[0].extra_command_args, ["-q"]);
}

#[test]
fn an_unknown_field_suggests_the_nearest() {
    for (text, expected) in [
        ("\n\nvenv_drver = 1", "unknown field `venv_drver` in `prime.toml` line 3; did you mean `venv_driver`?"),
        (
            "[[project_descriptors]]\nbuild_root_dir_rel_path='.'\ninstall-extras=[]",
            "unknown field `project_descriptors[0].install-extras` in `prime.toml` line 3; did you mean `install_extras`?",
        ),
        (
            "install_specs=[{g={args=[]}}]",
            "unknown field `install_specs[0].g.args` in `prime.toml` line 1; known fields: `extra_command_args`",
        ),
        (
            "[[project_descriptors]]\nx=1",
            "unknown field `project_descriptors[0].x` in `prime.toml` line 2; known fields: `build_root_dir_rel_path`, \
             `install_extras`, `install_group`, `dependency_groups`, `editable`, `requirements_files`",
        ),
    ] {
        assert_eq!(fault(Format::Toml, text), expected);
    }
    let known = FIELDS.map(|spec| format!("`{}`", spec.name)).join(", ");
    let expected = format!("unknown field `something` in `prime.json` line 1; known fields: {known}");
    assert_eq!(fault(Format::Json, r#"{"something": {}}"#), expected);
}

#[test]
fn a_wrong_type_names_file_line_found_and_expected() {
    for (text, expected) in [
        ("venv_driver = ['x']", "`venv_driver` in `prime.toml` line 1 is an array, expected a string"),
        (
            "\nrequired_python_version = 3.10",
            "`required_python_version` in `prime.toml` line 2 is a number, expected a string; write it in quotes: `\"3.10\"`",
        ),
        ("native_venv = 1", "`native_venv` in `prime.toml` line 1 is a number, expected a boolean"),
        ("update_launcher = 'no'", "`update_launcher` in `prime.toml` line 1 is a string, expected a boolean"),
        ("reboot_keep_count = '3'", "`reboot_keep_count` in `prime.toml` line 1 is a string, expected a number"),
        ("project_descriptors = {}", "`project_descriptors` in `prime.toml` line 1 is a table, expected an array"),
        (
            "project_descriptors = ['.']",
            "`project_descriptors[0]` in `prime.toml` line 1 is a string, expected a table",
        ),
        (
            "[[project_descriptors]]\nbuild_root_dir_rel_path='.'\ninstall_extras=['a',\n1979-05-27]",
            "`project_descriptors[0].install_extras[1]` in `prime.toml` line 4 is a date or time, expected a string",
        ),
        ("install_specs = [{g=[]}]", "`install_specs[0].g` in `prime.toml` line 1 is an array, expected a table"),
    ] {
        assert_eq!(fault(Format::Toml, text), expected);
    }
    for (text, expected) in [
        ("[]", "the configuration in `prime.json` line 1 is an array, expected an object"),
        (r#"{"install_specs": [null]}"#, "`install_specs[0]` in `prime.json` line 1 is `null`, expected an object"),
    ] {
        assert_eq!(fault(Format::Json, text), expected);
    }
}

#[test]
fn a_value_that_means_nothing_is_refused() {
    for (text, expected) in [
        (
            "venv_driver = 'uv'",
            "`venv_driver` in `prime.toml` line 1 is `uv`, expected `venv_uv` or `venv_pip`; did you mean `venv_uv`?",
        ),
        ("venv_driver = 'conda'", "`venv_driver` in `prime.toml` line 1 is `conda`, expected `venv_uv` or `venv_pip`"),
        (
            "required_python_version = ' '",
            "`required_python_version` in `prime.toml` line 1 is empty, expected some text in one line",
        ),
        (
            "reboot_keep_count = -1",
            "`reboot_keep_count` in `prime.toml` line 1 is `-1`, expected a whole number from 0 on",
        ),
        (
            "reboot_keep_count = 1.5",
            "`reboot_keep_count` in `prime.toml` line 1 is `1.5`, expected a whole number from 0 on",
        ),
        (
            "version_constraints_file_basename = 'a/b'",
            "`version_constraints_file_basename` in `prime.toml` line 1 is `a/b`, expected a file name without a directory",
        ),
    ] {
        assert_eq!(fault(Format::Toml, text), expected);
    }
}

#[test]
fn a_path_that_goes_too_far_is_refused() {
    for (text, expected) in [
        (
            "local_venv_dir_rel_path = '/opt/venv'",
            "`local_venv_dir_rel_path` in `prime.toml` line 1 is `/opt/venv`, expected a relative path",
        ),
        (
            "local_venv_dir_rel_path = 'a/../../venv'",
            "`local_venv_dir_rel_path` in `prime.toml` line 1 is `a/../../venv`, expected a path below the ref root",
        ),
        (
            "local_tmp_dir_rel_path = 'a/..'",
            "`local_tmp_dir_rel_path` in `prime.toml` line 1 is `a/..`, expected a path below the ref root",
        ),
        (
            "default_env_dir_rel_path = '..'",
            "`default_env_dir_rel_path` in `prime.toml` line 1 is `..`, expected a path within the ref root",
        ),
        (
            "ref_root_dir_rel_path = ''",
            "`ref_root_dir_rel_path` in `prime.toml` line 1 is empty, expected a relative path",
        ),
        (
            "local_log_dir_rel_path = \"a\\u0000b\"",
            "`local_log_dir_rel_path` in `prime.toml` line 1 is `a\\0b`, expected a relative path",
        ),
    ] {
        assert_eq!(fault(Format::Toml, text), expected);
    }
}

#[test]
fn a_list_whose_items_do_not_fit_is_refused() {
    let name = "a name of ASCII letters, digits and, between them, `.`, `_`, `-`";
    for (text, expected) in [
        (
            "[[project_descriptors]]\ninstall_extras = []",
            "`project_descriptors[0]` in `prime.toml` line 1 has no `build_root_dir_rel_path`; name the project's \
             directory, `.` for the ref root",
        ),
        (
            "project_descriptors = [{build_root_dir_rel_path='.', install_extras=['a b']}]",
            &format!("`project_descriptors[0].install_extras[0]` in `prime.toml` line 1 is `a b`, expected {name}"),
        ),
        (
            "install_specs = [{a={}, b={}}]",
            "`install_specs[0]` in `prime.toml` line 1 has 2 keys, expected a table with one, the group's name",
        ),
        (
            "install_specs = [{a={}},\n {a={}}]",
            "`install_specs[1]` in `prime.toml` line 2 is for the group `a`, which `prime.toml` line 1 has; put all \
             arguments of a group in one place",
        ),
    ] {
        assert_eq!(fault(Format::Toml, text), expected);
    }
}

#[test]
fn a_field_of_another_leap_is_refused() {
    let decoded = decoded(Format::Toml, "ref_root_dir_rel_path = '.'\nvenv_driver = 'venv_uv'", &[Leap::Env]);
    let [Broken { fault, .. }] = decoded.faults.as_slice() else { panic!("{decoded:?}") };
    assert_eq!(
        fault.message,
        "`ref_root_dir_rel_path` in `prime.toml` line 1 is a field of `leap_primer`, and this file is `leap_env`"
    );
    assert_eq!(fault.hint.as_deref(), Some("move it to the file of `leap_primer`"));
    let driver = Setting::new(VenvDriver::Uv, origin("prime.toml", 2, Leap::Env));
    assert_eq!(decoded.fields.shared.venv_driver, Field::Value(driver));
}

#[test]
fn one_wrong_field_does_not_hide_the_others() {
    let decoded = decoded(Format::Toml, "a = 1\nvenv_driver = 'venv_uv'\nupdate_launcher = 1", &Leap::FILES);
    let lines: Vec<&str> = decoded.faults.iter().map(|broken| broken.fault.message.as_str()).collect();
    assert_eq!(
        lines,
        [
            "unknown field `a` in `prime.toml` line 1",
            "`update_launcher` in `prime.toml` line 3 is a number, expected a boolean"
        ]
    );
    assert_ne!(decoded.fields.shared.venv_driver, Field::Absent);
}

#[test]
fn what_a_message_repeats_of_a_file_has_no_control_characters() {
    for (text, expected) in [
        (r#"{"a\u001b[2J": 1}"#, "unknown field `a\\u{1b}[2J` in `prime.json` line 1"),
        (
            r#"{"project_descriptors": [{"\n": 1}]}"#,
            "unknown field `project_descriptors[0].\\n` in `prime.json` line 1",
        ),
        (
            r#"{"install_specs": [{"\t": 1}]}"#,
            "`install_specs[0]` in `prime.json` line 1 is `\\t`, expected a group's name in one line",
        ),
        (
            r#"{"install_specs": [{"g": {"\u0007": 1}}]}"#,
            "unknown field `install_specs[0].g.\\u{7}` in `prime.json` line 1",
        ),
        (
            r#"{"venv_driver": "\u001b[2J"}"#,
            "`venv_driver` in `prime.json` line 1 is `\\u{1b}[2J`, expected `venv_uv` or `venv_pip`",
        ),
    ] {
        let decoded = decoded(Format::Json, text, &Leap::FILES);
        assert_eq!(decoded.faults[0].fault.message, expected);
    }
}
