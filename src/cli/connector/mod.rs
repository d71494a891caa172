//! `prime connector`: named Python applications that speak JSON lines.

use serde_json::{Value as Json, json};

use super::args::connector::{ConnectorEnsureArgs, ConnectorInstallArgs, ConnectorVersionArgs, ConnectorWhichArgs};
use super::args::{ConnectorArgs, ConnectorCommand};
use crate::bootstrap::Request;
use crate::connector::Executor;
use crate::connector::choose::Choice;
use crate::connector::registry::Registries;
use crate::error::{Fault, Kind, Result};
use crate::host::{Answer, Host, Outcome};
use crate::ui::Ui;
use crate::ui::log::{self, LogPlan};

mod boot;
mod configured;
mod drive;
mod list;
mod shared;

pub use boot::{add_facts, ensure};
use configured::{Typed, Wanted};

/// Does what a command for connectors says.
pub fn run(host: &Host, ui: Ui, request: &Request, (args, json): (&ConnectorArgs, bool)) -> Result<Outcome> {
    log::start(&LogPlan { level: ui.level(), stage: "connector", pid: host.pid, file: None })?;
    let registries = Registries::default();
    let call = Call { host, ui, request, registries: &registries, json };
    let answer = match &args.command {
        ConnectorCommand::Install(args) => call.install(args),
        ConnectorCommand::Ensure(args) => call.ensure(args),
        ConnectorCommand::Uninstall(args) => call.uninstall(args),
        ConnectorCommand::Version(args) => call.version(args),
        ConnectorCommand::List(args) => call.list(args),
        ConnectorCommand::Which(args) => call.which(args),
        ConnectorCommand::Spec(args) => call.spec(args),
        ConnectorCommand::Check(args) => call.check(args),
        ConnectorCommand::Discover(args) => call.discover(args),
        ConnectorCommand::Read(args) => call.read(args),
    };
    answer.map(Outcome::from)
}

/// One call of the program.
#[derive(Clone, Copy)]
struct Call<'a> {
    host: &'a Host,
    ui: Ui,
    request: &'a Request,
    registries: &'a Registries,
    /// Whether standard output is for a document.
    json: bool,
}

impl Call<'_> {
    fn wanted(&self, typed: Typed) -> Result<Wanted> {
        Wanted::of_command((self.host, self.ui), self.request, self.registries, typed.fields())
    }

    fn executor(&self, wanted: &Wanted) -> Result<Box<dyn Executor>> {
        self.choice(wanted).executor()
    }

    /// The same of what is installed, whatever may be wanted.
    fn installed(&self, wanted: &Wanted) -> Result<Box<dyn Executor>> {
        self.choice(wanted).installed()
    }

    fn choice<'w>(&self, wanted: &'w Wanted) -> Choice<'w>
    where
        Self: 'w,
    {
        Choice { host: &wanted.host, ui: self.ui, options: &wanted.options, registries: self.registries }
    }

    fn install(&self, args: &ConnectorInstallArgs) -> Result<Answer> {
        let wanted = self.wanted(Typed::new(&args.options))?;
        let executor = self.executor(&wanted)?;
        executor.install()?;
        Ok(Answer::data(one(&wanted, executor.as_ref())))
    }

    fn ensure(&self, args: &ConnectorEnsureArgs) -> Result<Answer> {
        let wanted = self.wanted(Typed::new(&args.options).flag("no_fix", args.no_fix))?;
        let executor = self.executor(&wanted)?;
        executor.ensure(!wanted.flag("no_fix"))?;
        Ok(Answer::data(one(&wanted, executor.as_ref())))
    }

    fn uninstall(&self, args: &ConnectorInstallArgs) -> Result<Answer> {
        let wanted = self.wanted(Typed::new(&args.options))?;
        let executor = self.installed(&wanted)?;
        executor.uninstall()?;
        Ok(Answer::data(one(&wanted, executor.as_ref())))
    }

    fn version(&self, args: &ConnectorVersionArgs) -> Result<Answer> {
        let wanted = self.wanted(Typed::new(&args.options).flag("recheck", args.recheck))?;
        let executor = self.installed(&wanted)?;
        let version = executor.version(wanted.flag("recheck"))?.ok_or_else(|| unknown(&wanted))?;
        let mut data = one(&wanted, executor.as_ref());
        data["version"] = json!(version);
        Ok(Answer::new(format!("{version}\n"), data))
    }

    fn which(&self, args: &ConnectorWhichArgs) -> Result<Answer> {
        let wanted = self.wanted(Typed::new(&args.options))?;
        let executor = self.executor(&wanted)?;
        let location = executor.location()?;
        let mut data = one(&wanted, executor.as_ref());
        data["location"] = json!(location);
        Ok(Answer::new(format!("{location}\n"), data))
    }
}

fn unknown(wanted: &Wanted) -> Fault {
    let name = &wanted.options.name;
    let message = format!("the version of connector `{name}` is not known: it is not installed, or not by `prime`");
    Fault::new(Kind::Config, message).hint(format!("`prime connector install {name}`"))
}

/// What is said of every connector: which one it is, and how it is run.
fn one(wanted: &Wanted, executor: &dyn Executor) -> Json {
    json!({ "name": wanted.options.name.as_str(), "executor": executor.kind().as_str() })
}
