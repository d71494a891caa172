//! Stand-ins for programs: shell scripts that append what they were called with to a journal, and answer the little that
//! is asked of them.
//!
//! A line of the journal is the program's name and its arguments; an argument of more than one line is `<script>`. The
//! scripts find no program on `PATH`, so they use absolute ones.

use std::env::consts::ARCH;
use std::path::Path;

/// The first line of every stand-in, and the journal.
const HEAD: &str = r#"#!/bin/sh
words=${0##*/}
for last; do
  case $last in
  *'
'*) words="$words <script>" ;;
  *) words="$words $last" ;;
  esac
done
printf '%s\n' "$words" >>'@ROOT@/journal'
"#;

/// What a Python does for those who ask for its version, for a venv, and for what it is.
const PYTHON: &str = r#"prefix=$(cd "${0%/*}/.." && pwd -P)
case " $words " in
*' -V '* | *' --version '*) echo 'Python @VERSION@' ;;
*' -m venv '*)
  /bin/mkdir -p "$last/bin" "$last/lib/python@SERIES@/site-packages"
  printf 'home = @ROOT@/bin\nversion = @VERSION@\n' >"$last/pyvenv.cfg"
  for name in python python3 python@SERIES@; do
    /bin/ln -sf '@ROOT@/bin/@NAME@' "$last/bin/$name"
  done
  ;;
*' -m pip freeze '*) [ ! -f '@ROOT@/freeze' ] || /bin/cat '@ROOT@/freeze' ;;
*' <script> '*)
  /bin/cat <<FACTS
@FACTS@
FACTS
  ;;
esac
"#;

/// What the probe wants to hear, with `$0` and `$prefix` left to the script. This is the one place that knows its form,
/// which is that of `src/python/probe.py`.
const FACTS: &str = concat!(
    r#"{"prime_probe": 1, "version_info": [@NUMBERS@, "final", 0], "implementation": "cpython", "#,
    r#""executable": "$0", "base_executable": "@ROOT@/bin/@NAME@", "prefix": "$prefix", "base_prefix": "@ROOT@", "#,
    r#""free_threaded": false, "abi_flags": "", "pointer_bits": 64, "machine": "@ARCH@", "platform": "@PLATFORM@", "#,
    r#""platform_tag": "@PLATFORM@-@ARCH@", "stdlib": "@ROOT@/lib/python@SERIES@", "#,
    r#""purelib": "$prefix/lib/python@SERIES@/site-packages", "platlibdir": "lib", "wheel_pkg_dir": null, "#,
    r#""libc": "@LIBC@"}"#,
);

/// What uv does for those who ask for its version or a venv.
const UV: &str = r#"python='@ROOT@/bin/python3'
previous=
for word; do
  case $word in --python=*) python=${word#*=} ;; esac
  case $previous in --python | -p) python=$word ;; esac
  previous=$word
done
case " $words " in
*' --version '*) echo 'uv @VERSION@' ;;
*' venv '*)
  /bin/mkdir -p "$last/bin"
  printf 'home = %s\nuv = @VERSION@\n' "${python%/*}" >"$last/pyvenv.cfg"
  /bin/ln -sf "$python" "$last/bin/python"
  ;;
*' pip freeze '*) [ ! -f '@ROOT@/freeze' ] || /bin/cat '@ROOT@/freeze' ;;
esac
"#;

/// A Python called `name`, such as `python3.12`, that says it is `version`.
pub fn python(root: &Path, name: &str, version: &str) -> String {
    let numbers: Vec<&str> = version.split('.').collect();
    let (platform, libc) = if cfg!(target_os = "macos") { ("darwin", "") } else { ("linux", "glibc 2.36") };
    let script = HEAD.to_owned() + &PYTHON.replace("@FACTS@", FACTS);
    fill(&script, root)
        .replace("@NAME@", name)
        .replace("@VERSION@", version)
        .replace("@SERIES@", &numbers[..2].join("."))
        .replace("@NUMBERS@", &numbers.join(", "))
        .replace("@PLATFORM@", platform)
        .replace("@ARCH@", ARCH)
        .replace("@LIBC@", libc)
}

/// A uv of this version.
pub fn uv(root: &Path, version: &str) -> String {
    fill(&(HEAD.to_owned() + UV), root).replace("@VERSION@", version)
}

/// Any program: the lines `body` run after the journal is written.
pub fn program(root: &Path, body: &str) -> String {
    fill(HEAD, root) + body + "\n"
}

fn fill(script: &str, root: &Path) -> String {
    script.replace("@ROOT@", &root.display().to_string())
}
