//! Credentials in the arguments of an installation, which everybody on the machine can read there.
//!
//! Options that name an index or a page of links are taken out for the variables that both tools have for them, and what
//! is to be installed from a URL for a requirements file; those of a repository are for a helper of `git`, which would be
//! started with them. What has no credentials stays; credentials in what is neither are refused.

use std::ffi::{OsStr, OsString};

use super::driver::DriverName;
use crate::error::{Fault, Kind, Result};
use crate::fetch::settings::url_in;
use crate::fetch::url::{Url, is_unreserved, percent_encode};
use crate::host::redact::user_infos;

/// What an option names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `--default-index`, which only uv has.
    DefaultIndex,
    /// `--index-url`
    IndexUrl,
    /// `--index`, which only uv has.
    Index,
    /// `--extra-index-url`
    ExtraIndexUrl,
    /// `--find-links`
    FindLinks,
}

/// The options that name places. For pip, `--index` is short for `--index-url`.
const PLACES: [(&str, Place); 8] = [
    ("-i", Place::IndexUrl),
    ("--index-url", Place::IndexUrl),
    ("--pypi-url", Place::IndexUrl),
    ("--extra-index-url", Place::ExtraIndexUrl),
    ("-f", Place::FindLinks),
    ("--find-links", Place::FindLinks),
    ("--default-index", Place::DefaultIndex),
    ("--index", Place::Index),
];
/// The options that may stand in a requirements file, and how.
const FILES: [(&str, &str); 8] = [
    ("-r", "-r "),
    ("--requirement", "-r "),
    ("--requirements", "-r "),
    ("-c", "-c "),
    ("--constraint", "-c "),
    ("--constraints", "-c "),
    ("-e", "-e "),
    ("--editable", "-e "),
];
/// Further options whose value may have a URL in it: the next word is no requirement.
const OTHERS: [&str; 13] = [
    "--default-index",
    "-C",
    "--config-setting",
    "--config-settings",
    "--config-settings-package",
    "--global-option",
    "--build-option",
    "--install-option",
    "--proxy",
    "-b",
    "--build-constraint",
    "--build-constraints",
    "--override",
];
/// As short as pip takes a long option, where it means nothing else.
const SHORTEST: usize = 5;

/// What words are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// An option and the place that it names.
    Place(Place),
    /// What is to be installed, behind what it says so with in a requirements file.
    Requirement(&'static str),
    /// Anything else.
    Other,
}

/// An option with its value, or a word by itself.
#[derive(Debug)]
struct Item<'a> {
    words: &'a [OsString],
    role: Role,
    value: &'a str,
}

/// What was taken out of arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The arguments that are left.
    pub args: Vec<OsString>,
    /// The places, in their order.
    pub places: Vec<(Place, String)>,
    /// The lines of a requirements file.
    pub requirements: String,
    /// The repositories among them that `git` is to open with these credentials, which the lines are without.
    pub repositories: Vec<Url>,
}

/// Takes out what has credentials. Of an option whose variable takes the place of all that is said elsewhere, everything is
/// taken where one value has them.
///
/// Fails with [`Kind::Config`] where they are in what can be said no other way.
pub fn take(args: &[OsString], tool: DriverName) -> Result<Taken> {
    let items: Vec<Item> = items(args, tool).collect();
    let is_whole = |place| tool == DriverName::Uv || place == Place::IndexUrl;
    let has_secret = |place| items.iter().any(|item| item.role == Role::Place(place) && item.is_secret());
    let mut taken = Taken::default();
    for item in &items {
        match item.role {
            Role::Place(place) if item.is_secret() || is_whole(place) && has_secret(place) => {
                taken.places.push((place, encoded(item.value)));
            }
            Role::Requirement(option) if item.is_secret() => {
                let line = if opener(item.value).is_some() {
                    let (line, url) = repository(item.value).ok_or_else(|| unhideable(item))?;
                    taken.repositories.push(url);
                    line
                } else {
                    encoded(item.value)
                };
                taken.requirements.extend([option, &line.replace(['\n', '\r'], " "), "\n"]);
            }
            Role::Other if item.is_secret() => return Err(unhideable(item).into()),
            _ => taken.args.extend_from_slice(item.words),
        }
    }
    Ok(taken)
}

