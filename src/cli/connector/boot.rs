//! The connectors of a repository's configuration: made ready by a boot, and looked at by `check` and `list`.

use std::path::PathBuf;

use super::configured::{Wanted, settings};
use crate::bootstrap::Request;
use crate::bootstrap::check::{Fact, Status};
use crate::config::{ConnectorFields, Origin, Settings};
use crate::connector::Executor;
use crate::connector::choose::{environment, executor};
use crate::connector::executor::local::Local;
use crate::connector::executor::venv::Problem;
use crate::connector::method::{self, Method};
use crate::deps::Input;
use crate::error::{Fault, Result};
use crate::host::Host;
use crate::ui::Ui;

/// Makes sure of the connectors that the configuration wants to be ready, and says what has to stay as it is for that.
pub fn ensure(host: &Host, ui: Ui, request: &Request, settings: &Settings) -> Result<Vec<Input>> {
    let tables = settings.connectors.iter().filter(|table| table.flag("ensure"));
    let ensured: Result<Vec<_>> = tables.map(|table| ensure_one(host, ui, request, (settings, table))).collect();
    // Two may share an environment: what it is stands when all are ready.
    Ok(ensured?.iter().flat_map(|executor| executor.inputs()).collect())
}

fn ensure_one(host: &Host, ui: Ui, request: &Request, of: (&Settings, &ConnectorFields)) -> Result<Box<dyn Executor>> {
    let mut others = Vec::new();
    let ensured = of_table(host, ui, request, of).and_then(|wanted| {
        others.clone_from(&wanted.others);
        let executor = executor(&wanted.host, ui, &wanted.options)?;
        executor.ensure(!wanted.flag("no_fix"))?;
        Ok(executor)
    });
    ensured.map_err(|error| {
        let with =
            if others.is_empty() { String::new() } else { format!(", in one environment with {},", others.join(", ")) };
        let message = format!("connector `{}` ({}){with} cannot be made ready", of.1.name, of.1.origin);
        let fault = Fault::like(&error, message);
        error.context(fault)
    })
}

fn of_table(host: &Host, ui: Ui, request: &Request, of: (&Settings, &ConnectorFields)) -> Result<Wanted> {
    let nothing = ConnectorFields::new(&of.1.name, of.1.origin.clone());
    let mut wanted = Wanted::of_table(host, ui, request, of, nothing)?;
    wanted.options.exact = true;
    Ok(wanted)
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
    settings.connectors.iter().map(|table| look(host, ui, request, (settings, table))).collect()
}

fn look(host: &Host, ui: Ui, request: &Request, of: (&Settings, &ConnectorFields)) -> Look {
    let (status, detail, dir) =
        state(host, ui, request, of).unwrap_or_else(|error| (Status::Damaged, error.to_string(), None));
    let table = of.1;
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

fn state(host: &Host, ui: Ui, request: &Request, of: (&Settings, &ConnectorFields)) -> Result<State> {
    let Wanted { host, options, .. } = &of_table(host, ui, request, of)?;
    let ok = |detail: String| Ok((Status::Ok, detail, None));
    let way = method::named(options)?;
    match &way {
        Some(Method::Local(program)) => return Ok(of_program(Local::named(host, options, program.as_deref()))),
        Some(Method::Docker(_)) => return ok("an image; its engine is not asked".to_owned()),
        Some(Method::Nothing) => return ok("nothing is run".to_owned()),
        None if Local::on_path(host, options).is_some() && options.version.is_some() => {
            return Err(method::local_version().into());
        }
        None if Local::on_path(host, options).is_some() => return Ok(of_program(Local::named(host, options, None))),
        _ => {}
    }
    let Some(executor) = environment(host, ui, options)? else {
        return ok("an image; its engine is not asked".to_owned());
    };
    let dir = Some(executor.dir());
    let unfit = executor.unfit()?;
    let version = Executor::version(&executor, false).ok().flatten();
    let what =
        if matches!(way, Some(Method::Manifest(_))) { "what runs its manifest is installed" } else { "installed" };
    Ok(match (unfit, version) {
        (None, Some(version)) if what == "installed" => (Status::Ok, version, dir),
        (None, _) => (Status::Ok, what.to_owned(), dir),
        (Some((Problem::Missing, _)), _) => (Status::Missing, "not installed".to_owned(), dir),
        (Some((Problem::Damaged, fault)), _) => (Status::Damaged, fault.message, dir),
        (Some((Problem::Other, fault)), _) => (Status::Stale, fault.message, dir),
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
