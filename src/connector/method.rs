//! Which way to run a connector its options name, decided from plain values alone.
//!
//! The rules are `get_source`'s: an explicit way wins, two are an error, a version means nothing where something else
//! says which version it is. One is different: `use_python=false`, which is Docker there and beats whatever is named
//! besides it without a word, counts as a way here.

use super::options::{Options, Setting};
use crate::error::{Fault, Kind};

/// A way that the options name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// A program; the connector's name where none is given.
    Local(Option<String>),
    /// An image; the one of the connector's name where none is given.
    Docker(Option<String>),
    /// A manifest; the registry's where none is given.
    Manifest(Option<String>),
    /// Nothing that runs.
    Nothing,
    /// An environment of its own.
    Venv,
}

/// The way that the options name; `None` where they leave it open.
///
/// Fails with [`Kind::Usage`] where they contradict each other.
pub fn named(options: &Options) -> Result<Option<Method>, Fault> {
    let pip_url = options.pip_url.as_deref().filter(|url| !url.is_empty());
    if options.version.is_some() && pip_url.is_some() {
        return Err(usage(
            "cannot specify both a version and a pip URL",
            "make sure to name the version in `--pip-url` itself, as in `--pip-url 'airbyte-source-x==1.2'`",
        ));
    }
    let mut found = Vec::new();
    found.extend(chosen(options.local_executable.as_ref()).map(Method::Local));
    let docker = if options.use_python == Some(Setting::No) { Some(None) } else { None };
    found.extend(chosen(options.docker_image.as_ref()).or(docker).map(Method::Docker));
    let python = options.use_python.as_ref().is_some_and(|it| *it != Setting::No);
    found.extend((pip_url.is_some() || python).then_some(Method::Venv));
    found.extend(chosen(options.source_manifest.as_ref()).map(Method::Manifest));
    found.extend(options.no_executor.then_some(Method::Nothing));
    if found.len() > 1 {
        return Err(usage(
            "only one can be specified of a local executable, a Docker image, a source manifest, a pip URL or python, and no executor",
            "keep one of `--local-executable`, `--docker-image`, `--source-manifest`, `--pip-url` or `--use-python`, `--no-executor`",
        ));
    }
    let method = found.pop();
    match (&method, &options.version) {
        (Some(Method::Local(_)), Some(_)) => Err(local_version()),
        (Some(Method::Docker(Some(image))), Some(_)) if is_tagged(image) => Err(usage(
            &format!("a version is not supported where the image has a tag already: `{image}`"),
            "leave out `--version`, or the tag",
        )),
        (Some(Method::Manifest(Some(_))), Some(_)) => {
            Err(usage("a version is not supported where the manifest itself is given", "leave out `--version`"))
        }
        _ => Ok(method),
    }
}

/// What a setting chooses: `None` where it chooses nothing, else the text where there is one.
#[expect(clippy::option_option, reason = "the two are different questions")]
fn chosen(setting: Option<&Setting>) -> Option<Option<String>> {
    match setting? {
        Setting::Yes => Some(None),
        Setting::Text(text) => Some(Some(text.clone())),
        Setting::No => None,
    }
}

/// A version with a program that is there already.
pub fn local_version() -> Fault {
    usage(
        "a version is not supported with a local executable",
        "leave out `--version`, or say how to install the connector, as with `--use-python true`",
    )
}

/// Whether an image says which one of its name it is: by a tag or a digest. The port of a registry is none.
pub fn is_tagged(image: &str) -> bool {
    image.contains('@') || image.rsplit('/').next().is_some_and(|last| last.contains(':'))
}

fn usage(message: &str, hint: &str) -> Fault {
    Fault::new(Kind::Usage, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::ConnectorName;

    fn options(change: impl FnOnce(&mut Options)) -> Options {
        let mut options = Options::new(ConnectorName::parse("source-x").unwrap());
        change(&mut options);
        options
    }

    #[test]
    fn what_is_false_or_empty_names_no_way() {
        let of = |change: fn(&mut Options)| named(&options(change)).unwrap();
        assert_eq!(of(|_| {}), None);
        assert_eq!(of(|it| it.docker_image = Some(Setting::parse("false"))), None);
        assert_eq!(of(|it| it.source_manifest = Some(Setting::parse(""))), None);
        assert_eq!(of(|it| it.pip_url = Some(String::new())), None);
        assert_eq!(of(|it| it.use_python = Some(Setting::parse("False"))), Some(Method::Docker(None)));
        assert_eq!(of(|it| it.use_python = Some(Setting::parse("3.11"))), Some(Method::Venv));
        assert_eq!(of(|it| it.pip_url = Some("x".into())), Some(Method::Venv));
        assert_eq!(of(|it| it.local_executable = Some(Setting::parse("true"))), Some(Method::Local(None)));
        assert_eq!(of(|it| it.source_manifest = Some(Setting::parse("True"))), Some(Method::Manifest(None)));
        assert_eq!(of(|it| it.no_executor = true), Some(Method::Nothing));
    }

    #[test]
    fn a_pip_url_and_a_python_are_one_way_and_all_other_pairs_are_two() {
        let set: [fn(&mut Options); 7] = [
            |it| it.local_executable = Some(Setting::parse("x")),
            |it| it.docker_image = Some(Setting::parse("x")),
            |it| it.use_python = Some(Setting::parse("false")),
            |it| it.pip_url = Some("x".into()),
            |it| it.use_python = Some(Setting::parse("true")),
            |it| it.source_manifest = Some(Setting::parse("x")),
            |it| it.no_executor = true,
        ];
        for (one, first) in set.iter().enumerate() {
            for (other, second) in set.iter().enumerate().skip(one + 1) {
                let both = options(|it| {
                    first(it);
                    second(it);
                });
                // An image with `use_python=false` is Docker, a pip URL with a python an environment; the later one of two
                // values of the same parameter is the one.
                let one_way = [(1, 2), (3, 4), (2, 4)].contains(&(one, other));
                let result = named(&both);
                assert_eq!(result.is_ok(), one_way, "{one} {other}: {result:?}");
                if let Err(fault) = result {
                    assert_eq!(fault.kind, Kind::Usage);
                    assert!(fault.message.starts_with("only one can be specified"), "{}", fault.message);
                }
            }
        }
    }

    #[test]
    fn a_version_that_something_else_says_is_refused() {
        let refused = |change: fn(&mut Options)| {
            let mut options = options(change);
            options.version = Some("1.0".into());
            named(&options).unwrap_err().message
        };
        assert_eq!(refused(|it| it.pip_url = Some("x".into())), "cannot specify both a version and a pip URL");
        // It comes before the other contradiction.
        let both: fn(&mut Options) = |it| {
            it.pip_url = Some("x".into());
            it.no_executor = true;
        };
        assert_eq!(refused(both), "cannot specify both a version and a pip URL");
        assert_eq!(
            refused(|it| it.local_executable = Some(Setting::parse("true"))),
            "a version is not supported with a local executable"
        );
        assert_eq!(
            refused(|it| it.docker_image = Some(Setting::parse("a/b:1"))),
            "a version is not supported where the image has a tag already: `a/b:1`"
        );
    }

    #[test]
    fn a_port_is_no_tag() {
        for (image, expected) in [
            ("a", false),
            ("a/b", false),
            ("h:5000/a", false),
            ("h:5000/a:1", true),
            ("a:1", true),
            ("a@sha256:0", true),
        ] {
            assert_eq!(is_tagged(image), expected, "{image}");
        }
    }
}
