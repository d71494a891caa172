//! Who asks: the credentials that a request carries, and where they come from.

use super::{Client, netrc};
use crate::fetch::url::{Login, Url};

impl Client {
    /// URLs with what the keyring gave for them.
    pub fn learned(&self) -> Vec<Url> {
        let learned = self.learned.borrow();
        learned.iter().filter_map(|(url, login)| Some(url.with_login(login.as_ref().ok()?))).collect()
    }

    /// The credentials for a URL: its own, those of a set URL of the same origin, those of a keyring, those of netrc.
    pub(super) fn login(&self, url: &Url, redirected: bool) -> Option<Login> {
        let set = self.set_login(url);
        let is_whole = set.as_ref().is_some_and(|set| !set.password.is_empty());
        if is_whole {
            return set;
        }
        let learned = self.learned.borrow();
        let learned = learned.iter().find(|(of, _)| of.same_origin(url)).and_then(|(_, login)| login.clone().ok());
        let is_same = |found: &Login| set.as_ref().is_none_or(|set| set.user == found.user);
        let netrc = || netrc::login(self.netrc.as_ref()?, url.host(), !redirected).filter(is_same);
        learned.or_else(netrc).or(set)
    }

    /// What is set for a URL, perhaps only the user's name.
    fn set_login(&self, url: &Url) -> Option<Login> {
        let set = || self.settings.logins.iter().find(|set| set.same_origin(url)).and_then(Url::login);
        url.login().or_else(set)
    }

    /// Asks the keyring for the credentials that a URL wants. `None` where there is none to ask, or no more to be learned;
    /// the error is why it did not help.
    pub(super) fn learn(&self, url: &Url) -> Option<Result<(), String>> {
        let keyring = self.keyring.as_ref()?;
        let set = self.set_login(url);
        if set.as_ref().is_some_and(|set| !set.password.is_empty()) {
            return None;
        }
        if let Some((_, known)) = self.learned.borrow().iter().find(|(of, _)| of.same_origin(url)) {
            // What it gave was not the right thing either.
            return Some(known.clone().and(Err("what `keyring` gave is refused".to_owned())));
        }
        let is_below = |service: &&Url| url.bare().to_string().starts_with(&service.bare().to_string());
        let service = self.settings.services.iter().find(is_below).unwrap_or(url).bare();
        let found = keyring.login(&service, set.map(|set| set.user).filter(|user| !user.is_empty()).as_deref());
        let told = found.as_ref().map(|_| ()).map_err(Clone::clone);
        self.learned.borrow_mut().push((service, found));
        Some(told)
    }
}
