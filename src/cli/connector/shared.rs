//! The tables of a configuration as one call looks at them, so that what they have in common is looked at once.
//!
//! That is the registry, and the environment in which all manifests under one install root run: what their tables say of it
//! is put together, so that it is made once for all and none of them makes it again without what another one needs.

use std::cell::OnceCell;
use std::path::PathBuf;

use super::configured::Wanted;
use crate::bootstrap::Request;
use crate::config::{ConnectorFields, Origin, Settings};
use crate::connector::choose::Choice;
use crate::connector::registry::Registries;
use crate::error::{Code, Fault, Result};
use crate::host::{Host, names};
use crate::ui::Ui;

/// The tables of a configuration.
pub struct Tables<'a> {
    host: &'a Host,
    ui: Ui,
    request: &'a Request,
    settings: &'a Settings,
    registries: &'a Registries,
    alone: OnceCell<Vec<Alone<'a>>>,
}

/// A table by itself, with the environment that runs its connector.
struct Alone<'a> {
    table: &'a ConnectorFields,
    wanted: Wanted,
    dir: Option<PathBuf>,
}

impl<'a> Tables<'a> {
    /// Those of this configuration.
    pub fn new(
        (host, ui): (&'a Host, Ui),
        request: &'a Request,
        settings: &'a Settings,
        registries: &'a Registries,
    ) -> Self {
        Self { host, ui, request, settings, registries, alone: OnceCell::new() }
    }

    /// Each of them.
    pub fn each(&self) -> impl Iterator<Item = &'a ConnectorFields> + use<'a> {
        self.settings.connectors.iter()
    }

    /// The connector of a table as it is to be by that alone: nothing else is said of it, and nothing holds of earlier.
    pub fn exactly(&self, table: &ConnectorFields) -> Result<Wanted> {
        let mut wanted = self.wanted(table, ConnectorFields::new(&table.name, table.origin.clone()))?;
        wanted.options.exact = true;
        Ok(wanted)
    }

    /// The connector of a table; what is said besides wins. What the other tables say of an environment that it shares with
    /// them is put to it.
    ///
    /// Fails with [`Code::BadField`] where they contradict each other.
    pub fn wanted(&self, table: &ConnectorFields, said: ConnectorFields) -> Result<Wanted> {
        let mut wanted = Wanted::alone(self.host, self.request, (self.settings, table), said)?;
        let shared = format!("{}{}", names::CONNECTOR_VENV_PREFIX, names::MANIFEST_RUNNER);
        let Some(dir) = self.dir_of(&wanted).filter(|dir| dir.ends_with(shared)) else { return Ok(wanted) };
        let is_other = |it: &&Alone<'_>| it.table.name != table.name && it.dir.as_ref() == Some(&dir);
        for other in self.alone().iter().filter(is_other) {
            wanted.add(&other.wanted, other.table)?;
        }
        Ok(wanted)
    }

    /// How the way of a connector is chosen.
    pub fn choice<'w>(&self, wanted: &'w Wanted) -> Choice<'w>
    where
        'a: 'w,
    {
        Choice { host: &wanted.host, ui: self.ui, options: &wanted.options, registries: self.registries }
    }

    fn dir_of(&self, wanted: &Wanted) -> Option<PathBuf> {
        let choice = self.choice(wanted);
        choice.look().ok().and_then(|way| choice.environment(&way)).map(|it| it.dir())
    }

    fn alone(&self) -> &[Alone<'a>] {
        let alone = |table: &'a ConnectorFields| {
            let nothing = ConnectorFields::new(&table.name, table.origin.clone());
            let wanted = Wanted::alone(self.host, self.request, (self.settings, table), nothing).ok()?;
            Some(Alone { table, dir: self.dir_of(&wanted), wanted })
        };
        self.alone.get_or_init(|| self.each().filter_map(alone).collect())
    }
}

impl Wanted {
    fn add(&mut self, other: &Self, table: &ConnectorFields) -> Result<()> {
        let (own, of_other) = (&mut self.options, &other.options);
        let new = of_other.with.iter().filter(|word| !own.with.contains(word)).cloned().collect::<Vec<_>>();
        own.with.extend(new);
        match (&own.constraints, &of_other.constraints) {
            (Some(own), Some(other)) if own != other => return Err(self.contradiction("constraints", table).into()),
            (None, other) => own.constraints.clone_from(other),
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
        fault.about(one.and_then(|it| it.origin.place()))
    }
}
