//! Entry by entry, `prime venv` makes what the interpreter's own `python -m venv` makes: for every option, prompt and
//! directory, and over whatever was there before.

use super::comparison::{Case, case, compare_for_all};

const OPTIONS: [Case; 17] = [
    case(&[&["--without-pip", "env"]]),
    case(&[&["--copies", "--without-pip", "env"]]),
    case(&[&["--symlinks", "--without-pip", "env"]]),
    case(&[&["--system-site-packages", "--without-pip", "env"]]),
    case(&[&["--system-site-packages", "--copies", "--clear", "--prompt", "all of them", "--without-pip", "env"]]),
    case(&[&["--without-pip", "--without-scm-ignore-files", "env"]]).since(13),
    case(&[&["--without-scm-ignore-files", "--copies", "--system-site-packages", "--without-pip", "env"]]).since(13),
    case(&[&["--without-pip", "env"]]).umask("077"),
    case(&[&["--copies", "--without-pip", "env"]]).umask("077"),
    case(&[&["--without-pip", "env"]]).umask("002"),
    case(&[&["--clear", "--without-pip", "env"]]),
    case(&[&["--upgrade", "--without-pip", "env"]]),
    case(&[&["--upgrade", "--copies", "--system-site-packages", "--prompt", "up", "--without-pip", "env"]]),
    case(&[&["--without-pip", "env"], &["--without-pip", "env"]]),
    case(&[&["--without-pip", "env"], &["--system-site-packages", "--prompt", "then", "--without-pip", "env"]]),
    case(&[&["--without-pip", "env"], &["--upgrade", "--without-pip", "env"]]),
    case(&[&["--copies", "--without-pip", "env"], &["--copies", "--upgrade", "--without-pip", "env"]]),
];

const PROMPTS: [Case; 12] = [
    case(&[&["--without-pip", "--prompt", "plain", "env"]]),
    case(&[&["--without-pip", "--prompt", "two words (and more)", "env"]]),
    case(&[&["--without-pip", "--prompt", ".", "env"]]),
    case(&[&["--without-pip", "--prompt", "", "env"]]),
    case(&[&["--without-pip", "--prompt", "ünï 环境 \u{1f40d}", "env"]]),
    case(&[&["--without-pip", "--prompt", "it's", "env"]]).needs_quoting(),
    case(&[&["--without-pip", "--prompt", "say \"hi\"", "env"]]).needs_quoting(),
    case(&[&["--without-pip", "--prompt", "it's \"both\"", "env"]]).needs_quoting(),
    case(&[&["--without-pip", "--prompt", "back\\slash `id` $(id) $HOME !", "env"]]).needs_quoting(),
    case(&[&["--without-pip", "--prompt", "\u{1}\t\r\u{7f}\u{a0}\u{200b}\u{2028}\u{e000}", "env"]])
        .needs_quoting()
        .breaks_lines(),
    case(&[&["--without-pip", "--prompt", "new\nline", "env"]]).needs_quoting().breaks_lines(),
    case(&[&["--without-pip", "--prompt=-dash", "env"]]),
];

const DIRECTORIES: [Case; 14] = [
    case(&[&["--without-pip", "deep/er/env"]]),
    case(&[&["--without-pip", "./a/../env"]]),
    case(&[&["--without-pip", "env/"]]),
    case(&[&["--without-pip", "env//x/./../"]]),
    case(&[&["--without-pip", "."]]),
    case(&[&["--without-pip", "../place/env"]]),
    case(&[&["--without-pip", "one", "two", "and three"]]),
    case(&[&["--without-pip", "--prompt", ".", "one", "two/."]]),
    case(&[&["--without-pip", "with some spaces"]]),
    case(&[&["--without-pip", "ünï 环境"]]),
    case(&[&["--without-pip", "it's"]]).needs_quoting(),
    case(&[&["--without-pip", "a\"b $(id) `id`\\!"]]).needs_quoting(),
    case(&[&["--without-pip", "link/env"]]).before("mkdir real && ln -s real link"),
    case(&[&["--without-pip", "--", "-env"]]),
];

/// An environment with things in it that are not its own.
const USED: &str = "\"$PY\" -m venv --without-pip env
printf extra >env/extra; mkdir -p env/d/e env/lib/other; printf x >env/d/e/f; ln -s /nowhere env/d/dangling
ln -s ../.. env/d/up; printf 'echo mine' >env/bin/activate; printf x >env/bin/mine; chmod 700 env/bin/activate";

const EXISTING: [Case; 16] = [
    case(&[&["--without-pip", "env"]]).before("mkdir env"),
    case(&[&["--without-pip", "env"]]).before("mkdir -m 700 env"),
    case(&[&["--without-pip", "env"]]).before("mkdir -p env/lib64"),
    case(&[&["--without-pip", "env"]]).before("mkdir -p env/reallib && ln -s reallib env/lib"),
    case(&[&["--without-pip", "env"]]).before("mkdir env && printf 'x = y\\n' >env/pyvenv.cfg && printf a >env/notes"),
    case(&[&["--without-pip", "env"]]).before("mkdir -p env/bin && printf mine >env/bin/python3"),
    case(&[&["--without-pip", "--copies", "env"]]).before("mkdir -p env/bin && printf mine >env/bin/python3"),
    case(&[&["--without-pip", "env"]]).before("mkdir env && printf mine >env/.gitignore"),
    case(&[&["--without-pip", "env"]]).before(USED),
    case(&[&["--clear", "--without-pip", "env"]]).before(USED),
    case(&[&["--clear", "--copies", "--without-pip", "env"]]).before(USED),
    case(&[&["--upgrade", "--without-pip", "env"]]).before(USED),
    case(&[&["--upgrade", "--without-pip", "--system-site-packages", "env"]]).before(USED).umask("077"),
    case(&[&["--upgrade", "--without-pip", "env"]]).before("\"$OTHER\" -m venv --without-pip env"),
    case(&[&["--without-pip", "env"]]).before("\"$OTHER\" -m venv --copies --without-pip env"),
    case(&[&["--clear", "--without-pip", "env"]]).before("\"$OTHER\" -m venv --without-pip env"),
];

#[test]
fn every_option_makes_what_python_makes() {
    compare_for_all("options", &OPTIONS);
}

#[test]
fn every_prompt_is_written_as_python_writes_it() {
    compare_for_all("prompts", &PROMPTS);
}

#[test]
fn every_directory_is_understood_as_python_understands_it() {
    compare_for_all("directories", &DIRECTORIES);
}

#[test]
fn what_is_there_already_is_kept_or_replaced_as_python_does() {
    compare_for_all("existing things", &EXISTING);
}