/// The indexes, pages of links and archives that arguments name and a tool would fetch from.
pub fn places(args: &[OsString], tool: DriverName) -> impl Iterator<Item = Url> {
    items(args, tool).filter_map(|item| {
        let (head, url) = url_in(OsStr::new(item.value))?;
        match item.role {
            Role::Place(_) => Some(url),
            // Who reads a repository of `git` is not the tool.
            Role::Requirement("") => (!head.ends_with('+')).then_some(url),
            _ => None,
        }
    })
}

fn items(mut args: &[OsString], tool: DriverName) -> impl Iterator<Item = Item<'_>> {
    std::iter::from_fn(move || {
        let (first, next) = (args.first()?.to_str().unwrap_or_default(), args.get(1));
        let (name, joined) = split(first);
        let role = if name.is_empty() { Role::Requirement("") } else { role_of(name, tool) };
        let takes_next = joined.is_none() && !name.is_empty() && (role != Role::Other || OTHERS.contains(&name));
        let (words, rest) = args.split_at(if takes_next && next.is_some() { 2 } else { 1 });
        args = rest;
        let value = if takes_next { next.and_then(|next| next.to_str()).unwrap_or_default() } else { first };
        Some(Item { words, role, value: joined.unwrap_or(value) })
    })
}

/// The name of an option, which is empty for what is none, and the value that is joined to it.
fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    }
    match word.char_indices().nth(2) {
        _ if !word.starts_with('-') => ("", None),
        Some((at, _)) => (&word[..at], Some(word[at..].trim_start_matches('='))),
        None => (word, None),
    }
}

fn role_of(name: &str, tool: DriverName) -> Role {
    let is_short = tool == DriverName::Pip && name.len() >= SHORTEST && name.starts_with("--");
    let is_meant = |long: &str| long == name || is_short && long.starts_with(name);
    let place = PLACES.iter().find(|(option, _)| is_meant(option)).map(|(_, place)| match place {
        Place::Index if tool == DriverName::Pip => Role::Place(Place::IndexUrl),
        Place::DefaultIndex if tool == DriverName::Pip => Role::Other,
        place => Role::Place(*place),
    });
    let file = || FILES.iter().find(|(option, _)| is_meant(option)).map(|(_, line)| Role::Requirement(line));
    place.or_else(file).unwrap_or(Role::Other)
}

impl Item<'_> {
    fn is_secret(&self) -> bool {
        user_info(self.value).is_some()
    }
}

/// Where the user information of the first URL that has one is in a text, however odd the rest of it.
fn user_info(text: &str) -> Option<(usize, usize)> {
    // A scheme has no case.
    let lower = text.to_ascii_lowercase();
    let is_http = |start: usize| ["http://", "https://"].iter().any(|scheme| lower[..start].ends_with(scheme));
    user_infos(text).find(|range| is_http(range.start)).map(|range| (range.start, range.end))
}

/// The text with the user information encoded, so that it is one word in a requirements file and in a list of uv.
fn encoded(text: &str) -> String {
    let Some((start, end)) = user_info(text) else { return text.to_owned() };
    let is_kept = |byte| is_unreserved(byte) || byte == b'%' || byte == b':';
    format!("{}{}{}", &text[..start], percent_encode(&text.as_bytes()[start..end], is_kept), &text[end..])
}

/// What stands before the scheme of a URL of a repository, the name of what opens it last, and the scheme.
fn opener(text: &str) -> Option<(&str, &str)> {
    let (head, scheme) = text[..user_info(text)?.0].rsplit_once('+')?;
    let is_scheme = ["https://", "http://"].iter().any(|it| scheme.eq_ignore_ascii_case(it));
    is_scheme.then_some((head, scheme))
}

