//! Whether a keyring is to be asked for credentials, as pip (`--keyring-provider`) and uv (`keyring-provider`) are told.

use super::{IndexSettings, Sourced};
use crate::fetch::url::Url;

/// How credentials are to be had from a keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyringProvider {
    /// Not at all; uv's default.
    Disabled,
    /// Whichever way there is, by pip only where it may ask the person; pip's default.
    Auto,
    /// By the Python package, in pip's own process.
    Import,
    /// By the program `keyring`.
    Subprocess,
    /// By what only uv has, or will have.
    OfUv,
}

impl KeyringProvider {
    /// What pip takes the word for.
    pub(super) fn of_pip(text: &str) -> Result<Self, String> {
        match text {
            "disabled" => Ok(Self::Disabled),
            "auto" => Ok(Self::Auto),
            "import" => Ok(Self::Import),
            "subprocess" => Ok(Self::Subprocess),
            _ => Err("it is none of `auto`, `disabled`, `import` and `subprocess`".to_owned()),
        }
    }

    /// What uv takes the word for. Which words there are is uv's business.
    pub(super) fn of_uv(text: &str) -> Self {
        match text {
            "disabled" => Self::Disabled,
            "subprocess" => Self::Subprocess,
            _ => Self::OfUv,
        }
    }

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Auto => "auto",
            Self::Import => "import",
            Self::Subprocess => "subprocess",
            Self::OfUv => "of uv's own",
        }
    }

    /// Whether the program `keyring` gives what it gives.
    const fn is_program(self) -> bool {
        matches!(self, Self::Auto | Self::Import | Self::Subprocess)
    }
}

impl IndexSettings {
    /// Whether our own fetches ask the program `keyring`: uv's setting, else pip's, else no.
    pub fn asks_keyring(&self) -> bool {
        let set = self.uv.keyring_provider.as_ref().or(self.pip.keyring_provider.as_ref());
        set.is_some_and(|provider| provider.value.is_program())
    }

    /// Whether uv asks it: its own setting, else an explicit one of pip.
    pub fn uv_asks_keyring(&self) -> bool {
        match (&self.uv.keyring_provider, &self.pip.keyring_provider) {
            (Some(own), _) => own.value == KeyringProvider::Subprocess,
            (None, Some(pip)) => matches!(pip.value, KeyringProvider::Import | KeyringProvider::Subprocess),
            (None, None) => false,
        }
    }

    /// Whether pip asks it: its own setting, else uv's, else where there is one, as pip itself does in front of a person.
    pub fn pip_asks_keyring(&self) -> bool {
        let set = self.pip.keyring_provider.as_ref().or(self.uv.keyring_provider.as_ref());
        set.is_none_or(|provider| provider.value.is_program())
    }

    /// The same settings with credentials that were learned on the way.
    #[must_use]
    pub fn with_learned(&self, logins: impl IntoIterator<Item = Url>) -> Self {
        let learned = logins.into_iter().map(|url| Sourced::new(url, "keyring")).collect();
        Self { learned, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Means;
    use super::super::tests::Machine;
    use super::*;
    use crate::error::{Kind, kind_of};

    /// Who asks: our own fetches, uv, pip.
    fn who_asks(machine: &Machine) -> [bool; 3] {
        let settings = machine.settings();
        [settings.asks_keyring(), settings.uv_asks_keyring(), settings.pip_asks_keyring()]
    }

    #[test]
    fn a_provider_of_one_tool_holds_for_the_other_and_for_own_fetches() {
        let none = [false, false, true];
        assert_eq!(who_asks(&Machine::new()), none);
        for (variable, value, asks) in [
            ("PIP_KEYRING_PROVIDER", "subprocess", [true, true, true]),
            ("PIP_KEYRING_PROVIDER", "import", [true, true, true]),
            ("PIP_KEYRING_PROVIDER", "auto", [true, false, true]),
            ("PIP_KEYRING_PROVIDER", "disabled", [false, false, false]),
            ("UV_KEYRING_PROVIDER", "subprocess", [true, true, true]),
            ("UV_KEYRING_PROVIDER", "disabled", [false, false, false]),
            ("UV_KEYRING_PROVIDER", "native", [false, false, false]),
        ] {
            assert_eq!(who_asks(&Machine::new().var(variable, value)), asks, "{variable}={value}");
        }
        let both = Machine::new().var("PIP_KEYRING_PROVIDER", "subprocess").var("UV_KEYRING_PROVIDER", "disabled");
        assert_eq!(who_asks(&both), [false, false, true]);
    }

    #[test]
    fn files_say_it_too() {
        for (file, text) in [
            ("home/.config/uv/uv.toml", "keyring-provider = \"subprocess\"\n"),
            ("code/repo/uv.toml", "keyring-provider = \"disabled\"\n[pip]\nkeyring-provider = \"subprocess\"\n"),
            ("code/repo/pyproject.toml", "[tool.uv]\nkeyring-provider = \"subprocess\"\n"),
            ("home/.config/pip/pip.conf", "[install]\nkeyring-provider = import\n"),
        ] {
            assert_eq!(who_asks(&Machine::new().file(file, text)), [true; 3], "{file}");
        }
    }

    #[test]
    fn a_word_that_pip_does_not_know_is_refused_and_one_for_uv_left_to_uv() {
        let error = Machine::new().var("PIP_KEYRING_PROVIDER", "sub").load().unwrap_err();
        let expected = "the value of `PIP_KEYRING_PROVIDER` is not usable: it is none of `auto`, `disabled`, `import` and \
                        `subprocess`";
        assert_eq!((kind_of(&error), error.to_string().as_str()), (Kind::Config, expected));
        assert!(Machine::new().var("UV_KEYRING_PROVIDER", "new").load().is_ok());
        let error = Machine::new().var("PRIME_KEYRING_TIMEOUT", "0").load().unwrap_err();
        assert_eq!(kind_of(&error), Kind::Config);
    }

    #[test]
    fn what_was_learned_reaches_both_tools_as_netrc() {
        let url = |text| Url::parse(text).unwrap();
        let machine =
            Machine::new().var("PIP_INDEX_URL", "https://me@host/s").var("PIP_EXTRA_INDEX_URL", "https://a:b@other/s");
        let learned = [url("https://me:pw@host/s"), url("https://x:y@other/s"), url("https://me:p%20w@third/s")];
        let settings = machine.settings().with_learned(learned);
        let text = |tool: &crate::fetch::ToolSettings| tool.netrc.clone().unwrap();
        // uv has what is in URLs from there, and uses it.
        assert!(text(&settings.env_for_uv()).contains("machine host login me password pw\n"));
        let expected = "\nmachine host login me password pw\nmachine other login a password b\n";
        assert_eq!(text(&settings.env_for_pip(Means::default())), expected);
        assert_eq!(machine.settings().env_for_uv().netrc, None);
    }
}
