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
    pub target: Option<f64>,
    /// Those that take turns.
    pub competitors: Vec<Competitor<'a>>,
}

/// What a turn came to.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The time that counts.
    pub time: Duration,
    /// The most memory that was used, where that is measured.
    pub peak_kib: Option<u64>,
}

/// What a competitor may take at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Its times in relation to those of the reference.
    pub ratio: Option<f64>,
    /// The median of its times.
    pub time: Option<Duration>,
    /// The most memory of all rounds.
    pub peak_kib: Option<u64>,
}

/// Somebody who takes turns with others.
pub struct Competitor<'a> {
    name: String,
    limits: Limits,
    turn: Turn<'a>,
}

/// What a turn does, with a file for what is said meanwhile.
type Turn<'a> = Box<dyn FnMut(&Path) -> Result<Cost> + 'a>;

impl<'a> Competitor<'a> {
    /// One that needs something fresh in each round: what is prepared before it, and the processes that are then
    /// measured, one after the other.
    pub fn new(name: impl Into<String>, mut prepare: impl FnMut() -> Result<Vec<Job>> + 'a) -> Self {
        let turn = move |log: &Path| {
            let time = prepare()?.iter().map(|job| job.run(log)).sum::<Result<_>>()?;
            Ok(Cost { time, peak_kib: None })
        };
        Self { name: name.into(), limits: Limits::default(), turn: Box::new(turn) }
    }

    /// One that measures itself.
    pub fn by(name: impl Into<String>, mut measure: impl FnMut() -> Result<Cost> + 'a) -> Self {
        Self { name: name.into(), limits: Limits::default(), turn: Box::new(move |_| measure()) }
    }

    /// The same one, with limits.
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// One that runs the same thing in each round.
    pub fn steady(name: impl Into<String>, job: Job) -> Self {
        Self::new(name, move || Ok(vec![job.clone()]))
    }
}

/// What came of a scenario.
pub struct Measured {
    /// For people.
    pub title: &'static str,
    /// Which row the ratios are to.
    pub reference: usize,
    /// The highest allowed ratio of the first row.
    pub target: Option<f64>,
    /// The competitors.
    pub rows: Vec<Row>,
}

/// What came of a competitor.
pub struct Row {
    /// For people.
    pub name: String,
    /// What it may take.
    pub limits: Limits,
    /// Its times.
    pub times: Samples,
    /// The most memory of all rounds.
    pub peak_kib: Option<u64>,
}

impl Row {
    fn new(competitor: &Competitor<'_>) -> Self {
        let Competitor { name, limits, .. } = competitor;
        Self { name: name.clone(), limits: *limits, times: Samples::default(), peak_kib: None }
    }

    fn push(&mut self, cost: Cost) {
        self.times.push(cost.time);
        self.peak_kib = self.peak_kib.max(cost.peak_kib);
    }
}

/// Lets the competitors take turns. The first round only warms the caches.
pub fn run(name: &str, scenario: Scenario<'_>, rounds: u32, log: &Path) -> Result<Measured> {
    let start = Instant::now();
    let mut stderr = io::stderr();
    write!(stderr, "{name}: {rounds} rounds ")?;
    let Scenario { title, reference, target, mut competitors, .. } = scenario;
    let mut rows: Vec<_> = competitors.iter().map(Row::new).collect();
    for round in 0..=rounds {
        for index in order(competitors.len(), round as usize) {
            let cost = (competitors[index].turn)(log).with_context(|| format!("scenario `{name}`"))?;
            if round > 0 {
                rows[index].push(cost);
            }
        }
        if round % rounds.div_ceil(20) == 0 {
            write!(stderr, ".")?;
        }
    }
    writeln!(stderr, " {} s", start.elapsed().as_secs())?;
    Ok(Measured { title, reference, target, rows })
}
