use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::process::Command;

use proptest::prelude::*;

use super::*;

fn values(value: &OsStr) -> Values<'_> {
    Values { dir: value, name: value, prompt: value, bin_name: OsStr::new("bin"), python: value }
}

fn replaced(script: &str, text: &str, value: &str) -> String {
    let out = replace_variables(Path::new(script), text.as_bytes(), &values(OsStr::new(value)));
    String::from_utf8(out).unwrap()
}

#[test]
fn harmless_values_stand_where_the_placeholders_stood() {
    let text = "a=\"__VENV_DIR__\" b='__VENV_NAME__' c=__VENV_PROMPT__ d=\"x/__VENV_BIN_NAME__:\" # __VENV_PYTHON__ __VENV_X__";
    let expected = "a=\"/v/my-env\" b='/v/my-env' c=/v/my-env d=\"x/bin:\" # /v/my-env __VENV_X__";
    for script in ["activate", "a.fish", "a.csh", "a.zsh", "a.bat", "a.nu"] {
        assert_eq!(replaced(script, text, "/v/my-env"), expected, "{script}");
    }
    assert_eq!(
        replaced("a.ps1", "$a = __VENV_DIR__; \"__VENV_DIR__\"", "/v"),
        "$a = '/v'; \"/v\"",
        "as CPython has it"
    );
}

#[test]
fn what_is_filled_in_is_not_searched_again() {
    assert_eq!(replaced("activate", "\"__VENV_DIR__\"", "__VENV_BIN_NAME__"), "\"__VENV_BIN_NAME__\"");
    assert_eq!(replaced("activate", "__VENV__VENV_DIR__", "x"), "__VENVx");
}

#[test]
fn a_value_is_quoted_for_its_place() {
    for (script, text, value, expected) in [
        ("activate", "x=\"__VENV_DIR__\"", "a b!", "x=\"a b!\""),
        ("activate", "x=\"__VENV_DIR__\"", "$(a)`b`\\\"", "x=\"\\$(a)\\`b\\`\\\\\\\"\""),
        ("activate", "x=__VENV_DIR__", "$(a) it's", "x='$(a) it'\"'\"'s'"),
        ("activate", "x=__VENV_DIR__", "", "x=''"),
        ("activate", "x=__VENV_DIR__", "=ls", "x='=ls'"),
        ("activate", "x='__VENV_DIR__'", "$(a) it's", "x='$(a) it'\"'\"'s'"),
        ("activate", "# Don't: __VENV_DIR__\nx=__VENV_DIR__", "a\nb", "# Don't: a_b\nx='a\nb'"),
        ("activate", "x=$(cygpath \"__VENV_DIR__\")", "$(a)", "x=$(cygpath \"\\$(a)\")"),
        ("activate", "x=\"$(cygpath \"__VENV_DIR__\") __VENV_DIR__\"", "$a", "x=\"$(cygpath \"\\$a\") \\$a\""),
        ("activate", "x=a#__VENV_DIR__", "a b", "x=a#'a b'"),
        ("activate", "`a \"__VENV_DIR__\"` __VENV_DIR__", "$(a)/ü", "`a \"__a_/ü\"` '$(a)/ü'"),
        ("activate", "\"${a:-\"__VENV_DIR__\"}\" __VENV_DIR__", "$(a)", "\"${a:-\"__a_\"}\" '$(a)'"),
        ("activate", "cat <<-'E'\nit's __VENV_DIR__\n\tE\n__VENV_DIR__", "$(a)", "cat <<-'E'\nit's __a_\n\tE\n'$(a)'"),
        ("activate", "a <<A <<B\n__VENV_DIR__\nA\n'\nB\n__VENV_DIR__", "a b", "a <<A <<B\na_b\nA\n'\nB\n'a b'"),
        (
            "activate",
            "\"$(case x in x) y __VENV_DIR__;; esac) __VENV_DIR__\"",
            "$(a)",
            "\"$(case x in x) y __a_;; esac) \\$(a)\"",
        ),
        ("activate", "a <<<'x' b\n__VENV_DIR__", "a b", "a <<<'x' b\n'a b'"),
        ("a.fish", "x \"__VENV_DIR__\"", "$(a)\\\"'", "x \"\\$(a)\\\\\\\"'\""),
        ("a.fish", "x '__VENV_DIR__' __VENV_DIR__", "it's\\", "x 'it\\'s\\\\' 'it\\'s\\\\'"),
        ("a.csh", "x \"__VENV_DIR__/y\"", "a b", "x \"a b/y\""),
        ("a.csh", "x \"__VENV_DIR__/y\"", "$a!", "x \"\"'$a\\!'\"/y\""),
        ("a.csh", "x '__VENV_DIR__'", "a!\nb'\\", "x 'a\\!\\\nb'\"'\"''\\\\''"),
        ("a.csh", "echo it's\nx __VENV_DIR__", "a b", "echo it's\nx 'a b'"),
        ("a.ps1", "\"__VENV_DIR__\" '__VENV_DIR__'", "$a`“'", "\"`$a```“'\" '$a`“'''"),
        (
            "a.ps1",
            "# it's __VENV_DIR__\n<# ' __VENV_DIR__ #> __VENV_DIR__",
            "#>\nx",
            "# it's #__x\n<# ' #__x #> '#>\nx'",
        ),
        ("a.ps1", "@\"\n\"__VENV_DIR__\"\n\"@ + __VENV_DIR__", "$(a)", "@\"\n\"__a_\"\n\"@ + '$(a)'"),
        ("a.py", "x = \"__VENV_DIR__\"", "/a b", "x = \"/a b\""),
        ("a.py", "x = rb\"<__VENV_DIR__>\" # it's", "/a\"ü", "x = rb\"<\" b'/a\"\\xc3\\xbc' rb\">\" # it's"),
        ("a.py", "'''it's __VENV_DIR__''' # __VENV_DIR__", "'''\n", "'''it's ''' '\\'\\'\\'\\x0a' '''''' # '''_"),
        ("a.py", "x = __VENV_DIR__", "/a b", "x = '/a b'"),
        ("a.bat", "set \"X=__VENV_DIR__\"", "a b%c\"&", "set \"X=a b_c__\""),
        ("a.nu", "x \"__VENV_DIR__\" __VENV_DIR__", "a b$", "x \"a b_\" 'a b$'"),
    ] {
        assert_eq!(replaced(script, text, value), expected, "{script}: {text}");
    }
}

