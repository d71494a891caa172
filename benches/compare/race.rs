//! Competitors that take turns.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use prime::error::Result;

use crate::job::Job;
use crate::samples::Samples;
use crate::turns::order;

/// What is compared, and what it should come to.
pub struct Scenario<'a> {
    /// For people.
    pub title: &'static str,
    /// How many rounds make the median steady.
    pub rounds: u32,
    /// Which competitor the ratios are to.
    pub reference: usize,
    /// The highest allowed ratio of the first competitor, which is `prime`.
    pub target: f64,
    /// Those that take turns.
    pub competitors: Vec<Competitor<'a>>,
}

/// What is prepared before each round, and the processes that are then measured, one after the other.
pub struct Competitor<'a> {
    /// For people.
    pub name: String,
    prepare: Box<dyn FnMut() -> Result<Vec<Job>> + 'a>,
}

impl<'a> Competitor<'a> {
    /// One that needs something fresh in each round.
    pub fn new(name: impl Into<String>, prepare: impl FnMut() -> Result<Vec<Job>> + 'a) -> Self {
        Self { name: name.into(), prepare: Box::new(prepare) }
    }

    /// One that runs the same thing in each round.
    pub fn steady(name: impl Into<String>, job: Job) -> Self {
        Self::new(name, move || Ok(vec![job.clone()]))
    }

    fn turn(&mut self, log: &Path) -> Result<Duration> {
        let jobs = (self.prepare)()?;
        jobs.iter().map(|job| job.run(log)).sum()
    }
}

/// What came of a scenario.
pub struct Measured {
    /// For people.
    pub title: &'static str,
    /// Which row the ratios are to.
    pub reference: usize,
    /// The highest allowed ratio of the first row.
    pub target: f64,
    /// The competitors' names and times.
    pub rows: Vec<(String, Samples)>,
}

/// Lets the competitors take turns. The first round only warms the caches.
pub fn run(name: &str, scenario: Scenario<'_>, rounds: u32, log: &Path) -> Result<Measured> {
    let start = Instant::now();
    let mut stderr = io::stderr();
    write!(stderr, "{name}: {rounds} rounds ")?;
    let Scenario { title, reference, target, mut competitors, .. } = scenario;
    let mut rows: Vec<_> = competitors.iter().map(|it| (it.name.clone(), Samples::default())).collect();
    for round in 0..=rounds {
        for index in order(competitors.len(), round as usize) {
            let elapsed = competitors[index].turn(log).with_context(|| format!("scenario `{name}`"))?;
            if round > 0 {
                rows[index].1.push(elapsed);
            }
        }
        if round % rounds.div_ceil(20) == 0 {
            write!(stderr, ".")?;
        }
    }
    writeln!(stderr, " {} s", start.elapsed().as_secs())?;
    Ok(Measured { title, reference, target, rows })
}