/// A requirement from a repository of `git` without its credentials, and where that is with them, without a revision.
/// What opens others has no such helpers.
fn repository(text: &str) -> Option<(String, Url)> {
    let (start, end) = user_info(text)?;
    let (head, rest) = (&text[..start], &text[end + 1..]);
    let (_, scheme) = opener(text).filter(|(name, _)| name.to_ascii_lowercase().ends_with("git"))?;
    let place = rest.split(['#', '?', ' ']).next()?;
    let place = place.rsplit_once('@').map_or(place, |(place, _)| place);
    let url = Url::parse(&format!("{scheme}{}@{place}", &text[start..end])).ok()?;
    Some((format!("{head}{rest}"), url))
}

fn unhideable(item: &Item) -> Fault {
    let option = item.words.first().and_then(|word| Some(split(word.to_str()?).0)).unwrap_or_default();
    let place = if option.is_empty() { "a requirement".to_owned() } else { format!("the value of `{option}`") };
    let message = format!("everybody on the machine could read the credentials in {place}");
    Fault::new(Kind::Config, message)
        .hint("give them in a variable or a file that the tool reads, and leave them out of the arguments")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::kind_of;

    fn words(text: &str) -> Vec<OsString> {
        text.split_terminator('|').map(OsString::from).collect()
    }

    /// What is left, what went to variables, and the requirements.
    fn taken(text: &str, tool: DriverName) -> (String, String, String) {
        let Taken { args, places, requirements, .. } = take(&words(text), tool).unwrap();
        let args: Vec<String> = args.into_iter().map(|arg| arg.into_string().unwrap()).collect();
        let places: Vec<String> = places.into_iter().map(|(place, text)| format!("{place:?} {text}")).collect();
        (args.join("|"), places.join("|"), requirements)
    }

    #[test]
    fn credentials_of_places_are_taken_however_they_are_given() {
        const URL: &str = "https://me:p ,w@h/s";
        const ENCODED: &str = "https://me:p%20%2Cw@h/s";
        let both = [DriverName::Uv, DriverName::Pip];
        for (args, place, tools) in [
            ("--index-url|URL", "IndexUrl URL", &both[..]),
            ("--index-url=URL", "IndexUrl URL", &both),
            ("-iURL", "IndexUrl URL", &both),
            ("-i=URL", "IndexUrl URL", &both[..1]),
            ("--extra-index-url|URL", "ExtraIndexUrl URL", &both),
            ("-f|URL", "FindLinks URL", &both),
            ("--find-links=URL", "FindLinks URL", &both),
            ("--default-index|URL", "DefaultIndex URL", &both[..1]),
            ("--index|x=URL", "Index x=URL", &both[..1]),
            ("--index=URL", "IndexUrl URL", &both[1..]),
            ("--extra|URL", "ExtraIndexUrl URL", &both[1..]),
            ("--pypi-url=URL", "IndexUrl URL", &both[1..]),
        ] {
            for tool in tools {
                let args = format!("-q|{args}|x").replace("URL", URL);
                let expected = (
                    "-q|x".to_owned(),
                    place.replace(" URL", &format!(" {ENCODED}")).replace("=URL", &format!("={ENCODED}")),
                    String::new(),
                );
                assert_eq!(taken(&args, *tool), expected, "{args}");
            }
        }
    }

    #[test]
    fn an_option_goes_as_a_whole_where_its_variable_would_be_left_out() {
        let args = "-i|https://t@a/|-i|https://b/|-f|https://me:pw@h/|-f|./l|--index-strategy|first-index";
        let (index, links) = ("IndexUrl https://t@a/|IndexUrl https://b/", "FindLinks https://me:pw@h/");
        let rest = "--index-strategy|first-index".to_owned();
        let all = format!("{index}|{links}|FindLinks ./l");
        assert_eq!(taken(args, DriverName::Uv), (rest.clone(), all, String::new()));
        assert_eq!(taken(args, DriverName::Pip), (format!("-f|./l|{rest}"), format!("{index}|{links}"), String::new()));
        let open = "-i|https://b/|--extra-index-url=https://c/|-f|l|x @ https://h/x.whl|-r|https://h/r.txt|git@h";
        assert_eq!(taken(open, DriverName::Uv).0, open);
    }

    #[test]
    fn what_is_to_be_installed_goes_to_a_requirements_file() {
        for (args, rest, line) in [
            ("x @ https://me:p \"@h/x.whl ; a == 'b'", "", "x @ https://me:p%20%22@h/x.whl ; a == 'b'"),
            ("--no-deps|https://token@h/x.whl#sha256=0", "--no-deps", "https://token@h/x.whl#sha256=0"),
            ("x @ git+https://me:p%40w@h/r@v1", "", "x @ git+https://h/r@v1"),
            ("x @ GIT+HTTPS://me:pw@h/r@v1", "", "x @ GIT+HTTPS://h/r@v1"),
            ("HTTPS://me:pw@h/x.whl", "", "HTTPS://me:pw@h/x.whl"),
            ("-r|http://me:pw@h/r.txt", "", "-r http://me:pw@h/r.txt"),
            ("--constraint=http://me:pw@h/c.txt", "", "-c http://me:pw@h/c.txt"),
            ("-e|git+https://me:pw@h/r|-e|./x", "-e|./x", "-e git+https://h/r"),
        ] {
            let expected = (rest.to_owned(), String::new(), format!("{line}\n"));
            assert_eq!(taken(args, DriverName::Uv), expected);
            assert_eq!(taken(args, DriverName::Pip), expected);
        }
    }

    #[test]
    fn repositories_are_known_with_their_credentials() {
        let args = "x @ git+https://me:p%40w@h:8/r.git@v1#subdirectory=x ; a == 'b'|-e|git+http://token@h/r|x @ git+https://h/r";
        let taken = take(&words(args), DriverName::Pip).unwrap();
        assert_eq!(taken.requirements, "x @ git+https://h:8/r.git@v1#subdirectory=x ; a == 'b'\n-e git+http://h/r\n");
        let found: Vec<String> = taken.repositories.iter().map(Url::with_credentials).collect();
        assert_eq!(found, ["https://me:p%40w@h:8/r.git", "http://token@h/r"]);
    }

    #[test]
    fn credentials_that_can_be_said_no_other_way_are_refused_and_not_told() {
        for (args, option) in [
            ("-C|url=https://me:p w@h/", "-C"),
            ("--proxy|http://me:pw@h/", "--proxy"),
            ("--unknown=http://me:pw@h/", "--unknown"),
            ("-qihttp://me:pw@h/", "-q"),
            ("--override|https://token@h/o", "--override"),
            ("--proxy=HTTP://me:pw@h/", "--proxy"),
            ("-C|urls=https://g/ https://me:pw@h/", "-C"),
            ("-e|hg+https://me:pw@h/r", "-e"),
            ("x @ svn+http://me:pw@h/r", ""),
            ("git+https://me:pw@h:p/r", ""),
        ] {
            let error = take(&words(args), DriverName::Uv).unwrap_err();
            let value = format!("the value of `{option}`");
            let place = if option.is_empty() { "a requirement" } else { value.as_str() };
            let expected = format!("everybody on the machine could read the credentials in {place}");
            assert_eq!((kind_of(&error), error.to_string()), (Kind::Config, expected));
        }
        assert!(take(&words("--default-index|https://t@h/"), DriverName::Pip).is_err());
    }

    #[test]
    fn what_a_tool_fetches_from_is_known() {
        let args = "-i|HTTPS://a/|--index=x=https://b/|c @ https://c/c.whl|d @ git+https://d/|-r|https://e/|--proxy|http://f/|-f|/g";
        let found: Vec<String> = places(&words(args), DriverName::Uv).map(|url| url.to_string()).collect();
        assert_eq!(found, ["https://a/", "https://b/", "https://c/c.whl"]);
    }
}
