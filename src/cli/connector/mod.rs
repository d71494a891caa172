//! `prime connector`: named Python applications that speak JSON lines.

use serde_json::{Value as Json, json};

use super::args::connector::{
    ConnectorEnsureArgs, ConnectorInstallArgs, ConnectorListArgs, ConnectorVersionArgs, ConnectorWhichArgs,
};
use super::args::{ConnectorArgs, ConnectorCommand, ConnectorOptions};
use crate::bootstrap::Request;
use crate::connector::choose::{executor, installed};
use crate::connector::executor::venv::{install_root, listing};
use crate::connector::{ConnectorName, Executor, Options, Setting};
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, Outcome};
use crate::ui::log::{self, LogPlan};
use crate::ui::{self, Ui};

mod drive;

/// What `--json` says of itself; counted up when a key changes its meaning.
const SCHEMA: u32 = 1;

/// Does what a command for connectors says.
pub fn run(host: &Host, ui: Ui, request: &Request, args: &ConnectorArgs) -> Result<Outcome> {
    log::start(&LogPlan { level: ui.level(), stage: "connector", pid: host.pid, file: None })?;
    let call = Call { host, ui, request };
    match &args.command {
        ConnectorCommand::Install(args) => call.install(args)?,
        ConnectorCommand::Ensure(args) => call.ensure(args)?,
        ConnectorCommand::Uninstall(args) => call.uninstall(args)?,
        ConnectorCommand::Version(args) => call.version(args)?,
        ConnectorCommand::List(args) => call.list(args),
        ConnectorCommand::Which(args) => call.which(args)?,
        ConnectorCommand::Spec(args) => return call.spec(args),
        ConnectorCommand::Check(args) => return call.check(args),
        ConnectorCommand::Discover(args) => return call.discover(args),
        ConnectorCommand::Read(args) => return call.read(args),
    }
    Ok(Outcome::Exit(0))
}

/// One call of the program.
#[derive(Clone, Copy)]
struct Call<'a> {
    host: &'a Host,
    ui: Ui,
    request: &'a Request,
}

impl Call<'_> {
    fn install(&self, args: &ConnectorInstallArgs) -> Result<()> {
        executor(self.host, self.ui, &options(self.request, &args.options)?)?.install()
    }

    fn ensure(&self, args: &ConnectorEnsureArgs) -> Result<()> {
        executor(self.host, self.ui, &options(self.request, &args.options)?)?.ensure(!args.no_fix)
    }

    fn uninstall(&self, args: &ConnectorInstallArgs) -> Result<()> {
        installed(self.host, self.ui, &options(self.request, &args.options)?)?.uninstall()
    }

    fn version(&self, args: &ConnectorVersionArgs) -> Result<()> {
        let options = options(self.request, &args.options)?;
        let executor = installed(self.host, self.ui, &options)?;
        let version = executor.version(args.recheck)?.ok_or_else(|| unknown(&options))?;
        if args.json {
            print(&one(&options, executor.as_ref(), json!({ "version": version })));
        } else {
            ui::data(&format!("{version}\n"));
        }
        Ok(())
    }

    fn list(&self, args: &ConnectorListArgs) {
        let found = listing::installed(&install_root(self.host, args.install_root.as_deref()));
        if args.json {
            let rows: Vec<Json> = found.iter().map(row).collect();
            print(&document("list", &json!({ "connectors": rows })));
            return;
        }
        for it in &found {
            let version = it.version.as_deref().unwrap_or("-");
            let problem = it.problem.map(|problem| format!("  ({problem})")).unwrap_or_default();
            ui::data(&format!("{} {version}{problem}\n", it.name));
        }
    }

    fn which(&self, args: &ConnectorWhichArgs) -> Result<()> {
        let options = options(self.request, &args.options)?;
        let executor = executor(self.host, self.ui, &options)?;
        let location = executor.location()?;
        if args.json {
            print(&one(&options, executor.as_ref(), json!({ "location": location })));
        } else {
            ui::data(&format!("{location}\n"));
        }
        Ok(())
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

fn row(it: &listing::Listed) -> Json {
    json!({
        "name": it.name,
        "version": it.version,
        "package": it.package,
        "dir": it.dir.display().to_string(),
        "problem": it.problem,
    })
}

fn one(options: &Options, executor: &dyn Executor, more: Json) -> Json {
    let mut data = json!({ "name": options.name.as_str(), "executor": executor.kind().as_str() });
    if let (Some(data), Json::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    document("connector", &data)
}

fn document(command: &str, data: &Json) -> Json {
    json!({ "schema": SCHEMA, "command": command, "status": "ok", "exit_code": 0, "data": data })
}

fn print(document: &Json) {
    ui::data(&format!("{document:#}\n"));
}
