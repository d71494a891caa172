//! What the command line and the repository's configuration say of a connector, put together.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::args::{ConnectorOptions, ConnectorReadArgs, RecordFormat};
use super::shared::Tables;
use crate::bootstrap::Request;
use crate::config::fields::FIELDS;
use crate::config::{self, Broken, ConnectorFields, Field, Origin, Said, Settings, discover};
use crate::connector::catalog::Selection;
use crate::connector::config::ConnectorConfig;
use crate::connector::executor::venv::requirement;
use crate::connector::method;
use crate::connector::registry::Registries;
use crate::connector::{ConnectorName, Options, Setting};
use crate::deps::requirement_path;
use crate::error::{Code, Fault, Kind, Result, code_of};
use crate::host::Host;
use crate::ui::Ui;

/// A connector as it is wanted.
pub struct Wanted {
    /// This process; where the configuration names the connector, as seen from the ref root.
    pub host: Host,
    /// Which one, and how it is run.
    pub options: Options,
    /// The other tables whose connectors run in the same environment.
    pub(super) others: Vec<String>,
    pub(super) fields: ConnectorFields,
}

/// The configuration of the repository, where there is one, as far as connectors are concerned.
///
/// Fails where it cannot be read, or what is wrong with it may be about connectors.
pub fn settings(host: &Host, request: &Request) -> Result<Option<Settings>> {
    let repo = match discover(host, request.repo.as_deref()) {
        Ok(repo) => repo,
        Err(error) if request.repo.is_none() && code_of(&error) == Code::NoRepository => return Ok(None),
        Err(error) => return Err(error),
    };
    let evaluated = config::evaluate(host, &repo, &request.selection);
    let is_others = |name: &str| name != "connectors" && FIELDS.iter().any(|field| field.name == name);
    let concerns = |broken: &Broken| {
        let is_typed = broken.fault.kind == Kind::Usage;
        is_typed || broken.field.as_deref().is_none_or(|name| !is_others(name))
    };
    match evaluated.faults.into_iter().find(concerns) {
        Some(broken) => Err(broken.fault.into()),
        None => Ok(Some(evaluated.settings)),
    }
}

impl Wanted {
    /// The connector that the command line names, with what the configuration of the repository says of it.
    pub fn of_command(
        (host, ui): (&Host, Ui),
        request: &Request,
        registries: &Registries,
        said: ConnectorFields,
    ) -> Result<Self> {
        ConnectorName::parse(&said.name)?;
        let settings = settings(host, request)?;
        let table = settings.as_ref().and_then(|it| it.connectors.iter().find(|table| table.name == said.name));
        match (table, &settings) {
            (Some(table), Some(settings)) => Tables::new((host, ui), request, settings, registries).wanted(table, said),
            _ => Self::new(host, &host.current_dir, request, said),
        }
    }

    /// The connector of a table, whatever other tables say; what is said besides wins.
    pub(super) fn alone(
        host: &Host,
        request: &Request,
        (settings, table): (&Settings, &ConnectorFields),
        said: ConnectorFields,
    ) -> Result<Self> {
        let ref_root = &settings.ref_root_dir.value;
        let mut fields = table.clone().merge(said.seen_from(&host.current_dir));
        fields.settle();
        let install_root = fields.install_root(host, ref_root);
        fields.say("install_root", Field::Value(config::Setting::default_value(Said::Path(install_root))));
        Self::new(host, ref_root, request, fields)
    }

    /// What is said, with each path in the requirements seen from where that was said: the ref root, or where one is.
    fn new(host: &Host, ref_root: &Path, request: &Request, fields: ConnectorFields) -> Result<Self> {
        let is_typed = |name| fields.said(name).is_some_and(|it| matches!(it.origin, Origin::Argument(_)));
        let base = |name| if is_typed(name) { host.current_dir.as_path() } else { ref_root };
        let mut options = options(request, &fields)?;
        options.pip_url = options.pip_url.map(|text| requirement::seen_from(&text, base("pip_url")));
        options.with = requirement_path::seen_from(&options.with, base("with"));
        if let (Err(fault), Some(fault_of_table)) = (method::named(&options), contradiction(&fields)) {
            return Err(fault_of_table(&fault).into());
        }
        // The tool finds its own settings from where it is started.
        let decides = if fields.said("pip_url").is_some() { "pip_url" } else { "with" };
        let host = Host { current_dir: base(decides).to_owned(), ..host.clone() };
        Ok(Self { host, options, others: Vec::new(), fields })
    }

