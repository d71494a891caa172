//! A million records of 300 bytes: what `prime` takes of the processor to pass them on, and what PyAirbyte takes for them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use prime::error::Result;

use crate::connector;
use crate::job::Job;
use crate::place::Place;
use crate::race::{Competitor, Cost, Limits, Scenario};
use crate::usage;

/// A millisecond for a million records is a nanosecond for each.
const RECORDS: u32 = 1_000_000;
/// PyAirbyte takes so long that fewer must do.
const FEWER: u32 = 50_000;

/// Records that are passed on, those that go into a file, which costs whoever writes it more than that, and records that
/// are typed.
const PASSED: Limits = Limits { time: Some(Duration::from_millis(130)), ..FILED };
const FILED: Limits = Limits { ratio: Some(1.0 / 30.0), time: None, peak_kib: Some(16 * 1024) };
const TYPED: Limits = Limits { time: Some(Duration::from_millis(500)), ..FILED };

/// The processor's time of whoever reads, without the connector's own.
pub fn processor(place: &Place) -> Result<Scenario<'_>> {
    let program = connector::program(place)?;
    let python = pyairbyte(place)?;
    let prime = |name: &str, limits, rest: &'static [&'static str], into_files: bool| {
        let program = program.clone();
        let competitor = Competitor::by(name, move || {
            let job = read(place, &program).args(rest);
            let job = if into_files { job.args(["--output"]).args([place.fresh("records")]) } else { job };
            let usage = usage::measure(place, &job)?;
            Ok(Cost { time: usage.cpu, peak_kib: Some(usage.peak_kib) })
        });
        competitor.within(limits)
    };
    let theirs = |name: &str, way| {
        let (python, program) = (python.clone(), program.clone());
        Competitor::by(name, move || {
            let reader = PyAirbyte { place, python: &python, program: &program, way };
            Ok(Cost { time: reader.per_million()?, peak_kib: None })
        })
    };
    let (config, shell) = (place.fresh("config"), place.job("/bin/sh", &std::env::temp_dir()));
    std::fs::write(&config, config_of(RECORDS))?;
    let piped = shell.args(["-c", r#""$0" read --config "$1" | cat > "$2""#]).args([&program, &config]);
    let cat = Competitor::by("`cat` into a file, which looks at nothing", move || {
        let usage = usage::measure(place, &piped.clone().args([place.fresh("records")]))?;
        Ok(Cost { time: usage.cpu, peak_kib: None })
    });
    Ok(Scenario {
        title: "A million records of 300 bytes, the processor's time without the connector's (ns for each)",
        rounds: 6,
        reference: 4,
        target: None,
        competitors: vec![
            prime("`prime connector read` into a pipe", PASSED, &[], false),
            prime("`prime connector read --output DIR`", FILED, &[], true),
            prime("`prime connector read --format csv` into a pipe", TYPED, &["--format", "csv"], false),
            prime("`prime connector read --format csv --output DIR`", TYPED, &["--format", "csv"], true),
            theirs("PyAirbyte, `get_records`", "get_records"),
            theirs("PyAirbyte, `read` into its cache", "read"),
            cat,
        ],
    })
}

/// From start to end, all on the same file system.
pub fn whole(place: &Place) -> Result<Scenario<'_>> {
    let program = connector::program(place)?;
    let config = place.fresh("config");
    std::fs::write(&config, config_of(RECORDS))?;
    let bare = place.job(&program, &std::env::temp_dir()).args(["read", "--config"]).args([&config]);
    let prime = |name: &str, rest: &'static [&'static str]| {
        let program = program.clone();
        Competitor::new(name, move || {
            Ok(vec![read(place, &program).args(rest).args(["--output"]).args([place.fresh("records")])])
        })
    };
    let piped = read(place, &program);
    Ok(Scenario {
        title: "A million records of 300 bytes, from start to end",
        rounds: 6,
        reference: 3,
        target: None,
        competitors: vec![
            Competitor::new("`prime connector read` into a file", move || {
                Ok(vec![piped.clone().to(place.fresh("records"))])
            }),
            prime("`prime connector read --output DIR`", &[]),
            prime("`prime connector read --format csv --output DIR`", &["--format", "csv"]),
            Competitor::new("the connector itself into a file", move || {
                Ok(vec![bare.clone().to(place.fresh("records"))])
            }),
        ],
    })
}

fn read(place: &Place, program: &Path) -> Job {
    let job = place.prime(&std::env::temp_dir()).args(["-q", "connector", "read", "many", "--streams", "users"]);
    job.args(["--config", &config_of(RECORDS), "--local-executable"]).args([program])
}

fn config_of(count: u32) -> String {
    format!(r#"{{"count":{count}}}"#)
}

/// An environment with the version of PyAirbyte that is written down for it.
fn pyairbyte(place: &Place) -> Result<PathBuf> {
    let dir = place.fresh("pyairbyte");
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pyairbyte.txt");
    let uv = place.uv(&std::env::temp_dir());
    uv.clone().args(["venv", "--no-config", "--python"]).args([&place.tools.python, &dir]).run(&place.log())?;
    let python = dir.join("bin/python");
    uv.args(["pip", "install", "--python"]).args([&python]).args(["-r"]).args([&requirements]).run(&place.log())?;
    Ok(python)
}

/// A way to read with PyAirbyte.
struct PyAirbyte<'a> {
    place: &'a Place,
    python: &'a Path,
    program: &'a Path,
    way: &'static str,
}

impl PyAirbyte<'_> {
    /// What a million records take, without PyAirbyte's start.
    fn per_million(&self) -> Result<Duration> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/compare/scenarios/pyairbyte.py");
        let dir = self.place.fresh("pyairbyte-work");
        std::fs::create_dir(&dir)?;
        let job = self.place.job(self.python, &dir).args([&script, self.program]);
        let job = job.args([&FEWER.to_string(), self.way, "cache"]);
        // It asks for a registry, and tells what it is used for, where it is not told otherwise.
        let job = job.env("AIRBYTE_OFFLINE_MODE", "1").env("DO_NOT_TRACK", "1");
        Ok(usage::measure(self.place, &job)?.cpu * (RECORDS / FEWER))
    }
}
