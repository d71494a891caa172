//! What a runner reads in the log: groups of lines, errors with their place, texts to be masked, variables to be set.
//!
//! | system | documented at |
//! |---|---|
//! | GitHub Actions | <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands> |
//! | GitLab | <https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections> |
//! | Azure Pipelines | <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands> |
//! | Buildkite | <https://buildkite.com/docs/pipelines/configure/managing-log-output> |
//!
//! Runners read standard output and standard error. All of it goes to standard error, where the lines that a group is
//! about are, too: two streams have no order.

use super::super::args::CiSystem;

/// No system shows more of one message.
const LONGEST: usize = 3500;

/// A group of lines in the log.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its name for machines: letters, digits and `_`.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
}

/// What went wrong.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// The fact, its causes and the remedy, which may be several lines.
    pub text: String,
    /// The cause by its name.
    pub code: &'static str,
    /// The file that it is about, as the system knows it.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<usize>,
}

impl CiSystem {
    /// The line that begins a group; nothing where the system knows none. `now` is in seconds since the epoch.
    pub fn begin(self, group: Group, now: u64) -> String {
        let Group { name, title } = group;
        match self {
            Self::Github => format!("::group::{}\n", github_data(title)),
            Self::Gitlab => format!("\x1b[0Ksection_start:{now}:{name}[collapsed=true]\r\x1b[0K{title}\n"),
            Self::Azure => format!("##[group]{title}\n"),
            Self::Buildkite => format!("--- {title}\n"),
            Self::Jenkins | Self::Plain => String::new(),
        }
    }

    /// The line that ends a group.
    pub fn end(self, group: Group, now: u64) -> String {
        match self {
            Self::Github => "::endgroup::\n".to_owned(),
            Self::Gitlab => format!("\x1b[0Ksection_end:{now}:{}\r\x1b[0K\n", group.name),
            Self::Azure => "##[endgroup]\n".to_owned(),
            // The next one ends it.
            Self::Buildkite | Self::Jenkins | Self::Plain => String::new(),
        }
    }

    /// The line that tells of an error, beside what people are told.
    pub fn error(self, problem: &Problem) -> String {
        let text = shortened(&problem.text);
        match self {
            Self::Github => {
                let title = format!("prime: {}", problem.code);
                let line = problem.line.map(|line| line.to_string());
                let all = [("file", problem.file.as_ref()), ("line", line.as_ref()), ("title", Some(&title))];
                let set = all.iter().filter_map(|(name, value)| Some(format!("{name}={}", github_property((*value)?))));
                format!("::error {}::{}\n", set.collect::<Vec<_>>().join(","), github_data(text))
            }
            Self::Azure => {
                let line = problem.line.map(|line| line.to_string());
                let all = [("sourcepath", problem.file.as_ref()), ("linenumber", line.as_ref())];
                let set = all.iter().filter_map(|(name, value)| Some(format!("{name}={};", azure((*value)?))));
                format!("##vso[task.logissue type=error;{}]{}\n", set.collect::<String>(), azure(text))
            }
            // Opens the group that is the last one so far.
            Self::Buildkite => "^^^ +++\n".to_owned(),
            Self::Gitlab | Self::Jenkins | Self::Plain => String::new(),
        }
    }

    /// The line after which the log shows `***` for a text of one line; nothing where there is no such line.
    pub fn mask(self, secret: &str) -> String {
        match self {
            Self::Github => format!("::add-mask::{}\n", github_data(secret)),
            Self::Azure => format!("##vso[task.setsecret]{}\n", azure(secret)),
            Self::Gitlab | Self::Buildkite | Self::Jenkins | Self::Plain => String::new(),
        }
    }
}

/// The lines by which Azure's agent sets a variable, and puts a directory first on `PATH`, for the steps that follow.
pub fn azure_variables(variables: &[(&str, &str)], bin: &str) -> String {
    let set = |(name, value): &(&str, &str)| format!("##vso[task.setvariable variable={name}]{}\n", azure(value));
    variables.iter().map(set).chain([format!("##vso[task.prependpath]{}\n", azure(bin))]).collect()
}

/// A text behind a workflow command, by the table of the runner's `ActionCommand`.
fn github_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a workflow command's property.
fn github_property(text: &str) -> String {
    github_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A text in a logging command, by the table of the agent's `CommandStringConvertor`. Whether an agent knows the escape of
/// `%` depends on its version, so that stands only where the agent would take what follows for an escape.
fn azure(text: &str) -> String {
    const TABLE: [(char, &str); 4] = [(';', "%3B"), ('\r', "%0D"), ('\n', "%0A"), (']', "%5D")];
    const PERCENT: &str = "%AZP25";
    let mut escaped = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let rest = &text[at..];
        let is_taken = || TABLE.iter().map(|(_, escape)| *escape).chain([PERCENT]).any(|it| rest.starts_with(it));
        match TABLE.iter().find(|(it, _)| *it == character) {
            Some((_, escape)) => escaped.push_str(escape),
            None if character == '%' && is_taken() => escaped.push_str(PERCENT),
            None => escaped.push(character),
        }
    }
    escaped
}

