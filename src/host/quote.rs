//! Quoting for shells, byte for byte: a quoted word is the word again, whatever it holds.

/// A language by the rules of its single quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `sh`, bash, zsh, ksh: everything is itself.
    Posix,
    /// fish takes `\\` and `\'` as escapes.
    Fish,
    /// csh recalls its history with `!` and ends a quoted word with the line; a backslash in front of either prevents it.
    /// Where `backslash_quote` is set a backslash escapes more than that, so it stands outside the quotes, where it always
    /// does.
    Csh,
    /// PowerShell takes four more characters for a single quote, and any of them doubled for itself.
    PowerShell,
}

impl Dialect {
    /// One word in single quotes.
    pub fn quoted(self, word: &[u8]) -> Vec<u8> {
        let mut out = vec![b'\''];
        out.extend(self.between_quotes(word));
        out.push(b'\'');
        out
    }

    /// The word as it stands between single quotes that are there already.
    pub fn between_quotes(self, word: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(word.len());
        let mut rest = word;
        while let Some(byte) = rest.first() {
            let (taken, written): (usize, &[u8]) = match (self, byte) {
                (Self::Posix | Self::Csh, b'\'') => (1, br#"'"'"'"#),
                (Self::Fish, b'\'') => (1, br"\'"),
                (Self::Fish, b'\\') => (1, br"\\"),
                (Self::Csh, b'!') => (1, br"\!"),
                (Self::Csh, b'\n') => (1, b"\\\n"),
                (Self::Csh, b'\\') => (1, br"'\\'"),
                (Self::PowerShell, b'\'') => (1, b"''"),
                // U+2018 to U+201B.
                (Self::PowerShell, 0xE2) if matches!(rest, [_, 0x80, 0x98..=0x9B, ..]) => {
                    out.extend(&rest[..3]);
                    (3, &rest[..3])
                }
                _ => (1, &rest[..1]),
            };
            out.extend(written);
            rest = &rest[taken..];
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect::{Csh, Fish, Posix, PowerShell};

    #[test]
    fn each_language_has_its_own_way_to_write_a_quote() {
        for (dialect, word, quoted) in [
            (Posix, "", "''"),
            (Posix, "it's $x\\", r#"'it'"'"'s $x\'"#),
            (Fish, "it's $x\\", r"'it\'s $x\\'"),
            (Csh, "it's \\!\n", "'it'\"'\"'s '\\\\'\\!\\\n'"),
            (PowerShell, "it's ‘a‛ “b” $x`", "'it''s ‘‘a‛‛ “b” $x`'"),
        ] {
            assert_eq!(String::from_utf8(dialect.quoted(word.as_bytes())).unwrap(), quoted, "{dialect:?}");
        }
    }
}
