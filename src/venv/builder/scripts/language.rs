//! The language of a script, as far as its quoting goes.

use std::path::Path;

/// Languages that are quoted alike count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// `sh`, bash, zsh, ksh.
    Sh,
    Fish,
    Csh,
    PowerShell,
    Python,
    /// `cmd.exe` cannot quote everything, and nothing here runs it.
    Batch,
    /// Whatever else: CPython quotes it for `sh`.
    Other,
}

impl Language {
    /// Told by the extension, and without one that is known by the `#!` line. Without either it is `sh`: `activate` has
    /// neither.
    pub(super) fn of(script: &Path, text: &[u8]) -> Self {
        let extension = script.extension().and_then(|it| it.to_str());
        match extension {
            Some("sh" | "bash" | "zsh" | "ksh") => Self::Sh,
            Some("fish") => Self::Fish,
            Some("csh" | "tcsh") => Self::Csh,
            Some("ps1" | "psm1") => Self::PowerShell,
            Some("py" | "pyw") => Self::Python,
            Some("bat" | "cmd") => Self::Batch,
            _ => Self::of_first_line(text, extension.is_some()),
        }
    }

    fn of_first_line(text: &[u8], has_extension: bool) -> Self {
        let Some(line) = text.strip_prefix(b"#!").and_then(|rest| rest.split(|it| *it == b'\n').next()) else {
            return if has_extension { Self::Other } else { Self::Sh };
        };
        // `__VENV_PYTHON__` is one as well.
        let line = line.to_ascii_lowercase();
        let names: [(&[u8], Self); 5] = [
            (b"python", Self::Python),
            (b"fish", Self::Fish),
            (b"csh", Self::Csh),
            (b"pwsh", Self::PowerShell),
            (b"sh", Self::Sh),
        ];
        let found = names.into_iter().find(|(name, _)| memchr::memmem::find(&line, name).is_some());
        found.map_or(Self::Other, |(_, language)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_and_then_the_first_line() {
        for (name, text, expected) in [
            ("activate", "", Language::Sh),
            ("activate.fish", "#!/bin/sh\n", Language::Fish),
            ("activate.csh", "", Language::Csh),
            ("Activate.ps1", "", Language::PowerShell),
            ("activate.bat", "", Language::Batch),
            ("activate.nu", "", Language::Other),
            ("tool", "#!__VENV_PYTHON__ -I\n", Language::Python),
            ("tool", "#!/usr/bin/env python3\nsh", Language::Python),
            ("tool", "#!/bin/tcsh -f\n", Language::Csh),
            ("tool", "#!/bin/dash\npython", Language::Sh),
            ("tool", "#!/usr/bin/perl\nsh", Language::Other),
            ("tool.d", "#!/usr/bin/python\n", Language::Python),
            ("tool.py", "", Language::Python),
        ] {
            assert_eq!(Language::of(Path::new(name), text.as_bytes()), expected, "{name} {text}");
        }
    }
}