/// The beginning of a text, as much as is shown.
fn shortened(text: &str) -> &str {
    let end = (0..=LONGEST.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GROUP: Group = Group { name: "prime_x", title: "100% x" };

    fn problem() -> Problem {
        let (file, text) = (Some("a,b:c.toml".to_owned()), "50% of\nit; [x]".to_owned());
        Problem { text, code: "bad_field", file, line: Some(3) }
    }

    #[test]
    fn a_group_begins_and_ends_as_each_system_has_it() {
        for (system, begin, end) in [
            (CiSystem::Github, "::group::100%25 x\n", "::endgroup::\n"),
            (
                CiSystem::Gitlab,
                "\x1b[0Ksection_start:7:prime_x[collapsed=true]\r\x1b[0K100% x\n",
                "\x1b[0Ksection_end:8:prime_x\r\x1b[0K\n",
            ),
            (CiSystem::Azure, "##[group]100% x\n", "##[endgroup]\n"),
            (CiSystem::Buildkite, "--- 100% x\n", ""),
            (CiSystem::Jenkins, "", ""),
            (CiSystem::Plain, "", ""),
        ] {
            assert_eq!((system.begin(GROUP, 7).as_str(), system.end(GROUP, 8).as_str()), (begin, end), "{system:?}");
        }
    }

    #[test]
    fn an_error_names_its_place_where_there_is_one() {
        let bare = Problem { file: None, line: None, ..problem() };
        for (system, with_place, without) in [
            (
                CiSystem::Github,
                "::error file=a%2Cb%3Ac.toml,line=3,title=prime%3A bad_field::50%25 of%0Ait; [x]\n",
                "::error title=prime%3A bad_field::50%25 of%0Ait; [x]\n",
            ),
            (
                CiSystem::Azure,
                "##vso[task.logissue type=error;sourcepath=a,b:c.toml;linenumber=3;]50% of%0Ait%3B [x%5D\n",
                "##vso[task.logissue type=error;]50% of%0Ait%3B [x%5D\n",
            ),
            (CiSystem::Buildkite, "^^^ +++\n", "^^^ +++\n"),
            (CiSystem::Gitlab, "", ""),
        ] {
            let said = [problem(), bare.clone()].map(|problem| system.error(&problem));
            assert_eq!(said, [with_place, without], "{system:?}");
        }
    }

    #[test]
    fn a_long_message_is_cut_between_two_characters() {
        let long = "ä".repeat(LONGEST);
        assert_eq!(shortened(&long).len(), LONGEST);
        assert_eq!(shortened(&format!("x{long}")).len(), LONGEST - 1);
        assert_eq!(shortened("short"), "short");
    }

    #[test]
    fn azure_is_told_variables_and_the_path() {
        let told = azure_variables(&[("A", "x;y"), ("B", "%0A")], "/r/b]in");
        let expected = "##vso[task.setvariable variable=A]x%3By\n##vso[task.setvariable variable=B]%AZP250A\n\
                        ##vso[task.prependpath]/r/b%5Din\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn a_secret_is_named_only_to_who_hides_it() {
        for (system, expected) in [
            (CiSystem::Github, "::add-mask::a%25;]b\n"),
            (CiSystem::Azure, "##vso[task.setsecret]a%%3B%5Db\n"),
            (CiSystem::Gitlab, ""),
            (CiSystem::Buildkite, ""),
            (CiSystem::Jenkins, ""),
            (CiSystem::Plain, ""),
        ] {
            assert_eq!(system.mask("a%;]b"), expected, "{system:?}");
        }
    }

    /// As the runner takes an escaped text back, entry by entry.
    fn taken_back(text: &str, table: &[(&str, &str)]) -> String {
        table.iter().fold(text.to_owned(), |text, (escape, token)| text.replace(escape, token))
    }

    /// Texts that are full of what has a meaning.
    fn texts() -> impl Strategy<Value = String> {
        let pieces =
            ["%", "25", "0A", "0D", "3A", "2C", "3B", "5D", "AZP25", "\r", "\n", ":", ",", ";", "]", "::", "é"];
        proptest::collection::vec(prop_oneof![proptest::sample::select(pieces.to_vec()), Just("x")], 0..12)
            .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn github_reads_what_was_meant(text in texts()) {
            let table = [("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")];
            let (data, property) = (github_data(&text), github_property(&text));
            prop_assert_eq!(taken_back(&data, &table[2..]), &*text);
            prop_assert_eq!(taken_back(&property, &table), &*text);
            prop_assert!(!data.contains(['\n', '\r']) && !property.contains(['\n', '\r', ':', ',']));
        }

        #[test]
        fn azure_reads_what_was_meant(text in texts()) {
            let table = [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")];
            let escaped = azure(&text);
            prop_assert_eq!(taken_back(&escaped, &table), text);
            prop_assert!(!escaped.contains(['\n', '\r', ';', ']']));
        }
    }
}
