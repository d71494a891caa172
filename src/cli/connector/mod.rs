//! `prime connector`: named Python applications that speak JSON lines.

use crate::bootstrap::Request;
use crate::connector::choose::executor;
use crate::connector::{ConnectorName, Options, Setting};
use crate::error::{Fault, Kind, Result};
use crate::host::{Host, Outcome};
use crate::ui::Ui;
use crate::ui::log::{self, LogPlan};

mod drive;

use drive::Desk;

use super::args::{ConnectorArgs, ConnectorCommand, ConnectorOptions};

/// Does what a command for connectors says.
pub fn run(host: &Host, ui: Ui, request: &Request, args: &ConnectorArgs) -> Result<Outcome> {
    log::start(&LogPlan { level: ui.level(), stage: "connector", pid: host.pid, file: None })?;
    let desk = Desk { host, ui, request };
    match &args.command {
        ConnectorCommand::Which(args) => {
            let options = options(request, &args.options)?;
            let executor = executor(host, ui, &options)?;
            crate::ui::data(&format!("{}\n", executor.location()?));
            Ok(Outcome::Exit(0))
        }
        ConnectorCommand::Spec(args) => desk.spec(args),
        ConnectorCommand::Check(args) => desk.check(args),
        ConnectorCommand::Discover(args) => desk.discover(args),
        ConnectorCommand::Read(args) => desk.read(args),
        _ => Err(Fault::new(Kind::Bug, "not yet").into()),
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
