//! The dialect of pip's configuration files: what Python's `configparser.RawConfigParser` reads with its defaults.
//!
//! No interpolation: a `%` is a `%`. A value may go on over indented lines; `#` and `;` open a comment only at the start
//! of a line; a section or an option that is there twice is an error, as it is for pip.

/// A section with its options, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The text between the brackets.
    pub name: String,
    /// The options.
    pub options: Vec<Setting>,
}

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name, in lower case.
    pub name: String,
    /// The value; the lines of a value over several are joined by line feeds.
    pub value: String,
    /// The line it starts on, from 1.
    pub line: usize,
}

/// A line that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// The sections of a file, those of the same name as one would be (an error), in order.
pub fn parse(text: &str) -> Result<Vec<Section>, Malformed> {
    let mut sections: Vec<Section> = Vec::new();
    let mut indent = 0;
    let mut continues = false;
    for (index, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let (line, content) = (index + 1, raw.trim());
        if content.starts_with(['#', ';']) || content.is_empty() {
            continue;
        }
        let own_indent = raw.len() - raw.trim_start().len();
        let last = sections.last_mut().and_then(|section| section.options.last_mut());
        if let Some(option) = last.filter(|_| continues && own_indent > indent) {
            option.value.push('\n');
            option.value.push_str(content);
        } else {
            indent = own_indent;
            continues = start(&mut sections, content, line).map_err(|reason| Malformed { line, reason })?;
        }
    }
    Ok(sections)
}

/// Takes a line that opens a section or an option; says whether it was an option.
fn start(sections: &mut Vec<Section>, content: &str, line: usize) -> Result<bool, String> {
    if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')).map(|(name, _)| name) {
        if sections.iter().any(|section| section.name == name) {
            return Err(format!("the section `[{name}]` is there twice"));
        }
        sections.push(Section { name: name.to_owned(), options: Vec::new() });
        return Ok(false);
    }
    let section = sections.last_mut().ok_or("it stands before the first `[section]`")?;
    let (name, value) = content.split_once(['=', ':']).ok_or("it is neither `[section]` nor `name = value`")?;
    let name = name.trim().to_lowercase();
    if name.is_empty() {
        return Err("the option has no name".to_owned());
    }
    if section.options.iter().any(|option| option.name == name) {
        return Err(format!("the option `{name}` is there twice"));
    }
    section.options.push(Setting { name, value: value.trim().to_owned(), line });
    Ok(true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flat(text: &str) -> Vec<(String, String, String, usize)> {
        let sections = parse(text).unwrap();
        let options = sections.into_iter().flat_map(|section| {
            let name = section.name;
            section.options.into_iter().map(move |it| (name.clone(), it.name, it.value, it.line))
        });
        options.collect()
    }

    fn row(section: &str, name: &str, value: &str, line: usize) -> (String, String, String, usize) {
        (section.to_owned(), name.to_owned(), value.to_owned(), line)
    }

    #[test]
    fn values_go_on_over_indented_lines_and_a_percent_sign_is_one() {
        let text = "# top\n[global]\nIndex-URL : https://a%20b:%(x)s@h/ ; not a comment\nfind-links =\n    /one\n\n    # note\n    /two\n[install]\nno_index=true\n";
        let expected = [
            row("global", "index-url", "https://a%20b:%(x)s@h/ ; not a comment", 3),
            row("global", "find-links", "\n/one\n/two", 4),
            row("install", "no_index", "true", 10),
        ];
        assert_eq!(flat(text), expected);
    }

    #[test]
    fn what_pip_refuses_is_refused_with_its_line() {
        for (text, line) in
            [("a = 1\n", 1), ("[g]\n\nnonsense\n", 3), ("[g]\na=1\nA=2\n", 3), ("[g]\n[h]\n[g]\n", 3), ("[g]\n= 1", 2)]
        {
            assert_eq!(parse(text).unwrap_err().line, line, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(\\PC|[\n\t =:\\[\\]#;])*") {
            let _ = parse(&text);
        }
    }
}
