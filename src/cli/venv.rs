//! `prime venv`: environments as `python -m venv` makes them.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value as Json, json};

use super::args::VenvArgs;
use crate::bootstrap::{Request, interpreter};
use crate::error::{Fault, Kind, Result, kind_of};
use crate::host::{Answer, Host, Outcome, fs};
use crate::python::{Implementation, Interpreter};
use crate::ui::Ui;
use crate::ui::log::{self, LogPlan};
use crate::venv::Venv;
use crate::venv::builder::{Context, EnvBuilder, EnvOptions, EnvSpec, StandardBuilder, check_path, repair};

/// The remedy where the place cannot be written.
const ELSEWHERE: &str = "make it writable, or choose another directory";

/// Makes the environments, one after the other; the first that fails ends it.
pub fn run(host: &Host, ui: Ui, request: &Request, args: &VenvArgs) -> Result<Outcome> {
    log::start(&LogPlan { level: ui.level(), stage: "venv", pid: host.pid, file: None })?;
    let mut made = Vec::new();
    let failure = make_all(host, ui, request, args, &mut made).err();
    let code = failure.as_ref().map_or(0, |error| kind_of(error).exit_code());
    let failures = failure.into_iter().collect();
    Ok(Answer { code, failures, ..Answer::data(json!({ "environments": made })) }.into())
}

fn make_all(host: &Host, ui: Ui, request: &Request, args: &VenvArgs, made: &mut Vec<Json>) -> Result<()> {
    args.dirs.iter().try_for_each(|dir| check_path(&host.absolute(dir)))?;
    let named = args.python.as_deref().map(|words| interpreter::named(host, words)).transpose()?;
    let of_all = match named {
        None if !args.repair => Some(interpreter::of_place(host, request)?),
        named => named,
    };
    for dir in &args.dirs {
        let start = Instant::now();
        let python = of_all.clone().map_or_else(|| interpreter::of_environment(host, dir), Ok)?;
        let spec = EnvSpec {
            options: options(args),
            cache_dir: interpreter::cache_dir(host),
            offline: request.offline,
            ..EnvSpec::new(host, cpython(python)?)
        };
        tracing::info!("`{}` is python {}", spec.interpreter.executable.display(), spec.interpreter.build);
        let (verb, context) = make(&spec, dir, args).map_err(|error| fs::with_remedy(error, ELSEWHERE))?;
        context.warnings.iter().for_each(|warning| ui.warn(warning));
        ui.done(verb, &summary(&spec, &context), start);
        made.push(object(&spec, &context));
    }
    Ok(())
}

fn make(spec: &EnvSpec, dir: &Path, args: &VenvArgs) -> Result<(&'static str, Context)> {
    if args.repair {
        let (context, repaired) = repair(spec, dir)?;
        repaired.paths.iter().for_each(|path| tracing::info!("`{}` leads to the interpreter again", path.display()));
        return Ok(("repair", context));
    }
    let context = StandardBuilder::new(spec.clone()).create(dir)?;
    Ok((if args.upgrade { "upgrade" } else { "create" }, context))
}

/// Other implementations put more than an executable into an environment.
fn cpython(python: Interpreter) -> Result<Interpreter> {
    if python.build.implementation == Implementation::CPython {
        return Ok(python);
    }
    let message = format!("`{}` is {}, and this makes environments of CPython", python.path.display(), python.build);
    let hint = format!("use `{} -m venv`", python.path.display());
    Err(Fault::new(Kind::Config, message).hint(hint).into())
}

fn options(args: &VenvArgs) -> EnvOptions {
    EnvOptions {
        system_site_packages: args.system_site_packages,
        clear: args.clear,
        symlinks: !args.copies,
        upgrade: args.upgrade,
        with_pip: !args.without_pip,
        prompt: args.prompt.clone(),
        upgrade_deps: args.upgrade_deps,
        scm_ignore_files: !args.without_scm_ignore_files,
        relocatable: args.relocatable,
        force: args.force,
    }
}

/// `/r/.venv (python 3.12.1, pip 23.2.1)`
fn summary(spec: &EnvSpec, context: &Context) -> String {
    let python = format!("python {}", spec.interpreter.version());
    let seeded = context.seeded.iter().map(|it| format!("{} {}", it.name, it.version));
    let parts: Vec<String> = [python].into_iter().chain(seeded).collect();
    format!("{} ({})", context.env_dir.display(), parts.join(", "))
}

fn object(spec: &EnvSpec, context: &Context) -> Json {
    let text = |path: &Path| path.display().to_string();
    let pip = Venv::new(&context.env_dir).version_of("pip");
    json!({
        "env_dir": text(&context.env_dir),
        "env_name": context.env_name.to_string_lossy(),
        "prompt": context.prompt.to_string_lossy(),
        "executable": text(&context.executable),
        "python": text(&spec.interpreter.executable),
        "version": spec.interpreter.version().to_string(),
        "bin_path": text(&context.bin_path),
        "env_exe": text(&context.env_exe),
        "inc_path": text(&context.inc_path),
        "lib_path": text(&context.lib_path),
        "cfg_path": text(&context.cfg_path),
        "pip": pip,
        "warnings": context.warnings,
    })
}
