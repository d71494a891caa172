//! Puts placeholders where something varies from run to run.

/// Known texts and their placeholders. Durations, times of day, run ids and the version of `prime` are found by their form.
#[derive(Clone, Debug, Default)]
pub struct Redactions {
    /// Longest text first.
    known: Vec<(String, &'static str)>,
}

impl Redactions {
    pub fn insert(&mut self, placeholder: &'static str, text: impl Into<String>) {
        self.known.push((text.into(), placeholder));
        self.known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    }

    pub fn redact(&self, text: &str) -> String {
        let version = format!("prime {}", env!("CARGO_PKG_VERSION"));
        let text = text.replace(&version, "prime [VERSION]");
        let text = self.known.iter().fold(text, |text, (known, placeholder)| text.replace(known, placeholder));
        let text = replace_words(&replace_words(&text, run_id, "[RUN_ID]"), clock, "[CLOCK]");
        replace_words(&text, duration, "[TIME]")
    }
}

/// Replaces what `matches` recognises at the beginning of a word; it tells the length.
pub fn replace_words(text: &str, matches: fn(&str) -> Option<usize>, placeholder: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let (mut rest, mut in_word, mut after_digit) = (text, false, false);
    while let Some(character) = rest.chars().next() {
        let found = if in_word { None } else { matches(rest) };
        if let Some(length) = found {
            redacted.push_str(placeholder);
            rest = &rest[length..];
        } else {
            redacted.push(character);
            rest = &rest[character.len_utf8()..];
        }
        in_word = found.is_none() && (character.is_alphanumeric() || (character == '.' && after_digit));
        after_digit = found.is_none() && character.is_ascii_digit();
    }
    redacted
}

/// `38 ms`, `1.2 s`, `2 min`, and uv's `0.96ms` and `6.1s`.
fn duration(text: &str) -> Option<usize> {
    let number = text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.').len();
    let (digits, rest) = text.split_at(number);
    digits.parse::<f64>().ok()?;
    let unit = [" ms", " s", " min", "ms", "s"]
        .into_iter()
        .find(|unit| rest.strip_prefix(unit).is_some_and(|rest| !rest.starts_with(|it: char| it.is_alphanumeric())))?;
    Some(number + unit.len())
}

/// `20240131T120000Z.4711`: when a run started, and its process.
fn run_id(text: &str) -> Option<usize> {
    let form = |text: &str| {
        text.bytes().zip("00000000T000000Z.".bytes()).all(|(byte, sample)| match sample {
            b'0' => byte.is_ascii_digit(),
            _ => byte == sample,
        })
    };
    let stamp = text.get(..17).filter(|stamp| form(stamp))?;
    let process = text[17..].bytes().take_while(u8::is_ascii_digit).count();
    (process > 0).then_some(stamp.len() + process)
}

/// `09:14:03 UTC`.
fn clock(text: &str) -> Option<usize> {
    let form = "00:00:00 UTC";
    let same = |(byte, sample): (u8, u8)| if sample == b'0' { byte.is_ascii_digit() } else { byte == sample };
    text.get(..form.len())?.bytes().zip(form.bytes()).all(same).then_some(form.len())
}

#[test]
fn what_varies_is_replaced_and_nothing_else() {
    let mut redactions = Redactions::default();
    redactions.insert("[ROOT]", "/r");
    redactions.insert("[REPO]", "/r/repo");
    for (text, expected) in [
        ("create  .venv (python 3.12.4, uv)  38 ms\n", "create  .venv (python 3.12.4, uv)  [TIME]\n"),
        ("took 1.2 s, 12 seconds, v1 ms, 3.12 msg", "took [TIME], 12 seconds, v1 ms, 3.12 msg"),
        ("/r/repo/x and /r/x", "[REPO]/x and [ROOT]/x"),
        ("log/prime.20240131T120000Z.4711.log", "log/prime.[RUN_ID].log"),
        ("20240131T120000Z", "20240131T120000Z"),
        ("since 09:14:03 UTC, 9:14:03 UTC, 09:14:03", "since [CLOCK], 9:14:03 UTC, 09:14:03"),
    ] {
        assert_eq!(redactions.redact(text), expected);
    }
}
