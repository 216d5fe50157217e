//! Contenders measured in turns: a machine that drifts slows all of them alike. The clock is the processor time of the
//! thread, so that a slice in which another process ran does not count that process.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::{Contender, Group};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Whole passes over each group.
    pub runs: u32,
    /// Rounds of a pass; in each every contender has one slice.
    pub rounds: u32,
    /// How long a slice takes.
    pub slice: Duration,
}

/// One measured contender.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// Median over the passes of the median over rounds, nanoseconds per unit.
    pub median_ns: f64,
    /// The least median of a pass.
    pub min_ns: f64,
    /// The greatest median of a pass.
    pub max_ns: f64,
}

/// One measured group.
#[derive(Debug, Clone, Serialize)]
pub struct Result {
    /// As in [`Group::id`].
    pub id: String,
    /// What one unit is.
    pub unit: &'static str,
    /// Payload octets per unit.
    pub octets_per_unit: f64,
    /// Ours first.
    pub contenders: Vec<Measured>,
    /// The limit.
    pub limit: Option<Measured>,
}

/// Measures one group.
pub fn group(mut group: Group, plan: &Plan) -> Result {
    let limited = group.limit.is_some();
    group.contenders.extend(group.limit.take());
    let contenders = &mut group.contenders;
    let calls: Vec<u32> = contenders
        .iter_mut()
        .map(|contender| calibrate(contender, plan.slice))
        .collect();
    let mut passes: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
    for _ in 0..plan.runs {
        let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
        for round in 0..plan.rounds as usize {
            for turn in 0..contenders.len() {
                let index = (turn + round) % contenders.len();
                let spent = slice(&mut contenders[index], calls[index]);
                let units = u64::from(calls[index]) * group.units;
                rounds[index].push(spent.as_nanos() as f64 / units as f64);
            }
        }
        for (pass, rounds) in passes.iter_mut().zip(rounds) {
            pass.push(median(rounds));
        }
    }
    let mut measured: Vec<Measured> = contenders
        .iter()
        .zip(passes)
        .map(|(contender, passes)| Measured {
            name: contender.name,
            min_ns: passes.iter().copied().fold(f64::INFINITY, f64::min),
            max_ns: passes.iter().copied().fold(0.0, f64::max),
            median_ns: median(passes),
        })
        .collect();
    let limit = if limited { measured.pop() } else { None };
    Result {
        id: group.id,
        unit: group.unit,
        octets_per_unit: group.octets as f64 / group.units as f64,
        contenders: measured,
        limit,
    }
}

/// Calls that fill a slice. Doubling warms caches and branch predictors on the way.
fn calibrate(contender: &mut Contender, wanted: Duration) -> u32 {
    let mut calls = 1_u32;
    loop {
        let spent = slice(contender, calls);
        if spent * 2 >= wanted || calls >= 1 << 24 {
            let exact = f64::from(calls) * wanted.as_secs_f64() / spent.as_secs_f64().max(1e-9);
            return (exact as u32).max(1);
        }
        calls *= 2;
    }
}

fn slice(contender: &mut Contender, calls: u32) -> Duration {
    let start = processor_time();
    for _ in 0..calls {
        (contender.work)();
    }
    processor_time().saturating_sub(start)
}

/// Processor time that this thread has used.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.map(Duration::from)
        .expect("every Linux since 2.6.12 has this clock")
}

/// The middle value; between the two middle ones when the count is even.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn everyone_has_a_number_in_the_order_of_the_group() {
        let contender = |name| Contender {
            name,
            work: Box::new(|| {
                std::hint::black_box((0..100).sum::<u64>());
            }),
        };
        let made = Group {
            id: "a/b".to_owned(),
            unit: "frame",
            units: 4,
            octets: 8,
            contenders: vec![contender("ours"), contender("theirs")],
            limit: Some(contender("copy")),
        };
        let plan = Plan {
            runs: 2,
            rounds: 3,
            slice: Duration::from_micros(20),
        };
        let result = group(made, &plan);
        let names: Vec<_> = result.contenders.iter().chain(&result.limit).collect();
        assert_eq!(
            names.iter().map(|measured| measured.name).collect::<Vec<_>>(),
            ["ours", "theirs", "copy"]
        );
        for measured in names {
            assert!(
                measured.min_ns > 0.0 && measured.min_ns <= measured.median_ns,
                "{measured:?}"
            );
            assert!(measured.median_ns <= measured.max_ns, "{measured:?}");
        }
        assert!((result.octets_per_unit - 2.0).abs() < 1e-9);
    }
}
