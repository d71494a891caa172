//! The connectors of a repository's configuration: made ready by a boot, and looked at by `check` and `list`.

use std::path::PathBuf;

use super::configured::settings;
use super::shared::Tables;
use crate::bootstrap::Request;
use crate::bootstrap::check::{Fact, Status};
use crate::config::{ConnectorFields, Origin, Settings};
use crate::connector::Executor;
use crate::connector::choose::Way;
use crate::connector::executor::local::Local;
use crate::connector::executor::venv::Problem;
use crate::connector::registry::Registries;
use crate::deps::Input;
use crate::error::{Fault, Result};
use crate::host::Host;
use crate::ui::Ui;

/// Makes sure of the connectors that the configuration wants to be ready, and says what has to stay as it is for that.
pub fn ensure(host: &Host, ui: Ui, request: &Request, settings: &Settings) -> Result<Vec<Input>> {
    let registries = Registries::default();
    let tables = Tables::new((host, ui), request, settings, &registries);
    let to_ensure = tables.each().filter(|table| table.flag("ensure"));
    let ensured: Result<Vec<_>> = to_ensure.map(|table| ensure_one(&tables, table)).collect();
    // Two may share an environment: what it is stands when all are ready.
    Ok(ensured?.iter().flat_map(|executor| executor.inputs()).collect())
}

fn ensure_one(tables: &Tables<'_>, table: &ConnectorFields) -> Result<Box<dyn Executor>> {
    let mut others = Vec::new();
    let ensured = tables.exactly(table).and_then(|wanted| {
        others.clone_from(&wanted.others);
        let executor = tables.choice(&wanted).executor()?;
        executor.ensure(!wanted.flag("no_fix"))?;
        Ok(executor)
    });
    ensured.map_err(|error| {
        let with =
            if others.is_empty() { String::new() } else { format!(", in one environment with {},", others.join(", ")) };
        let message = format!("connector `{}` ({}){with} cannot be made ready", table.name, table.origin);
        let fault = Fault::like(&error, message);
        error.context(fault)
    })
}

/// A connector that the configuration names, as far as a look tells.
pub struct Look {
    /// Its name.
    pub name: String,
    /// Where it is named.
    pub origin: Origin,
    /// Whether a boot makes sure of it.
    pub is_ensured: bool,
    /// How it is.
    pub status: Status,
    /// What is known of it, for people.
    pub detail: String,
    /// Its environment, where it is to have one.
    pub dir: Option<PathBuf>,
}

/// Looks at all connectors that the configuration names, without starting, fetching or changing anything.
pub fn looks(host: &Host, ui: Ui, request: &Request, settings: &Settings) -> Vec<Look> {
    let registries = Registries::default();
    let tables = Tables::new((host, ui), request, settings, &registries);
    tables.each().map(|table| look(&tables, table)).collect()
}

fn look(tables: &Tables<'_>, table: &ConnectorFields) -> Look {
    let (status, detail, dir) = state(tables, table).unwrap_or_else(|error| (Status::Damaged, error.to_string(), None));
    Look {
        name: table.name.clone(),
        origin: table.origin.clone(),
        is_ensured: table.flag("ensure"),
        status,
        detail,
        dir,
    }
}

type State = (Status, String, Option<PathBuf>);

fn state(tables: &Tables<'_>, table: &ConnectorFields) -> Result<State> {
    let wanted = tables.exactly(table)?;
    let choice = tables.choice(&wanted);
    let way = choice.look()?;
    if let Way::Local(program) = &way {
        return Ok(of_program(Local::named(&wanted.host, &wanted.options, program.as_deref())));
    }
    let Some(executor) = choice.environment(&way) else {
        let what = if matches!(way, Way::Nothing) { "nothing is run" } else { "an image; its engine is not asked" };
        return Ok((Status::Ok, what.to_owned(), None));
    };
    let (dir, unfit) = (Some(executor.dir()), executor.unfit()?);
    let version = || Executor::version(&executor, false).ok().flatten().unwrap_or_else(|| "installed".to_owned());
    Ok(match unfit {
        None if matches!(way, Way::Manifest(_)) => (Status::Ok, "what runs its manifest is installed".to_owned(), dir),
        None => (Status::Ok, version(), dir),
        Some((Problem::Missing, _)) => (Status::Missing, "not installed".to_owned(), dir),
        Some((Problem::Damaged, fault)) => (Status::Damaged, fault.message, dir),
        Some((Problem::Other, fault)) => (Status::Stale, fault.message, dir),
    })
}

fn of_program(program: Result<Local>) -> State {
    match program.and_then(|it| Executor::location(&it)) {
        Ok(path) => (Status::Ok, format!("`{path}`"), None),
        Err(error) => (Status::Missing, error.to_string(), None),
    }
}

/// Adds the facts of `prime check`. One that no boot makes sure of is as it should be in any case.
pub fn add_facts(host: &Host, ui: Ui, request: &Request, facts: &mut Vec<Fact>) {
    // What is wrong with the configuration was told.
    let Ok(Some(settings)) = settings(host, request) else { return };
    let ref_root = &settings.ref_root_dir.value;
    for look in looks(host, ui, request, &settings) {
        // What has become of its files is told with it.
        let is_of_it = |fact: &Fact| look.dir.as_ref().is_some_and(|dir| ref_root.join(&fact.name).starts_with(dir));
        let is_told = look.is_ensured && look.status != Status::Ok;
        facts.retain(|fact| !(is_told && fact.subject == "input" && is_of_it(fact)));
        facts.push(fact(look));
    }
}

fn fact(look: Look) -> Fact {
    match look.status {
        Status::Ok => Fact::new("connector", look.name, Status::Ok, look.detail),
        _ if !look.is_ensured => {
            let detail = format!("{}; no boot makes sure of it (`ensure`)", look.detail);
            Fact::new("connector", look.name, Status::Ok, detail)
        }
        status => Fact::new("connector", look.name, status, look.detail).action("install it"),
    }
}
