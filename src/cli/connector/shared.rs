//! Manifests under one install root run in one environment: what their tables say of it is put together, so that it is made
//! once for all and none of them makes it again without what another one needs.

use super::configured::Wanted;
use crate::bootstrap::Request;
use crate::config::{ConnectorFields, Origin, Settings};
use crate::connector::choose::environment;
use crate::error::{Code, Fault, Result};
use crate::host::{Host, names};
use crate::ui::Ui;

impl Wanted {
    /// The same, with what the other tables say of the environment that it shares with them.
    ///
    /// Fails with [`Code::BadField`] where they contradict each other.
    pub(super) fn with_others(mut self, host: &Host, ui: Ui, request: &Request, settings: &Settings) -> Result<Self> {
        let dir_of = |it: &Self| environment(&it.host, ui, &it.options).ok().flatten().map(|it| it.dir());
        let shared = format!("{}{}", names::CONNECTOR_VENV_PREFIX, names::MANIFEST_RUNNER);
        let Some(dir) = dir_of(&self).filter(|dir| dir.ends_with(shared)) else { return Ok(self) };
        let own = self.options.name.clone();
        for table in settings.connectors.iter().filter(|table| table.name != own.as_str()) {
            let nothing = ConnectorFields::new(&table.name, table.origin.clone());
            let Ok(other) = Self::alone(host, request, (settings, table), nothing) else { continue };
            if dir_of(&other).is_some_and(|it| it == dir) {
                self.add(other, table)?;
            }
        }
        Ok(self)
    }

    fn add(&mut self, other: Self, table: &ConnectorFields) -> Result<()> {
        let (own, of_other) = (&mut self.options, other.options);
        let new = of_other.with.into_iter().filter(|word| !own.with.contains(word)).collect::<Vec<_>>();
        own.with.extend(new);
        match (&own.constraints, of_other.constraints) {
            (Some(own), Some(other)) if *own != other => return Err(self.contradiction("constraints", table).into()),
            (None, other) => own.constraints = other,
            _ => {}
        }
        self.others.push(format!("`{}` ({})", table.name, table.origin));
        Ok(())
    }

    fn contradiction(&self, name: &str, table: &ConnectorFields) -> Fault {
        let place = |said: Option<&Origin>| said.map_or_else(String::new, |origin| format!(" in {origin}"));
        let (one, other) = (self.fields.said(name), table.said(name));
        let message = format!(
            "`connectors.{}.{name}`{} contradicts that of `{}`{}: they run in the same environment",
            self.options.name,
            place(one.map(|it| &it.origin)),
            table.name,
            place(other.map(|it| &it.origin)),
        );
        let fault = Fault::of(Code::BadField, message).hint("say the same in both, or give one another `install_root`");
        match one.map(|it| &it.origin) {
            Some(Origin::File { source, line, .. }) => fault.at(&source.path, Some(*line)),
            _ => fault,
        }
    }
}
