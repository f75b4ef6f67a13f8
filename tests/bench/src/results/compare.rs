//! Whether ratios are worse than those that are committed.

use anyhow::{Result, bail};

use super::Results;

/// Ratios: they hold on any machine, more or less. True: more is better.
const RATIOS: &[(&str, bool)] = &[("fresh_over_reused", false), ("sandboxed_over_native", true), ("cost_1m_over_10k", false)];
/// What is always allowed: a short run on a busy machine.
const ALLOWED_MIN: f64 = 0.15;
/// What is never allowed, however noisy a run was: a guard that lets everything through is none.
const ALLOWED_MAX: f64 = 0.5;
/// How many times the A/A noise of both runs is allowed.
const NOISES: f64 = 3.0;

/// Compares what was measured now; an error when a ratio is worse by more than its noise allows.
pub fn compare(now: &Results, before: &Results) -> Result<()> {
    let mut worse = Vec::new();
    for (key, more_is_better) in RATIOS {
        let (Some(new), Some(old)) = (now.number(key), before.number(key)) else { continue };
        let noise = [now, before].iter().filter_map(|results| results.noise.get(*key)).fold(0.0_f64, |most, noise| most.max(*noise));
        let allowed = (NOISES * noise).clamp(ALLOWED_MIN, ALLOWED_MAX);
        let by = if *more_is_better { old / new - 1.0 } else { new / old - 1.0 };
        let verdict = if by > allowed { "worse" } else { "ok" };
        println!("{verdict:<5} {key}: {new:.3}, committed {old:.3}; {:.0} % is allowed", allowed * 100.0);
        if by > allowed {
            worse.push(format!("{key} is {new:.3}, {:.0} % worse than the committed {old:.3}", by * 100.0));
        }
    }
    if !worse.is_empty() {
        bail!("{}: run `cargo xtask bench` on a quiet machine; if it is so, find the change that did it", worse.join("; "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(key: &str, value: f64, noise: f64) -> Results {
        let mut results = Results::default();
        results.key(key, value, noise);
        results
    }

    #[test]
    fn a_ratio_may_be_worse_by_its_noise_and_no_more() {
        let before = with("fresh_over_reused", 2.0, 0.01);
        assert!(compare(&with("fresh_over_reused", 2.2, 0.01), &before).is_ok());
        assert!(compare(&with("fresh_over_reused", 2.5, 0.01), &before).is_err());
        assert!(compare(&with("fresh_over_reused", 2.5, 0.1), &before).is_ok());
        assert!(compare(&with("fresh_over_reused", 1.0, 0.01), &before).is_ok());
    }

    #[test]
    fn where_more_is_better_less_is_worse() {
        let before = with("sandboxed_over_native", 0.7, 0.01);
        assert!(compare(&with("sandboxed_over_native", 0.5, 0.01), &before).is_err());
        assert!(compare(&with("sandboxed_over_native", 0.9, 0.01), &before).is_ok());
    }
}
