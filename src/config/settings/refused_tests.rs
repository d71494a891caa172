//! What upstream takes, or does not look at, and ours refuse: each is told with its line.

use super::upstream_tests::{KERNEL, Start, max, started};
use crate::config::fields::FIELDS;
use crate::config::leap::Leap;
use crate::error::Fault;

const PRIMER: &str = "cmd/proto_code/proto_kernel.json";
const CLIENT: &str = "gconf/proto_kernel.json";
const ENV: &str = "dst/default_env/proto_kernel.json";

/// A file of the max layout, what stands in it, and the message with its hint.
const REFUSED: [(&str, &str, &str); 17] = [
    (
        PRIMER,
        r#""ref_root_dir_rel_path": "/r""#,
        "`ref_root_dir_rel_path` in `proto_kernel.json` line 1 is `/r`, expected a relative path",
    ),
    (
        PRIMER,
        r#""ref_root_dir_rel_path": "no""#,
        "`ref_root_dir_rel_path` in `proto_kernel.json` line 1 is `no`, expected a directory that exists",
    ),
    (
        PRIMER,
        r#""global_conf_dir_rel_path": "/r""#,
        "`global_conf_dir_rel_path` in `proto_kernel.json` line 1 is `/r`, expected a relative path",
    ),
    (
        PRIMER,
        r#""ref_root_dir_rel_path": "../..", "venv_driver": "venv_uv""#,
        "`venv_driver` in `proto_kernel.json` line 1 is a field of `leap_client` or `leap_env`, and this file is `leap_primer`; move it to the file of `leap_client` or `leap_env`",
    ),
    (
        CLIENT,
        r#""local_venv_dir_rel_path": "/v""#,
        "`local_venv_dir_rel_path` in `gconf/proto_kernel.json` line 1 is `/v`, expected a relative path",
    ),
    (
        CLIENT,
        r#""local_venv_dir_rel_path": "../v""#,
        "`local_venv_dir_rel_path` in `gconf/proto_kernel.json` line 1 is `../v`, expected a path below the ref root",
    ),
    (
        CLIENT,
        r#""local_log_dir_rel_path": "/var/log""#,
        "`local_log_dir_rel_path` in `gconf/proto_kernel.json` line 1 is `/var/log`, expected a relative path",
    ),
    (
        CLIENT,
        r#""local_tmp_dir_rel_path": ".""#,
        "`local_tmp_dir_rel_path` in `gconf/proto_kernel.json` line 1 is `.`, expected a path below the ref root",
    ),
    (
        CLIENT,
        r#""default_env_dir_rel_path": "no""#,
        "`default_env_dir_rel_path` in `gconf/proto_kernel.json` line 1 is `no`, expected a directory that exists",
    ),
    (
        CLIENT,
        r#""python_selector_file_rel_path": "no.py""#,
        "`python_selector_file_rel_path` in `gconf/proto_kernel.json` line 1 is `no.py`, expected a file that exists",
    ),
    (
        CLIENT,
        r#""required_python_file_abs_path": "/p""#,
        "unknown field `required_python_file_abs_path` in `gconf/proto_kernel.json` line 1; known fields: CLIENT",
    ),
    (
        ENV,
        r#""required_python_file_abs_path": "/p""#,
        "unknown field `required_python_file_abs_path` in `dst/default_env/proto_kernel.json` line 1; known fields: SHARED",
    ),
    (
        ENV,
        r#""default_env_dir_rel_path": ".""#,
        "`default_env_dir_rel_path` in `dst/default_env/proto_kernel.json` line 1 is a field of `leap_client`, and this file is `leap_env`; move it to the file of `leap_client`",
    ),
    (
        ENV,
        r#""required_python_version": 3.12"#,
        "`required_python_version` in `dst/default_env/proto_kernel.json` line 1 is a number, expected a string; write it in quotes: `\"3.12\"`",
    ),
    (
        ENV,
        r#""venv_driver": "venv_conda""#,
        "`venv_driver` in `dst/default_env/proto_kernel.json` line 1 is `venv_conda`, expected `venv_uv` or `venv_pip`",
    ),
    (
        ENV,
        r#""venv_driver": "venv_uv", "venv_driver": "venv_pip""#,
        "`dst/default_env/proto_kernel.json` line 1, column 29 is not JSON: the key `venv_driver` is already given in line 1",
    ),
    (ENV, r#""x": NaN"#, "`dst/default_env/proto_kernel.json` line 1, column 8 is not JSON: `NaN` is not a value"),
];

#[test]
fn what_upstream_takes_and_ours_refuse_is_told_with_its_line() {
    let known = |leap| {
        let fields = FIELDS.iter().filter(|spec| spec.leaps.contains(&leap));
        fields.map(|spec| format!("`{}`", spec.name)).collect::<Vec<_>>().join(", ")
    };
    for (file, fields, expected) in REFUSED {
        let tree = max();
        std::fs::write(tree.path(file), format!("{{ {fields} }}")).unwrap();
        let evaluation = started(&tree, &Start::Variable(KERNEL), None);
        let broken = evaluation.faults.first().unwrap_or_else(|| panic!("{fields} is taken"));
        let Fault { message, hint, .. } = &broken.fault;
        let found = hint.iter().fold(message.clone(), |message, hint| format!("{message}; {hint}"));
        let expected = expected.replace("SHARED", &known(Leap::Env)).replace("CLIENT", &known(Leap::Client));
        assert_eq!(found, expected);
    }
}
