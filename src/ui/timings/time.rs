//! Times for people and programs.

use crate::ui::duration;
use std::time::Duration;

/// A time for people, finer than [`duration`] where it is short: `0.4 ms`, `38 ms`, `1.2 s`.
pub fn short(micros: u64) -> String {
    match micros {
        0..10_000 => {
            let tenths = (micros + 50) / 100;
            format!("{}.{} ms", tenths / 10, tenths % 10)
        }
        _ => duration(Duration::from_micros(micros)),
    }
}

/// Microseconds since 1970 as a time in UTC (RFC 3339): `2026-11-21T06:13:05.004711Z`.
pub fn utc(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:06}Z", micros % 1_000_000)
}

/// The date of a day since 1970, by the rules of the Gregorian calendar.
fn date(mut day: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (year, month, day + 1)
}

/// Times at which a scale of this length has its marks: few, and round.
pub fn marks(total: u64) -> Vec<u64> {
    const MOST: u64 = 5;
    let mut step = 1;
    while total / step > MOST {
        let first = step.to_string().starts_with('2');
        step = if first { step / 2 * 5 } else { step * 2 };
    }
    (1..=total / step).map(|number| number * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_times_have_a_digit_behind_the_point() {
        let texts = [0, 40, 449, 9_949, 10_000, 38_999, 1_234_567, 125_000_000].map(short);
        assert_eq!(texts, ["0.0 ms", "0.0 ms", "0.4 ms", "9.9 ms", "10 ms", "38 ms", "1.2 s", "2 m 5 s"]);
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000007Z"),
            (951_782_399, "2000-02-28T23:59:59.000007Z"),
            (951_868_799, "2000-02-29T23:59:59.000007Z"),
            (1_795_760_000, "2026-11-27T06:13:20.000007Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000007Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000007Z"),
        ] {
            assert_eq!(utc(seconds * 1_000_000 + 7), expected);
        }
    }

    #[test]
    fn marks_are_round_and_few() {
        assert_eq!(marks(4_200_000), [1_000_000, 2_000_000, 3_000_000, 4_000_000]);
        assert_eq!(marks(11_000), [2000, 4000, 6000, 8000, 10_000]);
        assert_eq!(marks(1_999), [500, 1000, 1500]);
        assert_eq!(marks(0), [0_u64; 0]);
        for total in [1, 5, 6, 77, 12_345, 999_999_999] {
            assert!(marks(total).len() <= 5, "{total}");
        }
    }
}
