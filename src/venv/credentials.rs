//! What a tool is given so that it can say who asks.
//!
//! It finds most of it by itself, in its own settings and in those that it is told ([`IndexSettings`]). What is left is
//! here, made anew for every call, because a call may have brought the `keyring` that the next one needs (a group that
//! installs it goes first, its program is in the environment's `bin`):
//!
//! - Where the tool would ask a keyring, an index that answers 401 is told to the keyring before the tool starts, and what
//!   it gives reaches the tool as netrc, or from a stand-in. So it works with versions of pip that cannot ask without a
//!   person, and for URLs without a user.
//! - A `keyring` that the tool starts itself, for indexes that only it knows of, is [`Guard`]'s.
//! - Credentials in the call's own arguments, which everybody on the machine could read, are in its variables instead, and
//!   what is to be installed from a URL with credentials in a requirements file of its own (`arguments`).
//!   `git` has those of a repository from a helper.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::rc::Rc;
use std::str::FromStr as _;

use anyhow::Context as _;
use pep440_rs::Version;

use super::Venv;
use super::arguments::{self, Place, Taken};
use super::cfg::VenvConfig;
use super::driver::{Console, DriverName};
use crate::error::{Fault, Kind, Result};
use crate::fetch::http::{Answer, Client, Request};
use crate::fetch::keyring::{Guard, Instructions, Keyring};
use crate::fetch::settings::{HttpSettings, IndexSettings, Means, Sourced, ToolSettings};
use crate::fetch::url::{Scheme, Url};
use crate::host::secret::SecretFile;
use crate::host::{Cmd, EnvDelta, Host, names};

/// A project that an index is asked for to see whether it wants credentials. It need not have it.
const ANY_PROJECT: &str = "pip";
/// The option with which both tools are told of a keyring.
const PROVIDER: &str = "--keyring-provider";

/// A helper of `git` for a token, which has no password, where nobody else is to be asked for one.
const NO_PASSWORD: &str = "!f() { test \"$1\" = get || return 0; \
    test -n \"$GIT_ASKPASS${DISPLAY:+$SSH_ASKPASS}$(git config core.askPass)\" || echo password=; }; f";

/// The variables of uv that say what its options say, and what stands between several values.
const VARIABLES_OF_UV: [(Place, &str, Option<&str>); 5] = [
    (Place::DefaultIndex, "UV_DEFAULT_INDEX", None),
    (Place::IndexUrl, "UV_INDEX_URL", None),
    (Place::Index, "UV_INDEX", Some(" ")),
    (Place::ExtraIndexUrl, "UV_EXTRA_INDEX_URL", Some(" ")),
    (Place::FindLinks, "UV_FIND_LINKS", Some(",")),
];

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
    files: Vec<SecretFile>,
    guard: Option<Guard>,
    was_late: Rc<Cell<bool>>,
}

impl Credentials {
    /// Those that these settings lead to.
    pub fn new(index: &IndexSettings, tool: DriverName) -> Self {
        Self { index: index.clone(), tool, was_late: Rc::default() }
    }

    /// For a call with these arguments, by the pip of this environment where it is one of pip.
    ///
    /// Fails with [`Kind::Config`] where credentials are in arguments that they cannot be taken out of.
    pub fn lend(&self, args: &[OsString], venv: Option<&Venv>) -> Result<Lent> {
        let keyring = Keyring::find(&self.index.host)?;
        if let Some(keyring) = &keyring {
            keyring.give_up_if(self.was_late.get());
        }
        let Taken { args: open, places, requirements, repositories } = arguments::take(args, self.tool)?;
        let learned = match &keyring {
            Some(keyring) if self.asks_keyring() => self.learn(keyring, args)?,
            _ => Vec::new(),
        };
        let asks = keyring.is_some() && (self.asks_keyring() || is_among(args, PROVIDER));
        let told = match venv {
            Some(venv) => self.told_to_pip(&places, learned, means(venv, asks, args))?,
            None => self.told_to_uv(&places, learned, args),
        };
        let was_late = Rc::clone(&self.was_late);
        let mut lent = Lent { env: told.env, args: open, files: Vec::new(), guard: None, was_late };
        if let Some(netrc) = told.netrc {
            let file = lent.keep(&netrc)?;
            lent.env = lent.env.set("NETRC", file);
        }
        if !requirements.is_empty() {
            let file = lent.keep(&requirements)?;
            lent.args.extend(["--requirement".into(), file]);
        }
        lent.open_repositories(&self.index.host, &repositories)?;
        let instructions = Instructions { known: told.for_keyring, asks, was_late: self.was_late.get() };
        if keyring.is_some() || !instructions.known.is_empty() {
            lent.guard = self.guard(&instructions)?;
        }
        Ok(self.with_provider(lent, !instructions.known.is_empty()))
    }

    fn guard(&self, instructions: &Instructions) -> Result<Option<Guard>> {
        match Guard::new(&self.index.host, instructions) {
            Ok(guard) => Ok(Some(guard)),
            Err(error) if instructions.known.is_empty() => {
                tracing::info!("no tool may ask `keyring`: {error}");
                Ok(None)
            }
            Err(error) => Err(error).context("cannot keep credentials for the tool"),
        }
    }

    /// What pip is told, these places and what was learned included.
    fn told_to_pip(&self, places: &[(Place, String)], learned: Vec<Url>, means: Means) -> Result<ToolSettings> {
        let urls = |wanted| {
            let texts = places.iter().filter(move |(place, _)| *place == wanted);
            texts.map(|(_, text)| url_of(text)).collect::<Result<Vec<_>>>()
        };
        let (extra, links) = (urls(Place::ExtraIndexUrl)?, urls(Place::FindLinks)?);
        let index = self.index.with_learned(learned);
        Ok(index.with_arguments(urls(Place::IndexUrl)?.pop(), extra, links).env_for_pip(means))
    }

