//! `prime schema`: describes what is in files, as a JSON Schema.

use super::args::{SchemaArgs, SchemaSubject};
use super::outcome::schema as outcome;
use crate::config::schema::schema as config;
use crate::error::{Code, Fault, Result};
use crate::host::{Answer, Outcome};
use crate::ui::timings;

/// Prints a JSON Schema.
pub fn run(args: &SchemaArgs) -> Result<Outcome> {
    let schema = match (args.subject, args.command.as_deref()) {
        (SchemaSubject::Config, None) => config(),
        (SchemaSubject::Timings, None) => timings::schema(),
        (SchemaSubject::Config | SchemaSubject::Timings, Some(_)) => {
            let fault = Fault::of(Code::Usage, "`--of` is for `prime schema outcome`");
            return Err(fault.hint("leave it out").into());
        }
        (SchemaSubject::Outcome, None) => outcome::of_all(),
        (SchemaSubject::Outcome, Some(command)) => outcome::of(command)?,
    };
    Ok(Answer::new(format!("{schema:#}\n"), schema).into())
}
