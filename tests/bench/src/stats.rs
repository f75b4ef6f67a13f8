//! What a row of repeated measurements says.

/// The same thing measured a number of times, in order.
#[derive(Debug, Clone, Default)]
pub struct Series(Vec<f64>);

impl Series {
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub fn median(&self) -> f64 {
        quantile(&self.0, 0.5)
    }

    /// A/A: by how much two measurements of the same thing, one after the other, typically differ. 0.05 is 5 %.
    pub fn noise(&self) -> f64 {
        let steps: Vec<f64> = self.0.windows(2).filter_map(|pair| Some((pair.last()? / pair.first()? - 1.0).abs())).collect();
        quantile(&steps, 0.5)
    }

    /// The same; `None` of fewer than two.
    pub fn noise_if_repeated(&self) -> Option<f64> {
        (self.0.len() > 1).then(|| self.noise())
    }

    /// Round by round, this over the other one.
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one / other).collect())
    }
}

/// The value below which this share lies; 0 of nothing.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1) as f64;
    let (at, part) = ((last * share).floor(), (last * share).fract());
    let value = |at: f64| sorted.get(at as usize).copied().unwrap_or(0.0);
    if part > 0.0 { value(at) * (1.0 - part) + value(at + 1.0) * part } else { value(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&[4.0, 1.0, 2.0, 3.0], 0.5), 2.5);
        assert_eq!(quantile(&[], 0.5), 0.0);
        assert_eq!(quantile(&[7.0], 0.99), 7.0);
    }

    #[test]
    fn noise_is_what_two_of_the_same_differ_by() {
        let mut series = Series::default();
        for value in [100.0, 110.0, 99.0] {
            series.push(value);
        }
        assert!((series.noise() - 0.1).abs() < 1e-9);
        assert!((series.over(&series).median() - 1.0).abs() < 1e-9);
    }
}