    /// What uv is told. Where all places of a server have a user it asks its keyring, which tells no other server.
    fn told_to_uv(&self, places: &[(Place, String)], learned: Vec<Url>, args: &[OsString]) -> ToolSettings {
        let asked: Vec<Url> = self.index.places_of_uv().cloned().chain(arguments::places(args, self.tool)).collect();
        let asks = |url: &Url| asked.iter().filter(|it| it.same_origin(url)).all(|it| it.login().is_some());
        let (for_keyring, learned): (_, Vec<Url>) = learned.into_iter().partition(asks);
        let mut told = ToolSettings { for_keyring, ..self.index.with_learned(learned).env_for_uv() };
        for (place, variable, mark) in VARIABLES_OF_UV {
            let texts: Vec<&str> = places.iter().filter(|it| it.0 == place).map(|it| it.1.as_str()).collect();
            if let Some(last) = texts.last() {
                let value = mark.map_or_else(|| (*last).to_owned(), |mark| texts.join(mark));
                told.env = told.env.set(variable, value);
            }
        }
        told
    }

    fn asks_keyring(&self) -> bool {
        match self.tool {
            DriverName::Uv => self.index.uv_asks_keyring(),
            DriverName::Pip => self.index.pip_asks_keyring(),
        }
    }

    /// With the tool's own setting, in which nothing can ask longer than it may: what pip imports cannot be ended.
    fn with_provider(&self, mut lent: Lent, has_known: bool) -> Lent {
        let provider = if lent.guard.is_some() { "subprocess" } else { "disabled" };
        let env = lent.guard.iter().fold(lent.env, |env, guard| env.and(&guard.env()));
        let is_used = self.asks_keyring() || has_known;
        lent.env = match self.tool {
            DriverName::Uv if is_used => env.set("UV_KEYRING_PROVIDER", provider),
            DriverName::Uv => env,
            DriverName::Pip => env.set("PIP_KEYRING_PROVIDER", if is_used { provider } else { "disabled" }),
        };
        lent.args = told_provider(lent.args, provider);
        lent
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
        let named = arguments::places(args, self.tool);
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
    /// Keeps a text in a file for as long as this lives; its path.
    fn keep(&mut self, text: &str) -> Result<OsString> {
        let file = SecretFile::new(text).context("cannot keep credentials for the tool")?;
        let path = file.path().into();
        self.files.push(file);
        Ok(path)
    }

    /// Has `git` read the credentials of repositories from files: it is started with the URLs as arguments.
    /// <https://git-scm.com/docs/gitcredentials>, <https://git-scm.com/docs/git-config#ENVIRONMENT>
    fn open_repositories(&mut self, host: &Host, urls: &[Url]) -> Result<()> {
        let said: usize = host.var_text("GIT_CONFIG_COUNT").and_then(|count| count.parse().ok()).unwrap_or(0);
        let mut count = said;
        for (url, login) in urls.iter().filter_map(|url| Some((url, url.login()?))) {
            let settings = if login.password.is_empty() {
                // Of a user alone the helpers of others may know the password, and this one comes after them.
                [("username", login.user), ("helper", NO_PASSWORD.to_owned())]
            } else {
                let file = self.keep(&format!("username={}\npassword={}\n", login.user, login.password))?;
                let print = "while IFS= read -r line; do printf '%s\\n' \"$line\"; done";
                let helper = format!("!f() {{ test \"$1\" = get || return 0; {print} <'{}'; }}; f", file.display());
                // The empty one takes back those that others have set.
                [("helper", String::new()), ("helper", helper)]
            };
            for (name, value) in settings {
                let env = std::mem::take(&mut self.env);
                let env = env.set(format!("GIT_CONFIG_KEY_{count}"), format!("credential.{}.{name}", url.bare()));
                self.env = env.set(format!("GIT_CONFIG_VALUE_{count}"), value);
                count += 1;
            }
        }
        if count > said {
            self.env = std::mem::take(&mut self.env).set("GIT_CONFIG_COUNT", count.to_string());
        }
        Ok(())
    }

    /// Runs the tool with it.
    pub fn run(&self, cmd: Cmd, console: &mut Console<'_>, what: &str) -> Result<()> {
        let done = console.run(&cmd.env(&self.env), what);
        self.guard.iter().for_each(Guard::tell_learned);
        let is_late = self.guard.as_ref().is_some_and(Guard::was_late);
        if is_late && !self.was_late.replace(true) {
            let variable = names::PRIME_KEYRING_TIMEOUT;
            tracing::warn!("`keyring` did not answer in time, so it was not asked again (`{variable}`)");
        }
        done
    }
}

/// What the pip of an environment understands, where it may ask a keyring or not.
fn means(venv: &Venv, asks: bool, args: &[OsString]) -> Means {
    let is_at_least = |version: Option<&str>, first: [u64; 2]| {
        let version = version.and_then(|text| Version::from_str(text).ok());
        version.is_some_and(|version| version >= Version::new(first))
    };
    let quotes = is_at_least(venv.cfg().as_ref().and_then(VenvConfig::version), [3, 11]);
    let asks_for_user = is_at_least(venv.version_of("pip").as_deref(), [23, 1]) && !is_among(args, PROVIDER);
    Means { quotes, tokens: quotes && !asks, asks: asks_for_user }
}

/// The URL of an argument.
fn url_of(text: &str) -> Result<Url> {
    let told = |reason| Fault::new(Kind::Config, format!("the URL in an argument is not usable: {reason}"));
    Url::parse(text).map_err(|reason| told(reason).hint("correct it").into())
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
