//! What a tool is given so that it can say who asks.
//!
//! It finds most of it by itself, in its own settings and in those that it is told ([`IndexSettings`]). What is left is
//! here, made anew for every call, because a call may have brought the `keyring` that the next one needs (a group that
//! installs it goes first, its program is in the environment's `bin`):
//!
//! - Where the tool would ask a keyring, an index that answers 401 is told to the keyring before the tool starts, and what
//!   it gives reaches the tool as netrc. So it works with versions of pip that cannot ask without a person, and for URLs
//!   without a user.
//! - A `keyring` that the tool starts itself, for indexes that only it knows of, is [`Guard`]'s.
//! - Credentials in a group's own arguments become netrc too, as far as that can say them: arguments are seen by everybody
//!   on the machine.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::rc::Rc;

use anyhow::Context as _;

use super::driver::{Console, DriverName};
use crate::error::Result;
use crate::fetch::http::{Answer, Client, Request};
use crate::fetch::keyring::{Guard, Keyring};
use crate::fetch::settings::{HttpSettings, IndexSettings, Sourced, ToolSettings, hidden, places_in};
use crate::fetch::url::{Scheme, Url};
use crate::host::secret::SecretFile;
use crate::host::{Cmd, EnvDelta, names};

/// A project that an index is asked for to see whether it wants credentials. It need not have it.
const ANY_PROJECT: &str = "pip";
/// The option with which both tools are told of a keyring.
const PROVIDER: &str = "--keyring-provider";

/// Who can be asked for what.
#[derive(Clone, Debug)]
pub struct Credentials {
    index: IndexSettings,
    tool: DriverName,
    /// Whether `keyring` has taken too long for an earlier call.
    was_late: Rc<Cell<bool>>,
}

/// What one call of a tool is given. It lasts as long as this lives.
#[derive(Debug)]
pub struct Lent {
    env: EnvDelta,
    /// The arguments of the call's own, without what nobody may see.
    pub args: Vec<OsString>,
    _netrc: Option<SecretFile>,
    guard: Option<Guard>,
    was_late: Rc<Cell<bool>>,
}

impl Credentials {
    /// Those that these settings lead to.
    pub fn new(index: &IndexSettings, tool: DriverName) -> Self {
        Self { index: index.clone(), tool, was_late: Rc::default() }
    }

    /// For a call with these arguments of its own.
    pub fn lend(&self, args: &[OsString]) -> Result<Lent> {
        let keyring = Keyring::find(&self.index.host)?;
        if let Some(keyring) = &keyring {
            keyring.give_up_if(self.was_late.get());
        }
        let (args, logins) = hidden(args);
        let learned = match &keyring {
            Some(keyring) if self.asks_keyring() => self.learn(keyring, &args)?,
            _ => Vec::new(),
        };
        let index = self.index.with_learned(logins.into_iter().chain(learned));
        let ToolSettings { env, netrc, .. } = match self.tool {
            DriverName::Uv => index.env_for_uv(),
            DriverName::Pip => index.env_for_pip(),
        };
        let netrc =
            netrc.as_deref().map(SecretFile::new).transpose().context("cannot keep credentials for the tool")?;
        let env = netrc.iter().fold(env, |env, file| env.set("NETRC", file.path()));
        let guard = keyring.and_then(|keyring| {
            let made = Guard::new(&self.index.host, &keyring);
            made.inspect_err(|error| tracing::info!("no tool may ask `keyring`: {error}")).ok()
        });
        let provider = if guard.is_some() { "subprocess" } else { "disabled" };
        let env = guard.iter().fold(env, |env, guard| env.and(&guard.env()));
        let env = self.with_provider(env, provider);
        Ok(Lent { env, args: told_provider(args, provider), _netrc: netrc, guard, was_late: Rc::clone(&self.was_late) })
    }

    fn asks_keyring(&self) -> bool {
        match self.tool {
            DriverName::Uv => self.index.uv_asks_keyring(),
            DriverName::Pip => self.index.pip_asks_keyring(),
        }
    }

    /// The tool's own setting, in which nothing can ask longer than it may: what pip imports cannot be ended.
    fn with_provider(&self, env: EnvDelta, provider: &str) -> EnvDelta {
        match self.tool {
            DriverName::Uv if self.asks_keyring() => env.set("UV_KEYRING_PROVIDER", provider),
            DriverName::Uv => env,
            DriverName::Pip if self.asks_keyring() => env.set("PIP_KEYRING_PROVIDER", provider),
            DriverName::Pip => env.set("PIP_KEYRING_PROVIDER", "disabled"),
        }
    }

