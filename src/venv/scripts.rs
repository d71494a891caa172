//! Where console scripts can start.
//!
//! A script begins with a line that names its interpreter. The kernel takes no space in that path and at most 127 bytes, so
//! for other paths installers write a line of shell that starts the interpreter. Neither tool quotes every path right in
//! it: pip (distlib, `ScriptMaker._build_shebang`) puts one with spaces into double quotes and another one into none; uv
//! (`format_shebang`) uses single quotes, and forgets that Python reads that line as well, where a backslash means something.

use super::driver::DriverName;
use super::layout::Venv;
use crate::error::{Fault, Kind};

/// The longest first line that is left to the kernel, as distlib and uv have it.
const KERNEL_LIMIT: usize = if cfg!(target_os = "macos") { 512 } else { 127 };

/// Fails with [`Kind::Config`] where the scripts that the driver's tool would write into the environment would not start.
pub fn check_place(driver: DriverName, venv: &Venv) -> Result<(), Fault> {
    let python = venv.python();
    let Some(character) = obstacle(driver, &python.to_string_lossy()) else { return Ok(()) };
    let (dir, tool) = (venv.dir().display(), driver.tool());
    let message =
        format!("the scripts that {tool} would write into `{dir}` would not start: the path has a `{character}` in it");
    let way_out = if driver == DriverName::Pip { "use `venv_driver = \"venv_uv\"`, or " } else { "" };
    Err(Fault::new(Kind::Config, message).hint(format!("{way_out}move the repository")))
}

/// The first character that the tool does not quote right.
fn obstacle(driver: DriverName, python: &str) -> Option<char> {
    let spaced = python.contains(' ');
    // `#!` before it and a line break after it.
    if !spaced && python.len() + 3 <= KERNEL_LIMIT {
        return None;
    }
    let is_obstacle = |c: char| match (driver, spaced) {
        (DriverName::Uv, _) => c == '\\',
        (DriverName::Pip, true) => "\"$`\\".contains(c),
        (DriverName::Pip, false) => c.is_ascii() && !c.is_ascii_alphanumeric() && !"/._-+,@%=:^".contains(c),
    };
    python.chars().find(|c| is_obstacle(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_kernel_does_not_take_is_quoted_and_only_some_of_that_wrongly() {
        let long = "long".repeat(40);
        for (path, uv, pip) in [
            ("/a\\\"$b/python", None, None),
            ("/a 'ü#;&[x]/python", None, None),
            ("/a $b/python", None, Some('$')),
            ("/a \\b/python", Some('\\'), Some('\\')),
            (&format!("/{long}-ü/python"), None, None),
            (&format!("/{long};/python"), None, Some(';')),
        ] {
            assert_eq!((obstacle(DriverName::Uv, path), obstacle(DriverName::Pip, path)), (uv, pip), "{path}");
        }
    }
}
