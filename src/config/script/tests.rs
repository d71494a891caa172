use std::path::Path;

use super::*;

fn parsed(text: &str) -> Result<Script, Fault> {
    Script::parse(Path::new("/d/x.py"), "x.py", text.as_bytes())
}

fn message(text: &str) -> String {
    parsed(text).unwrap_err().message
}

#[test]
fn the_block_is_found_wherever_it_stands() {
    let script = parsed(
        "#!/bin/x\n# /// other\n# x\n# ///\nimport a\n# /// script\n# requires-python = '>=3.9'\n#\n\
         # dependencies = [\n#   'b >=  1',\n#   'a', # why\n# ]\n# ///\n# after\n",
    );
    let script = script.unwrap();
    assert_eq!(script.dependencies, ["a", "b >= 1"]);
    let required = script.requires_python.unwrap();
    assert_eq!(
        (required.value.as_str(), required.origin.to_string().as_str()),
        (">=3.9", "`requires-python` in `x.py` line 7")
    );
    for none in ["", "print()\n", "#/// script\n# ///\n", " # /// script\n", "# /// script x\n"] {
        assert_eq!(parsed(none).unwrap().dependencies, [""; 0], "{none:?}");
    }
    let returns = parsed("\u{feff}# /// script\r\n# dependencies = ['a']\r\n# ///\r\n").unwrap();
    assert_eq!(returns.dependencies, ["a"]);
}

#[test]
fn the_last_closing_line_of_a_run_of_comments_counts() {
    let text = "# /// script\n# dependencies = [\"\"\"a\n# ///\n# \"\"\"]\n# ///\n";
    assert_eq!(parsed(text).unwrap().dependencies, ["a ///"]);
}

#[test]
fn whatever_is_wrong_is_named_with_its_place_in_the_script() {
    for (text, expected) in [
        ("# /// script\n# ///\n\n# /// script\n# ///\n", "`x.py` has two `script` blocks, in line 1 and in line 4"),
        ("\n# /// script\n# x = 1\nimport a\n# ///\n", "the `script` block in `x.py` line 2 is not closed"),
        ("\n# /// script\n# dependencies = ['a'\n# x\n# ///\n", "`x.py` line 4, column 3 is not TOML: "),
        ("# /// script\n# x = \n# ///\n", "`x.py` line 2, column 7 is not TOML: "),
        (
            "# /// script\n# dependencies = 'a'\n# ///\n",
            "`dependencies` in `x.py` line 2 is a string, expected an array",
        ),
        (
            "# /// script\n# dependencies = [\n# 1]\n# ///\n",
            "`dependencies` in `x.py` line 3 is a number, expected a string",
        ),
        (
            "# /// script\n# dependencies = ['-e .']\n# ///\n",
            "`dependencies` in `x.py` line 2 is `-e .`, expected a requirement",
        ),
        (
            "# /// script\n# requires-python = 3\n# ///\n",
            "`requires-python` in `x.py` line 2 is a number, expected a string",
        ),
        ("# /// script\n# tool = 3\n# ///\n", "`tool` in `x.py` line 2 is a number, expected a table"),
        ("# /// script\n# tool.uv = 3\n# ///\n", "`tool.uv` in `x.py` line 2 is a number, expected a table"),
        ("# /// script\n# dependencys = []\n# ///\n", "unknown field `dependencys` in `x.py` line 2"),
    ] {
        let message = message(text);
        assert!(message.starts_with(expected), "{message}\n{expected}");
    }
}

#[test]
fn the_same_metadata_is_the_same_text() {
    let one =
        "# /// script\n# dependencies = ['b', 'a']\n# [tool.uv]\n# no-index = true\n# find-links = ['w']\n# ///\n";
    let other = "# /// script\n# dependencies = [\n#  'a',\n#  'b', 'a']\n# tool.uv.find-links=[\"./w\"]\n\
                 # tool.uv.no-index=true\n# tool.other.x=1\n# ///\n";
    let text = parsed(one).unwrap().pyproject();
    assert_eq!(text, parsed(other).unwrap().pyproject());
    assert!(text.ends_with("[tool]\nuv = { \"find-links\" = [\"/d/w\"], \"no-index\" = true }\n"), "{text}");
    let parsed_again: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(parsed_again["dependency-groups"]["script"].as_array().unwrap().len(), 2);
}

#[test]
fn what_pip_has_no_equal_of_is_named() {
    let only = |text: &str| parsed(&format!("# /// script\n# {text}\n# ///\n")).unwrap().only_for_uv();
    assert_eq!(only("tool.uv.index = [{url = 'https://a/b'}]"), None);
    assert_eq!(only("tool.uv.index-url = 'https://a/b'"), None);
    assert_eq!(only("tool.uv.sources.a.path = 'x'"), Some("`tool.uv.sources` in `x.py` line 2".to_owned()));
    let explicit = only("tool.uv.index = [{url = 'https://a/b', name = 'x', explicit = true}]");
    assert_eq!(explicit, Some("`tool.uv.index` in `x.py` line 2".to_owned()));
}
