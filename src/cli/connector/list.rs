//! `prime connector list`: what is installed, and what the repository's configuration names.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::Call;
use super::boot::{Look, looks};
use super::configured::settings;
use crate::bootstrap::check::Status;
use crate::cli::args::connector::ConnectorListArgs;
use crate::connector::executor::venv::install_root;
use crate::connector::executor::venv::listing::{self, Listed};
use crate::error::Result;
use crate::host::Answer;

/// A connector: its environment, its table, or both.
struct Row {
    name: String,
    installed: Option<Listed>,
    configured: Option<Look>,
}

impl Call<'_> {
    /// `list`. With an install root that is typed only what is in that one.
    pub fn list(&self, args: &ConnectorListArgs) -> Result<Answer> {
        let root = install_root(self.host, args.install_root.as_deref());
        let mut rows: Vec<Row> = listing::installed(&root).into_iter().map(Row::installed).collect();
        let settings = if args.install_root.is_some() { None } else { settings(self.host, self.request)? };
        for look in settings.iter().flat_map(|settings| looks(self.host, self.ui, self.request, settings)) {
            let dir = look.dir.clone();
            let is_it = |row: &&mut Row| row.installed.as_ref().is_some_and(|it| dir.as_deref() == Some(&it.dir));
            match rows.iter_mut().find(is_it) {
                Some(row) => row.configured = Some(look),
                None => rows.push(Row::configured(look)),
            }
        }
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        let text: String = rows.iter().map(Row::line).collect();
        Ok(Answer::new(text, json!({ "connectors": rows.iter().map(Row::json).collect::<Vec<_>>() })))
    }
}

impl Row {
    fn installed(listed: Listed) -> Self {
        Self { name: listed.name.clone(), installed: Some(listed), configured: None }
    }

    fn configured(look: Look) -> Self {
        let own = |dir: &Path| listing::look(dir.parent()?, &look.name).filter(|it| it.dir == dir);
        Self { name: look.name.clone(), installed: look.dir.as_deref().and_then(own), configured: Some(look) }
    }

    /// What is wrong with it, or how it is run where that is not by an environment of its own.
    fn remark(&self) -> Option<String> {
        if let Some(problem) = self.installed.as_ref().and_then(|it| it.problem) {
            return Some(problem.to_owned());
        }
        let look = self.configured.as_ref()?;
        (self.installed.is_none() || look.status != Status::Ok).then(|| look.detail.clone())
    }

    fn line(&self) -> String {
        let version = self.installed.as_ref().and_then(|it| it.version.as_deref()).unwrap_or("-");
        let place = self.configured.as_ref().map(|it| it.origin.to_string());
        let remarks: Vec<String> = self.remark().into_iter().chain(place).collect();
        let remarks = if remarks.is_empty() { String::new() } else { format!("  ({})", remarks.join("; ")) };
        format!("{} {version}{remarks}\n", self.name)
    }

    fn json(&self) -> Json {
        let (listed, look) = (self.installed.as_ref(), self.configured.as_ref());
        let dir = listed.map(|it| &it.dir).or(look.and_then(|it| it.dir.as_ref()));
        json!({
            "name": self.name,
            "version": listed.and_then(|it| it.version.clone()),
            "package": listed.and_then(|it| it.package.clone()),
            "dir": dir.map(|dir| dir.display().to_string()),
            "problem": listed.and_then(|it| it.problem),
            "configured": look.map(|it| it.origin.to_string()),
            "status": look.map(|it| it.status.name()),
            "detail": look.map(|it| it.detail.clone()),
            "ensure": look.map(|it| it.is_ensured),
        })
    }
}
