//! Children for tests.

use super::{Cmd, Host};

/// A shell script.
pub fn shell(script: &str) -> Cmd {
    Cmd::new(&Host::default(), "/bin/sh").args(["-c", script])
}

/// What scripts know as `minute`: a child that lasts for one.
pub struct Minute(tempfile::TempDir);

impl Minute {
    /// None runs yet.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A script that may start some.
    pub fn shell(&self, script: &str) -> Cmd {
        shell(&format!("minute() {{ sleep 60 && echo >over; }}; {script}")).current_dir(self.0.path())
    }

    /// Whether somebody waited for one.
    pub fn is_over(&self) -> bool {
        self.0.path().join("over").exists()
    }
}