    /// Asks each place that the tool would ask and that has no password yet; what the keyring gave for those that wanted
    /// one.
    fn learn(&self, keyring: &Rc<Keyring>, args: &[OsString]) -> Result<Vec<Url>> {
        let policy = self.index.policy(|| Ok(Sourced::new(Url::from_path(Path::new("/")), "nothing")))?;
        let says = |options: &[&str]| options.iter().any(|option| is_among(args, option));
        if policy.no_index.is_some() || says(&["--no-index"]) {
            return Ok(Vec::new());
        }
        let set: Vec<Url> = match self.tool {
            // The call's own index takes the place of those that are set.
            _ if says(&["--index-url", "-i", "--default-index"]) => Vec::new(),
            DriverName::Uv => self.index.places_of_uv().cloned().collect(),
            DriverName::Pip => self.index.places_of_pip().cloned().collect(),
        };
        let named = places_in(args).filter_map(|place| Some(place?.1));
        let is_open = |url: &Url| {
            let has_password = url.login().is_some_and(|login| !login.password.is_empty());
            matches!(url.scheme(), Scheme::Http | Scheme::Https) && !has_password
        };
        let places: Vec<Url> = named.chain(set).filter(is_open).collect();
        let http = HttpSettings { services: places.clone(), keyring: None, retries: 0, ..policy.http };
        let client = Client::new(http).asking(Rc::clone(keyring));
        for place in &places {
            let url = place.child(ANY_PROJECT);
            let request = Request { url: &url, accept: None, compressed: true, validator: None };
            // Whether it has the project does not matter, and why it does not answer the tool will say.
            if let Ok(Answer::Refused(fault)) = client.get(request, &mut |_, _| Ok(())) {
                tracing::info!("{fault}");
            }
        }
        Ok(client.learned())
    }
}

impl Lent {
    /// Runs the tool with it.
    pub fn run(&self, cmd: Cmd, console: &mut Console<'_>, what: &str) -> Result<()> {
        let done = console.run(&cmd.env(&self.env), what);
        let is_late = self.guard.as_ref().is_some_and(Guard::was_late);
        if is_late && !self.was_late.replace(true) {
            let variable = names::PRIME_KEYRING_TIMEOUT;
            tracing::warn!("`keyring` did not answer in time, so it was not asked again (`{variable}`)");
        }
        done
    }
}

/// Whether an option is among arguments, alone or with its value: behind `=`, or at once where it has one letter.
fn is_among(args: &[OsString], option: &str) -> bool {
    let is_short = !option.starts_with("--");
    let rest = |arg: &OsString| arg.to_str().and_then(|arg| arg.strip_prefix(option)).map(str::to_owned);
    args.iter().filter_map(rest).any(|rest| is_short || rest.is_empty() || rest.starts_with('='))
}

/// The arguments with this provider where they ask for one.
fn told_provider(args: Vec<OsString>, provider: &str) -> Vec<OsString> {
    let asks = |word: &OsStr| ["auto", "import", "subprocess"].iter().any(|asking| word == *asking);
    let mut is_value = false;
    let told = args.into_iter().map(|arg| {
        let joined = arg.to_str().and_then(|arg| arg.strip_prefix(PROVIDER)?.strip_prefix('='));
        let told = match joined {
            Some(value) if asks(OsStr::new(value)) => Some(format!("{PROVIDER}={provider}").into()),
            None if is_value && asks(&arg) => Some(provider.into()),
            _ => None,
        };
        is_value = arg == PROVIDER;
        told.unwrap_or(arg)
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_however_its_value_is_given() {
        for (args, option, expected) in [
            (&["-q", "--index-url", "u"][..], "--index-url", true),
            (&["--index-url=u"], "--index-url", true),
            (&["-iu"], "-i", true),
            (&["--index-urls"], "--index-url", false),
            (&["--ignore", "x"], "-i", false),
        ] {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            assert_eq!(is_among(&args, option), expected, "{args:?}");
        }
    }

    #[test]
    fn a_provider_that_could_hang_is_replaced_and_no_other_word() {
        for (given, expected) in [
            ("--keyring-provider import x", "--keyring-provider subprocess x"),
            ("--keyring-provider=auto import", "--keyring-provider=subprocess import"),
            ("--keyring-provider disabled auto", "--keyring-provider disabled auto"),
            ("import --keyring-provider", "import --keyring-provider"),
        ] {
            let args = given.split(' ').map(OsString::from).collect();
            let told: Vec<String> =
                told_provider(args, "subprocess").into_iter().map(|arg| arg.into_string().unwrap()).collect();
            assert_eq!(told.join(" "), expected);
        }
    }
}