#[test]
fn the_first_line_is_for_the_kernel() {
    for (script, text, value, expected) in [
        ("tool", "#!__VENV_PYTHON__ -I\nx\n", "/v/bin/python", "#!/v/bin/python -I\nx\n"),
        (
            "tool",
            "#!__VENV_PYTHON__ -I\nx\n",
            "/it's \\a/python",
            "#!/bin/sh\n'''exec' '/it'\"'\"'s '\"\\\\\"'a/python' -I \"$0\" \"$@\"\n' '''\nx\n",
        ),
        ("tool.sh", "#!__VENV_DIR__/sh\n__VENV_DIR__", "/a\nb", "#!/a_b/sh\n'/a\nb'"),
        ("tool.sh", "#!__VENV_DIR__/sh", "/a b", "#!/a b/sh"),
    ] {
        assert_eq!(replaced(script, text, value), expected, "{script}: {text}");
    }
}

#[test]
fn a_prompt_has_no_character_that_is_expanded_when_it_is_shown() {
    for (script, text, expected) in [
        ("activate", "PS1=\"(__VENV_PROMPT__) ${PS1:-}\"", "PS1=\"(_(a)b___) ${PS1:-}\""),
        ("activate", "export PS1=__VENV_PROMPT__\"${PS1:-}\"", "export PS1='_(a)b___'\"${PS1:-}\""),
        ("activate", "export 'PROMPT=__VENV_PROMPT__'", "export 'PROMPT=_(a)b___'"),
        ("activate", "X=__VENV_PROMPT__", "X='$(a)b!%\\'"),
        ("a.csh", "    set prompt = __VENV_PROMPT__\"$prompt:q\"", "    set prompt = '_(a)b___'\"$prompt:q\""),
        ("a.csh", "    set env_name = \"__VENV_NAME__\"", "    set env_name = \"_(a)b___\""),
        ("a.csh", "setenv X __VENV_PROMPT__", "setenv X '$(a)b\\!%'\\\\''"),
    ] {
        assert_eq!(replaced(script, text, "$(a)b!%\\"), expected, "{script}: {text}");
    }
}

#[test]
fn bytes_that_are_no_text_stay() {
    let value = OsString::from_vec(b"/a \xff".to_vec());
    let out = |script: &str, text: &str| replace_variables(Path::new(script), text.as_bytes(), &values(&value));
    assert_eq!(out("activate", "x=__VENV_DIR__"), b"x='/a \xff'");
    assert_eq!(out("a.py", "x='__VENV_DIR__'"), b"x='' '/a \\udcff' ''");
}

/// What a script prints with this value in it, where the shell is here.
fn printed(shell: &str, script: &str, text: &str, value: &OsStr) -> Option<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join(script);
    std::fs::write(&script, replace_variables(&script, text.as_bytes(), &values(value))).unwrap();
    let output = Command::new(shell).arg(&script).output().ok()?;
    assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

const PRINTS: &str = "printf '%s|' \"<__VENV_DIR__>\" '<__VENV_DIR__>' x__VENV_DIR__ # '__VENV_DIR__\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_value_comes_back_from_the_real_shell(bytes in proptest::collection::vec(1_u8.., 0..40)) {
        let value = OsString::from_vec(bytes.clone());
        let expected = [b"<", &bytes[..], b">|<", &bytes, b">|x", &bytes, b"|"].concat();
        for shell in ["sh", "bash", "dash"] {
            if let Some(seen) = printed(shell, "script", PRINTS, &value) {
                prop_assert_eq!(&seen, &expected, "{}", shell);
            }
        }
    }

    #[test]
    fn text_comes_back_from_the_other_shells(text in "[\n!-~ ]{0,40}", special in "[$`\"'\\\\!\n%(){}#;&-]{0,12}") {
        let text = format!("{special}{text}{special}");
        let expected = format!("<{text}>|<{text}>|x{text}|");
        for (shell, script) in [("zsh", "script"), ("fish", "a.fish"), ("tcsh", "a.csh")] {
            if let Some(seen) = printed(shell, script, PRINTS, OsStr::new(&text)) {
                prop_assert_eq!(String::from_utf8(seen).unwrap(), expected.clone(), "{}", shell);
            }
        }
    }

    #[test]
    fn text_comes_back_from_python(bytes in proptest::collection::vec(1_u8.., 0..40)) {
        let text = "import os, sys\nx = r\"<__VENV_DIR__>\" + '''<__VENV_DIR__>''' + __VENV_DIR__ # __VENV_DIR__\n\
                    sys.stdout.buffer.write(os.fsencode(x))";
        // Bare it is no program unless it was quoted.
        let quoted = [b" ", &bytes[..]].concat();
        let expected = [b"<", &quoted[..], b"><", &quoted, b">", &quoted].concat();
        if let Some(seen) = printed("python3", "a.py", text, &OsString::from_vec(quoted)) {
            prop_assert_eq!(&seen, &expected);
        }
    }
}
