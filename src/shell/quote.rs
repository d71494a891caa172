//! What a driver puts into a command line, quoted.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use crate::host::quote::Dialect;

/// A word for `sh`, bash and zsh.
pub fn posix(word: &OsStr) -> OsString {
    OsString::from_vec(Dialect::Posix.quoted(word.as_bytes()))
}

/// A word for fish.
pub fn fish(word: &OsStr) -> OsString {
    OsString::from_vec(Dialect::Fish.quoted(word.as_bytes()))
}

/// The command that puts a directory first on `PATH`.
pub fn path_prefix(bin: &Path) -> OsString {
    let mut command = OsString::from("PATH=");
    command.push(posix(bin.as_os_str()));
    command.push(":\"$PATH\"");
    command
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn echo(shell: &str, script: OsString) -> Option<Vec<u8>> {
        let output = Command::new(shell).arg("-c").arg(script).output().ok()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(output.stdout)
    }

    fn printf(quoted: &OsStr) -> OsString {
        let mut script = OsString::from("printf %s ");
        script.push(quoted);
        script
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_quoted_word_comes_back_from_the_real_shell(bytes in proptest::collection::vec(1_u8.., 0..40)) {
            let word = OsString::from_vec(bytes.clone());
            for shell in ["sh", "bash", "dash"] {
                if let Some(seen) = echo(shell, printf(&posix(&word))) {
                    prop_assert_eq!(&seen, &bytes, "{}", shell);
                }
            }
        }

        #[test]
        fn quoted_text_comes_back_from_zsh_and_fish(text in "[^\0\u{80}-\u{10ffff}]{0,40}") {
            let word = OsString::from(&text);
            for (shell, quoted) in [("zsh", posix(&word)), ("fish", fish(&word))] {
                if let Some(seen) = echo(shell, printf(&quoted)) {
                    prop_assert_eq!(&seen, text.as_bytes(), "{}", shell);
                }
            }
        }
    }
}
