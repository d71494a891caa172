//! What holds of a client's and an environment's file that say anything at all: value and origin of each field against a
//! model that knows nothing of how files are read.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::Tree;
use super::*;
use crate::config::discover::discover;
use crate::config::document::shown;
use crate::config::leap::Origin;

/// What a file says of each field, in its order. JSON, because only there is a `null`.
type File = Vec<(&'static str, Value)>;

/// The fields that a client and an environment share, with values of which the model need only know the text.
fn values(name: &'static str) -> impl Strategy<Value = Value> {
    let texts: &[&str] = match name {
        "required_python_version" => &["3.9", "3.12.1", ">=3.10"],
        "python_selector_file_rel_path" => &["tools/one", "tools/two"],
        "venv_driver" => &["venv_uv", "venv_pip"],
        "version_constraints_file_basename" => &["pins.txt", "locked.txt"],
        "local_venv_dir_rel_path" => &["venv", "v/w"],
        _ => &["a", "a/b", "./c"],
    };
    let text = prop::sample::select(texts.to_vec()).prop_map(Value::from);
    prop_oneof![1 => Just(Value::Null), 3 => text]
}

const NAMES: [&str; 9] = [
    "required_python_version",
    "python_selector_file_rel_path",
    "local_venv_dir_rel_path",
    "local_log_dir_rel_path",
    "local_tmp_dir_rel_path",
    "local_cache_dir_rel_path",
    "local_run_dir_rel_path",
    "venv_driver",
    "version_constraints_file_basename",
];

fn projects() -> impl Strategy<Value = Value> {
    let one = prop::sample::select(vec!["p", "q"]);
    let list = prop::collection::vec(one, 0..3);
    let list = list.prop_map(|dirs| dirs.iter().map(|dir| json!({ "build_root_dir_rel_path": dir })).collect());
    prop_oneof![1 => Just(Value::Null), 3 => list]
}

/// Some of the fields, in any order.
fn file() -> impl Strategy<Value = File> {
    let fields: Vec<BoxedStrategy<(&'static str, Value)>> =
        NAMES.iter().map(|name| values(name).prop_map(|value| (*name, value)).boxed()).collect();
    let all = (fields, projects()).prop_map(|(mut fields, projects)| {
        fields.push(("project_descriptors", projects));
        fields
    });
    all.prop_shuffle().prop_flat_map(|fields| prop::sample::subsequence(fields.clone(), 0..=fields.len()))
}

/// One field a line, so that the line tells the field.
fn text(file: &File) -> String {
    let lines: Vec<String> = file.iter().map(|(name, value)| format!("\n\"{name}\": {value}")).collect();
    format!("{{{}\n}}", lines.join(","))
}

/// What the model says of a field: the value of the last file that says anything, and where; `None` for the default.
fn expected(name: &str, client: &File, env: &File) -> Option<(Value, String)> {
    for (file, path) in [(env, "env/prime.json"), (client, "gconf/prime.json")] {
        if let Some(index) = file.iter().position(|(said, _)| *said == name) {
            let origin = format!("`{path}` line {}", index + 2);
            return Some((file[index].1.clone(), origin)).filter(|(value, _)| !value.is_null());
        }
    }
    None
}

/// The value of each field that is not the default, as text, and its origin.
fn effective(settings: &Settings, root: &Path) -> BTreeMap<&'static str, (Value, String)> {
    let mut found = BTreeMap::new();
    let mut note = |name: &'static str, value: String, origin: &Origin| {
        if *origin != Origin::Default {
            found.insert(name, (value.into(), origin.to_string()));
        }
    };
    let file_name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    for (name, dir) in [
        ("local_venv_dir_rel_path", &settings.venv_dir),
        ("local_log_dir_rel_path", &settings.log_dir),
        ("local_tmp_dir_rel_path", &settings.tmp_dir),
        ("local_cache_dir_rel_path", &settings.cache_dir),
        ("local_run_dir_rel_path", &settings.run_dir),
    ] {
        note(name, shown(&dir.value, root), &dir.origin);
    }
    if let Some(python) = &settings.required_python {
        note("required_python_version", python.value.clone(), &python.origin);
    }
    if let Some(selector) = &settings.python_selector_file {
        note("python_selector_file_rel_path", shown(&selector.value, root), &selector.origin);
    }
    let driver = settings.venv_driver.value.map_or("", VenvDriver::name);
    note("venv_driver", driver.to_owned(), &settings.venv_driver.origin);
    let pins = &settings.constraints_file;
    note("version_constraints_file_basename", file_name(&pins.value), &pins.origin);
    found
}

fn evaluated(client: &File, env: &File) -> (Tree, Evaluation) {
    let mut client: File = client.clone();
    client.push(("default_env_dir_rel_path", "env".into()));
    let (client, env) = (text(&client), text(env));
    let project = "[project]\nname = 'x'\n";
    let tree = Tree::new(&[
        ("prime.json", "{}"),
        ("gconf/prime.json", &client),
        ("env/prime.json", &env),
        ("tools/one", ""),
        ("tools/two", ""),
        ("p/pyproject.toml", project),
        ("q/pyproject.toml", project),
    ]);
    let host = Host { args: vec!["prime".into()], current_dir: tree.path(""), ..Host::default() };
    let repo = discover(&host, Some(&tree.path(""))).unwrap();
    let evaluation = evaluate(&host, &repo, &Selection::default());
    (tree, evaluation)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_value_is_that_of_the_last_file_that_says_anything_and_knows_where(client in file(), env in file()) {
        let (tree, Evaluation { settings, faults, .. }) = evaluated(&client, &env);
        prop_assert_eq!(&faults, &[]);
        let found = effective(&settings, &tree.path(""));
        for name in NAMES {
            let expected = expected(name, &client, &env).map(|(value, origin)| {
                (Value::from(value.as_str().unwrap().trim_start_matches("./")), origin)
            });
            prop_assert_eq!(found.get(name), expected.as_ref(), "{}", name);
        }
        let dirs: Vec<Value> = settings.projects.iter().map(|it| json!({ "build_root_dir_rel_path": it.rel_path })).collect();
        let model = expected("project_descriptors", &client, &env).map_or(json!([]), |(list, _)| list);
        prop_assert_eq!(Value::from(dirs), model);
    }

    #[test]
    fn a_client_and_an_environment_that_say_the_same_come_to_what_one_of_them_says(file in file()) {
        let said = |(tree, evaluation): (Tree, Evaluation)| {
            let found = effective(&evaluation.settings, &tree.path(""));
            found.into_iter().map(|(name, (value, _))| (name, value)).collect::<Vec<_>>()
        };
        let none = File::new();
        let (both, env, client) = (evaluated(&file, &file), evaluated(&none, &file), evaluated(&file, &none));
        let both = said(both);
        prop_assert_eq!(&both, &said(env));
        prop_assert_eq!(&both, &said(client));
    }
}
