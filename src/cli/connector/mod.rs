//! `prime connector`: named Python applications that speak JSON lines.

use serde_json::{Value as Json, json};

use super::args::connector::{
    ConnectorEnsureArgs, ConnectorInstallArgs, ConnectorListArgs, ConnectorVersionArgs, ConnectorWhichArgs,
};
use super::args::{ConnectorArgs, ConnectorCommand, ConnectorOptions};
use crate::bootstrap::Request;
use crate::connector::choose::{executor, installed};
use crate::connector::executor::venv::install_root;
use crate::connector::executor::venv::listing::{self, Listed};
use crate::connector::{ConnectorName, Executor, Options, Setting};
use crate::error::{Fault, Kind, Result};
use crate::host::{Answer, Host, Outcome};
use crate::ui::Ui;
use crate::ui::log::{self, LogPlan};

mod drive;

/// Does what a command for connectors says.
pub fn run(host: &Host, ui: Ui, request: &Request, (args, json): (&ConnectorArgs, bool)) -> Result<Outcome> {
    log::start(&LogPlan { level: ui.level(), stage: "connector", pid: host.pid, file: None })?;
    let call = Call { host, ui, request, json };
    let answer = match &args.command {
        ConnectorCommand::Install(args) => call.install(args),
        ConnectorCommand::Ensure(args) => call.ensure(args),
        ConnectorCommand::Uninstall(args) => call.uninstall(args),
        ConnectorCommand::Version(args) => call.version(args),
        ConnectorCommand::List(args) => Ok(call.list(args)),
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
    /// Whether standard output is for a document.
    json: bool,
}

impl Call<'_> {
    fn executor(&self, args: &ConnectorOptions) -> Result<(Box<dyn Executor>, Options)> {
        let options = options(self.request, args)?;
        Ok((executor(self.host, self.ui, &options)?, options))
    }

    /// The same of what is installed, whatever may be wanted.
    fn installed(&self, args: &ConnectorOptions) -> Result<(Box<dyn Executor>, Options)> {
        let options = options(self.request, args)?;
        Ok((installed(self.host, self.ui, &options)?, options))
    }

    fn install(&self, args: &ConnectorInstallArgs) -> Result<Answer> {
        let (executor, options) = self.executor(&args.options)?;
        executor.install()?;
        Ok(Answer::data(one(&options, executor.as_ref())))
    }

    fn ensure(&self, args: &ConnectorEnsureArgs) -> Result<Answer> {
        let (executor, options) = self.executor(&args.options)?;
        executor.ensure(!args.no_fix)?;
        Ok(Answer::data(one(&options, executor.as_ref())))
    }

    fn uninstall(&self, args: &ConnectorInstallArgs) -> Result<Answer> {
        let (executor, options) = self.installed(&args.options)?;
        executor.uninstall()?;
        Ok(Answer::data(one(&options, executor.as_ref())))
    }

    fn version(&self, args: &ConnectorVersionArgs) -> Result<Answer> {
        let (executor, options) = self.installed(&args.options)?;
        let version = executor.version(args.recheck)?.ok_or_else(|| unknown(&options))?;
        let mut data = one(&options, executor.as_ref());
        data["version"] = json!(version);
        Ok(Answer::new(format!("{version}\n"), data))
    }

    fn list(&self, args: &ConnectorListArgs) -> Answer {
        let found = listing::installed(&install_root(self.host, args.install_root.as_deref()));
        let line = |it: &Listed| {
            let version = it.version.as_deref().unwrap_or("-");
            let problem = it.problem.map(|problem| format!("  ({problem})")).unwrap_or_default();
            format!("{} {version}{problem}\n", it.name)
        };
        let text: String = found.iter().map(line).collect();
        Answer::new(text, json!({ "connectors": found.iter().map(row).collect::<Vec<_>>() }))
    }

    fn which(&self, args: &ConnectorWhichArgs) -> Result<Answer> {
        let (executor, options) = self.executor(&args.options)?;
        let location = executor.location()?;
        let mut data = one(&options, executor.as_ref());
        data["location"] = json!(location);
        Ok(Answer::new(format!("{location}\n"), data))
    }
}

/// The options as plain values.
pub fn options(request: &Request, args: &ConnectorOptions) -> Result<Options> {
    let setting = |text: &Option<String>| text.as_deref().map(Setting::parse);
    let plain = Options::new(ConnectorName::parse(&args.name)?);
    Ok(Options {
        version: args.version.clone(),
        pip_url: args.pip_url.clone(),
        use_python: setting(&args.use_python),
        install_root: args.install_root.clone(),
        local_executable: setting(&args.local_executable),
        docker_image: setting(&args.docker_image),
        use_host_network: args.use_host_network,
        source_manifest: setting(&args.source_manifest),
        install: !args.no_install,
        no_executor: args.no_executor,
        registry: args.registry.clone(),
        with: args.with.clone(),
        constraints: args.constraints.clone(),
        offline: request.offline,
        lock_timeout: request.lock_timeout.unwrap_or(plain.lock_timeout),
        ..plain
    })
}

fn unknown(options: &Options) -> Fault {
    let name = &options.name;
    let message = format!("the version of connector `{name}` is not known: it is not installed, or not by `prime`");
    Fault::new(Kind::Config, message).hint(format!("`prime connector install {name}`"))
}

fn row(it: &Listed) -> Json {
    json!({
        "name": it.name,
        "version": it.version,
        "package": it.package,
        "dir": it.dir.display().to_string(),
        "problem": it.problem,
    })
}

/// What is said of every connector: which one it is, and how it is run.
fn one(options: &Options, executor: &dyn Executor) -> Json {
    json!({ "name": options.name.as_str(), "executor": executor.kind().as_str() })
}
