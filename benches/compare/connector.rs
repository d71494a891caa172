//! A connector that says as many records as its configuration asks for, as fast as a pipe takes them: this program, by
//! another name.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use prime::error::Result;

use crate::place::Place;
use crate::usage;

/// The name.
const NAME: &str = "source-many";
/// The length of a record's line.
const LINE: usize = 300;
/// Records that differ; they are repeated.
const BLOCK: usize = 1000;

const SPEC: &str =
    r#"{"type":"SPEC","spec":{"connectionSpecification":{"type":"object","properties":{"count":{"type":"integer"}}}}}"#;
const CATALOG: &str = r#"{"type":"CATALOG","catalog":{"streams":[{"name":"users","supported_sync_modes":["full_refresh"],"json_schema":{"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"},"email":{"type":"string"},"age":{"type":"integer"},"height":{"type":"number"},"active":{"type":"boolean"},"city":{"type":"string"},"created_at":{"type":"string"},"note":{"type":"string"}}}}]}}"#;

/// Makes the program.
pub fn program(place: &Place) -> Result<PathBuf> {
    let program = place.fresh("connector").join(NAME);
    fs::create_dir_all(program.parent().context("no directory")?)?;
    symlink(env::current_exe().context("cannot tell this program's own path")?, &program)?;
    Ok(program)
}

/// Is the connector where this process has its name.
pub fn as_child(args: &[OsString]) -> Option<ExitCode> {
    let (name, args) = args.split_first()?;
    (Path::new(name).file_name()? == NAME).then(|| match answer(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            prime::ui::report::show(&error);
            ExitCode::FAILURE
        }
    })
}

fn answer(args: &[OsString]) -> Result<()> {
    let mut out = io::stdout().lock();
    match args.first().and_then(|verb| verb.to_str()) {
        Some("spec") => writeln!(out, "{SPEC}")?,
        Some("discover") => writeln!(out, "{CATALOG}")?,
        Some("read") => {
            let block = block();
            for _ in 0..count(args)?.div_ceil(BLOCK) {
                out.write_all(block.as_bytes())?;
            }
        }
        _ => bail!("`{NAME}` answers `spec`, `discover` and `read`"),
    }
    out.flush()?;
    usage::report()
}

/// How many records the configuration asks for.
fn count(args: &[OsString]) -> Result<usize> {
    let at = args.iter().position(|arg| arg == "--config").context("no configuration is given")?;
    let file = args.get(at + 1).context("`--config` names no file")?;
    let config: serde_json::Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    Ok(config["count"].as_u64().context("no count is given")?.try_into()?)
}

fn block() -> String {
    let mut block = String::with_capacity(BLOCK * LINE);
    for id in 0..BLOCK {
        let (name, email) = (format!("User Number {id:07}"), format!("user{id:07}@example.com"));
        let (age, height, active) = (20 + id % 60, 150 + id % 50, id % 2 == 0);
        let city = ["New York", "Berlin", "São Paulo"][id % 3];
        let start = block.len();
        let _ = write!(
            block,
            r#"{{"type":"RECORD","record":{{"stream":"users","data":{{"id":{id},"name":"{name}","email":"{email}","#,
        );
        let _ = write!(block, r#""age":{age},"height":1.{height},"active":{active},"city":"{city}","#);
        let _ = write!(block, r#""created_at":"2024-01-{:02}T10:20:30.123456+00:00","note":""#, 1 + id % 28);
        let end = format!(r#""}},"emitted_at":{}}}}}"#, 1_700_000_000_000 + id);
        let rest = LINE - 1 - (block.len() - start) - end.len();
        let _ = writeln!(block, "{}{end}", "x".repeat(rest));
    }
    block
}
