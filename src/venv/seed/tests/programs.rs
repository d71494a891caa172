//! Programs start their python wherever the environment is, and nothing else.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::*;
use crate::venv::seed::entry_points::EntryPoint;

#[test]
fn the_first_line_is_the_one_of_distlib_where_that_means_what_it_says() {
    let long = "long".repeat(40);
    for (path, expected) in [
        ("/a/bin/python3", "#!/a/bin/python3\n".to_owned()),
        ("/a$b`c;d'e/python", "#!/a$b`c;d'e/python\n".to_owned()),
        ("/a ü;'b/python", "#!/bin/sh\n'''exec' \"/a ü;'b/python\" \"$0\" \"$@\"\n' '''\n".to_owned()),
        (&format!("/{long}/python"), format!("#!/bin/sh\n'''exec' /{long}/python \"$0\" \"$@\"\n' '''\n")),
    ] {
        assert_eq!(script::first_line(Path::new(path), false), expected);
    }
    let beside = |name: &str| {
        format!("#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'{name}' \"$0\" \"$@\"\n' '''\n")
    };
    for path in [
        "/a $b/python3",
        "/a `b/python3",
        "/a \"b/python3",
        "/a \\b/python3",
        "/a\nb/python3",
        "/a\tb/python3",
        "/a\rb/python3",
        "/a '''b/python3",
        "/coding:x/python3",
        "/a/coding=x/python3",
        &format!("/{long};/python3"),
    ] {
        assert_eq!(script::first_line(Path::new(path), false), beside("python3"), "{path}");
    }
    assert_eq!(script::first_line(Path::new("/a/python3.12"), true), beside("python3.12"));
    assert_eq!(script::first_line(Path::new("/a/my 'python"), true), beside("python3"));
}

#[test]
fn a_program_starts_its_own_python_and_runs_nothing_else() {
    let Some(python) = newest() else { return };
    let root = tempfile::tempdir().unwrap();
    let long = "long".repeat(50);
    let names = [
        "plain",
        "with space",
        "$(touch hacked)",
        "a $(touch hacked)",
        "a `touch hacked` b",
        "a \"; touch hacked; \"",
        "a'b",
        "a 'b",
        "a ''' b",
        "'''+__import__('os').system('touch hacked')+'''",
        "a \\x b",
        "a\nb",
        "a\rimport x\rb",
        "a\tb",
        "coding:utf-99",
        "a # b",
        "!a",
        "ü é",
        &long,
        &format!("{long}; touch hacked"),
        "a\" $0 \"b",
        "-n",
    ];
    let mut names: Vec<OsString> = names.into_iter().map(OsString::from).collect();
    names.push(OsString::from_vec(b"not \xff text".to_vec()));
    names.push(OsString::from_vec(b"not\xfftext".to_vec()));
    let body =
        "import sys, os\nsys.stdout.buffer.write(os.fsencode(sys.executable) + b'|' + os.fsencode(sys.argv[1]))\n";
    for (name, relocatable) in names.iter().flat_map(|name| [(name, false), (name, true)]) {
        let bin = root.path().join(name).join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        let exe = bin.join("python3");
        let _ = std::os::unix::fs::symlink(&python.path, &exe);
        let text = format!("{}{body}", script::first_line(&exe, relocatable));
        let program = bin.join("program");
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let output = run(Command::new(&program).arg("a $b 'c").current_dir(root.path()));
        let expected = [exe.as_os_str().as_bytes(), b"|a $b 'c"].concat();
        assert_eq!(output.stdout, expected, "{name:?} {relocatable}: {output:?}");
        assert!(!root.path().join("hacked").exists(), "{name:?}");
    }
}

#[test]
fn the_template_is_the_one_of_the_pip_that_is_installed() {
    let distlib = "x = 1\nSCRIPT_TEMPLATE = r'''# -*- coding: utf-8 -*-\nfrom %(module)s import %(import_name)s\n\
                   re.sub(r'\\.exe$', '100%%')\n%(func)s()\n'''\n";
    let pip = "class A:\n    script_template = textwrap.dedent(\"\"\"\\\n        import sys\n        \
               from %(module)s import %(import_name)s\n        if 1:\n            %(func)s()\n\"\"\")\n";
    let main = EntryPoint { name: "pip".into(), module: "a.b".into(), function: "c.d".into() };
    let body = |pip, distlib| script::body(&script::template(pip, distlib), &main);
    let of_distlib = "# -*- coding: utf-8 -*-\nfrom a.b import c\nre.sub(r'\\.exe$', '100%')\nc.d()\n";
    assert_eq!(body(None, Some(distlib)), of_distlib);
    assert_eq!(body(Some("nothing"), Some(distlib)), of_distlib);
    assert_eq!(body(Some(pip), Some(distlib)), "import sys\nfrom a.b import c\nif 1:\n    c.d()\n");
    let own = body(Some("script_template = 1"), Some("SCRIPT_TEMPLATE = r'''rubbish'''"));
    assert!(own.contains("from a.b import c\n") && own.contains("sys.exit(c.d())"), "{own}");
}
