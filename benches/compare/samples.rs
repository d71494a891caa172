//! Times and what they come to.

use std::time::Duration;

/// The times of one competitor, one a round, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Adds the time of the next round.
    pub fn push(&mut self, elapsed: Duration) {
        self.0.push(elapsed.as_secs_f64() * 1000.0);
    }

    /// The time that half of the rounds took at most.
    pub fn median(&self) -> f64 {
        quantile(self.0.clone(), 50)
    }

    /// The time that a tenth of the rounds took at most: what a quiet machine would show.
    pub fn p10(&self) -> f64 {
        quantile(self.0.clone(), 10)
    }

    /// The median of the ratios to another competitor's time in the same round.
    pub fn ratio_to(&self, reference: &Self) -> f64 {
        quantile(self.0.iter().zip(&reference.0).map(|(own, other)| own / other).collect(), 50)
    }
}

/// The value below which `percent` of the values lie, between the two nearest where none is just there.
fn quantile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
    let (low, rest) = (last * percent / 100, last * percent % 100);
    let high = (low + 1).min(last);
    #[expect(clippy::cast_precision_loss, reason = "less than 100")]
    let weight = rest as f64 / 100.0;
    values[low] + (values[high] - values[low]) * weight
}