    /// Whether something is to be done, or left, each time.
    pub fn flag(&self, name: &str) -> bool {
        self.fields.flag(name)
    }

    /// The path that a field names, absolute or seen from the current directory.
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.fields.path(name)
    }

    /// The connector's configuration.
    pub fn config(&self) -> Result<ConnectorConfig> {
        let missing = || {
            let hint = "give it with `--config FILE`, `--config -` for standard input, or `--config '{…}'`; or as `config` in the \
                        connector's table in `prime.toml`";
            Fault::new(Kind::Usage, "the connector's configuration is missing").hint(hint)
        };
        let said = self.fields.said("config").ok_or_else(missing)?;
        match &said.value {
            Said::Table(table) => {
                let origin = format!("`connectors.{}.config` in {}", self.options.name, said.origin);
                ConnectorConfig::from_value(&self.host, &origin, table.clone())
            }
            Said::Text(given) => ConnectorConfig::load(&self.host, given),
            _ => Err(missing().into()),
        }
    }

    /// The streams that are selected.
    pub fn streams(&self) -> Option<Selection> {
        match self.fields.value("streams")? {
            Said::Text(text) => Some(Selection::parse(text)),
            Said::List(names) if names.as_slice() == ["*"] => Some(Selection::All),
            Said::List(names) => Some(Selection::Named(names.iter().cloned().collect::<BTreeSet<_>>())),
            _ => None,
        }
    }

    /// At most this many records of each stream.
    pub fn limit(&self) -> Option<u64> {
        match self.fields.value("limit")? {
            Said::Count(count) => Some(*count),
            _ => None,
        }
    }

    /// How records are written, where it is said.
    pub fn format(&self) -> Option<&str> {
        self.fields.text("format")
    }
}

/// How a fault of the options is told where all that they contradict each other by stands in a file. The faults of fields
/// alone were found with the configuration; what is left is a version with an image that has one.
fn contradiction(fields: &ConnectorFields) -> Option<impl Fn(&Fault) -> Fault + use<'_>> {
    let of_file = |name| fields.said(name).filter(|it| matches!(it.origin, Origin::File { .. }));
    let (version, image) = (of_file("version")?, of_file("docker_image")?);
    Some(move |fault: &Fault| {
        let (name, place, other) = (&fields.name, &version.origin, &image.origin);
        let message =
            format!("`connectors.{name}.version` in {place} excludes `docker_image` in {other}: {}", fault.message);
        Fault::of(Code::BadField, message).hint("keep one of them, or leave out the tag").about(place.place())
    })
}

/// How a connector is run, as plain values.
fn options(request: &Request, fields: &ConnectorFields) -> Result<Options> {
    let text = |name| fields.text(name).map(str::to_owned);
    let switch = |name| match fields.value(name)? {
        Said::Flag(true) => Some(Setting::Yes),
        Said::Flag(false) => Some(Setting::No),
        Said::Text(text) => Some(Setting::parse(text)),
        _ => None,
    };
    let path = |name| fields.path(name).map(Path::to_owned);
    let plain = Options::new(ConnectorName::parse(&fields.name)?);
    Ok(Options {
        version: text("version"),
        pip_url: text("pip_url"),
        use_python: switch("use_python"),
        install_root: path("install_root"),
        local_executable: switch("local_executable"),
        docker_image: switch("docker_image"),
        use_host_network: fields.flag("use_host_network"),
        source_manifest: switch("source_manifest"),
        install: !fields.flag("no_install"),
        no_executor: fields.flag("no_executor"),
        registry: match fields.value("registry") {
            Some(Said::Flag(false)) => Some("false".to_owned()),
            _ => text("registry"),
        },
        with: match fields.value("with") {
            Some(Said::List(words)) => words.clone(),
            _ => Vec::new(),
        },
        constraints: path("constraints"),
        offline: request.offline,
        lock_timeout: request.lock_timeout.unwrap_or(plain.lock_timeout),
        ..plain
    })
}

