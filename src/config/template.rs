//! The text of a configuration file to start from: every field that may stand in it, with its meaning, commented out.

use super::fields::{FIELDS, FieldSpec};
use super::leap::Leap;

const WIDTH: usize = 100;

/// The text of a file for these leaps. The fields in `set` are given a value (as TOML writes it), all others are comments.
pub fn text(title: &str, leaps: &[Leap], set: &[(&str, &str)]) -> String {
    let mut text = wrapped(title);
    let serves = |field: &&FieldSpec| field.leaps.iter().any(|leap| leaps.contains(leap));
    for field in FIELDS.iter().filter(serves) {
        text.push('\n');
        text.push_str(&wrapped(&format!("{}. Default: {}.", capitalised(field.meaning), field.default)));
        let given = set.iter().find(|(name, _)| *name == field.name);
        let line = match given {
            Some((name, value)) => [name, " = ", value, "\n"].concat(),
            None => ["# ", field.name, " = ", field.example, "\n"].concat(),
        };
        text.push_str(&line);
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

/// A comment of as many lines as it takes.
fn wrapped(comment: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in comment.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::document::{Document, Format, Source};
    use crate::config::parse::{Decoded, decode};

    fn decoded(text: &str, leaps: &[Leap]) -> Decoded {
        let source = Source::new("/r/prime.toml", Path::new("/r"));
        let document = Document::parse(source, Format::Toml, text.as_bytes()).unwrap();
        decode(&document.source, Format::Toml, &document.root, leaps)
    }

    #[test]
    fn every_line_of_it_is_valid_once_it_counts() {
        for leaps in [&Leap::FILES[..], &[Leap::Primer], &[Leap::Client], &[Leap::Env]] {
            let text = text("Ours.", leaps, &[]);
            assert_eq!(decoded(&text, leaps).entries, []);
            let counts = |line: &str| FIELDS.iter().any(|field| line.starts_with(&format!("# {} = ", field.name)));
            let lines = text.lines().map(|line| if counts(line) { &line[2..] } else { line });
            let decoded = decoded(&lines.collect::<Vec<_>>().join("\n"), leaps);
            let known = FIELDS.iter().filter(|field| field.leaps.iter().any(|leap| leaps.contains(leap)));
            assert_eq!((decoded.faults, decoded.entries.len()), (Vec::new(), known.count()));
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        }
    }

    #[test]
    fn what_is_set_counts() {
        let text = text("Ours.", &[Leap::Client], &[("local_conf_symlink_rel_path", "\"lconf\"")]);
        assert!(
            text.starts_with("# Ours.\n\n# The symlink that leads to the selected environment. Default: no link.\n")
        );
        assert_eq!(decoded(&text, &[Leap::Client]).entries.len(), 1);
    }
}
