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