/// What the command line says.
pub struct Typed(ConnectorFields);

impl Typed {
    /// The options that every command has.
    pub fn new(args: &ConnectorOptions) -> Self {
        let typed = Self(ConnectorFields::new(&args.name, Origin::Argument("NAME".to_owned())));
        let switch = |text: &Option<String>| {
            text.as_deref().map(|text| match Setting::parse(text) {
                Setting::Yes => Said::Flag(true),
                Setting::No => Said::Flag(false),
                Setting::Text(text) => Said::Text(text),
            })
        };
        typed
            .text("version", args.version.as_deref())
            .text("pip_url", args.pip_url.as_deref())
            .said("use_python", switch(&args.use_python))
            .path("install_root", args.install_root.as_deref())
            .said("local_executable", switch(&args.local_executable))
            .said("docker_image", switch(&args.docker_image))
            .flag("use_host_network", args.use_host_network)
            .said("source_manifest", switch(&args.source_manifest))
            .flag("no_install", args.no_install)
            .flag("no_executor", args.no_executor)
            .said("registry", args.registry.clone().map(Said::Text))
            .said("with", (!args.with.is_empty()).then(|| Said::List(args.with.clone())))
            .path("constraints", args.constraints.as_deref())
    }

    /// The same, with the options of `read`.
    pub fn reading(self, args: &ConnectorReadArgs) -> Self {
        let format = args.format.map(|format| match format {
            RecordFormat::Jsonl => "jsonl",
            RecordFormat::Csv => "csv",
        });
        self.config(args.config.as_deref())
            .text("streams", args.streams.as_deref())
            .path("state", args.state.as_deref())
            .path("state_out", args.state_out.as_deref())
            .path("catalog", args.catalog.as_deref())
            .said("limit", args.limit.map(Said::Count))
            .flag("full_refresh", args.full_refresh)
            .text("format", format)
            .path("output", args.output.as_deref())
    }

    /// The same, with a connector's configuration.
    pub fn config(self, config: Option<&str>) -> Self {
        self.said("config", config.map(|text| Said::Text(text.to_owned())))
    }

    /// The same, with a yes or no.
    pub fn flag(self, name: &'static str, flag: Option<bool>) -> Self {
        self.said(name, flag.map(Said::Flag))
    }

    /// What is said.
    pub fn fields(self) -> ConnectorFields {
        self.0
    }

    fn path(self, name: &'static str, path: Option<&Path>) -> Self {
        self.said(name, path.map(|path| Said::Path(path.to_owned())))
    }

    /// An empty text is as good as none, and better than the configuration's.
    fn text(mut self, name: &'static str, text: Option<&str>) -> Self {
        if text == Some("") {
            self.0.say(name, Field::Null(origin(name)));
            return self;
        }
        self.said(name, text.map(|text| Said::Text(text.to_owned())))
    }

    fn said(mut self, name: &'static str, said: Option<Said>) -> Self {
        if let Some(said) = said {
            self.0.say(name, Field::Value(config::Setting::new(said, origin(name))));
        }
        self
    }
}

fn origin(name: &str) -> Origin {
    Origin::Argument(format!("--{}", name.replace('_', "-")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use crate::cli::args::Cli;
    use crate::config::fields::CONNECTOR_FIELDS;

    #[test]
    fn every_option_of_every_command_is_a_field_and_every_field_but_one_is_an_option() {
        let definition = Cli::command();
        let connector = definition.find_subcommand("connector").unwrap();
        let options = connector.get_subcommands().flat_map(clap::Command::get_arguments);
        let options: BTreeSet<String> =
            options.filter_map(|it| it.get_long()).map(|long| long.replace('-', "_")).collect();
        let fields = CONNECTOR_FIELDS.iter().map(|field| field.name.to_owned());
        // Only a boot makes sure of anything unasked.
        assert_eq!(options, fields.filter(|name| name != "ensure").collect());
    }
}
