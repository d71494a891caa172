//! What a connector says beside its data: its log, its errors, and whatever it writes that is no message.

use std::collections::VecDeque;

use super::config::Secrets;
use super::protocol::{TraceError, log_text, trace_error};
use crate::error::{Fault, Kind};

/// How much of its standard error is kept.
const KEPT_BYTES: usize = 16 * 1024;
/// How many of its errors are kept.
const KEPT_ERRORS: usize = 10;
/// How many of the lines that are no messages are told of in the log.
const TOLD_LINES: u64 = 10;

/// What a connector said, without secrets; it goes to the log as it comes.
#[derive(Default)]
pub struct Talk {
    secrets: Secrets,
    errors: Vec<TraceError>,
    strays: u64,
    has_changed_config: bool,
}

impl Talk {
    /// Nothing yet.
    pub fn new(secrets: Secrets) -> Self {
        Self { secrets, ..Self::default() }
    }

    /// Takes a LOG message.
    pub fn log(&self, line: &[u8]) {
        if let Some((level, message)) = log_text(line) {
            let message = self.secrets.scrub(&message);
            match level.as_str() {
                "DEBUG" | "TRACE" => tracing::debug!("connector: {message}"),
                "INFO" => tracing::info!("connector: {message}"),
                _ => tracing::info!("connector: {level}: {message}"),
            }
        }
    }

    /// Takes a TRACE message.
    pub fn trace(&mut self, line: &[u8]) {
        let Some(mut error) = trace_error(line) else { return };
        error.message = self.secrets.scrub(&error.message);
        error.internal_message = error.internal_message.map(|it| self.secrets.scrub(&it));
        tracing::info!("connector: error: {}", error.message);
        self.errors.push(error);
        let surplus = self.errors.len().saturating_sub(KEPT_ERRORS);
        self.errors.drain(..surplus);
    }

    /// Takes a CONTROL message: nobody is there to take what it says.
    pub fn control(&mut self) {
        self.has_changed_config = true;
    }

    /// Whether the connector wants its configuration changed.
    pub fn has_changed_config(&self) -> bool {
        self.has_changed_config
    }

    /// Takes a line that is no message.
    pub fn stray(&mut self, line: &[u8]) {
        self.strays += 1;
        if self.strays <= TOLD_LINES {
            tracing::info!("connector: no message: {}", self.secrets.scrub(&String::from_utf8_lossy(line)));
        }
    }

    /// How many lines were no messages.
    pub fn strays(&self) -> u64 {
        self.strays
    }

    /// The errors that it spoke of.
    pub fn errors(&self) -> &[TraceError] {
        &self.errors
    }

    /// The failure of a connector that ended like this, with what it said of it.
    pub fn failure(&self, what: &str, end: &str, stderr: &Stderr) -> anyhow::Error {
        let kind = match self.errors.last().and_then(|error| error.failure_type.as_deref()) {
            Some("config_error") => Kind::Config,
            Some("transient_error") => Kind::TryAgain,
            _ => Kind::Unavailable,
        };
        let mut lines: Vec<String> = Vec::new();
        for error in &self.errors {
            lines.push(error.message.clone());
            lines.extend(error.internal_message.iter().filter(|it| **it != error.message).cloned());
        }
        lines.extend(Some(stderr.text(&self.secrets)).filter(|text| !text.is_empty()));
        let fault = Fault::new(kind, format!("{what} failed: {end}"));
        if lines.is_empty() {
            return fault.hint("`-v` shows what it logs").into();
        }
        anyhow::anyhow!(lines.join("\n")).context(fault)
    }
}

/// The last of what a connector wrote to its standard error.
#[derive(Debug, Default)]
pub struct Stderr {
    kept: VecDeque<u8>,
    is_cut: bool,
}

impl Stderr {
    /// Takes what came.
    pub fn take(&mut self, bytes: &[u8]) {
        self.kept.extend(bytes);
        let surplus = self.kept.len().saturating_sub(KEPT_BYTES);
        self.kept.drain(..surplus);
        self.is_cut |= surplus > 0;
    }

    /// It as text, without secrets and terminal controls. A line whose beginning is not kept is left out: it may begin with
    /// the rest of a secret, which nothing would find.
    pub fn text(&self, secrets: &Secrets) -> String {
        let rest_of_line = if self.is_cut { self.kept.iter().take_while(|byte| **byte != b'\n').count() } else { 0 };
        let bytes: Vec<u8> = self.kept.iter().skip(rest_of_line).copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        secrets.scrub(anstream::adapter::strip_str(text.trim()).to_string().trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_what_the_connector_said_of_it() {
        let mut talk = Talk::default();
        let line = |kind: &str, text: &str| {
            format!(
                r#"{{"type":"TRACE","trace":{{"type":"ERROR","error":{{"message":"{text}","failure_type":"{kind}"}}}}}}"#
            )
        };
        talk.trace(line("system_error", "first").as_bytes());
        talk.trace(line("config_error", "second").as_bytes());
        let mut stderr = Stderr::default();
        stderr.take(&b"xxxxxxx\n".repeat(KEPT_BYTES / 4));
        stderr.take(b"\x1b[31mTraceback\x1b[0m\n");
        let error = talk.failure("`read` of `source-x`", "exit status 1", &stderr);
        let fault = error.downcast_ref::<Fault>().unwrap();
        assert_eq!((fault.kind, fault.message.as_str()), (Kind::Config, "`read` of `source-x` failed: exit status 1"));
        let text = format!("{error:#}");
        assert!(text.contains("first\nsecond\nxxx") && text.ends_with("\nTraceback"), "{text}");
        assert!(text.len() < KEPT_BYTES + 200);
    }

    #[test]
    fn a_secret_that_is_cut_is_not_shown_in_part() {
        let mut secrets = Secrets::default();
        secrets.add("hidden-t0ken");
        for cut in 0..="hidden-t0ken".len() {
            let mut stderr = Stderr::default();
            stderr.take(b"key hidden-t0ken\n");
            stderr.take(&vec![b'x'; KEPT_BYTES - cut]);
            assert_eq!(stderr.text(&secrets).trim_start_matches('x'), "", "{cut}");
        }
        let mut whole = Stderr::default();
        whole.take(b"key hidden-t0ken");
        assert_eq!(whole.text(&secrets), "key ****");
    }
}
