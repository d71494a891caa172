//! pip, and setuptools where it belongs to it: planned before the directory is touched, then installed.

use std::sync::Arc;

use super::context::Context;
use super::options::EnvSpec;
use crate::error::Result;
use crate::fetch::IndexSettings;
use crate::venv::seed::{Cache, Plan, Target, seed};

/// Chooses, gets and proves what is installed. Only the cache changes.
pub fn plan(spec: &EnvSpec, context: &Context) -> Result<Plan> {
    let index = || IndexSettings::load(&spec.host, &spec.places());
    Plan::new(&target(spec, context), spec.options.clear, cache(spec).as_ref(), &index)
}

/// Installs what was planned, or what is planned now.
pub fn install(spec: &EnvSpec, context: &mut Context) -> Result<()> {
    let plan = match context.pip_plan.take() {
        Some(plan) => plan,
        None => Arc::new(plan(spec, context)?),
    };
    context.seeded = seed(&spec.host, &target(spec, context), cache(spec).as_ref(), &plan)?;
    Ok(())
}

fn target<'a>(spec: &'a EnvSpec, context: &'a Context) -> Target<'a> {
    Target {
        interpreter: &spec.interpreter,
        site_packages: &context.lib_path,
        bin: &context.bin_path,
        python: &context.env_exec_cmd,
        relocatable: spec.options.relocatable,
    }
}

fn cache(spec: &EnvSpec) -> Option<Cache<'_>> {
    spec.cache_dir.as_deref().map(|dir| Cache { dir, compile: spec.compile })
}
