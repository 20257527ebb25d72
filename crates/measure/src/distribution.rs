//! Quantiles of a set of measurements.

/// A set of measurements, of which quantiles are asked.
///
/// ```
/// use instanter_measure::Distribution;
/// let waits = Distribution::new(vec![5.0, 1.0, 3.0]);
/// assert_eq!((waits.median(), waits.max()), (3.0, 5.0));
/// assert!(Distribution::new(vec![]).median().is_nan());
/// ```
#[derive(Clone, Debug)]
pub struct Distribution {
    sorted: Vec<f64>,
}

impl Distribution {
    /// Makes it from measurements in any order.
    #[must_use]
    pub fn new(mut values: Vec<f64>) -> Distribution {
        values.sort_by(f64::total_cmp);
        Distribution { sorted: values }
    }

    /// Number of measurements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// All measurements, the smallest first.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// Returns the smallest value that at least `share` (0 to 1) of the
    /// measurements do not exceed. NaN where there are none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let rank = (share * self.sorted.len() as f64).ceil().max(1.0) as usize;
        match self.sorted.get(rank - 1).or(self.sorted.last()) {
            Some(&value) => value,
            None => f64::NAN,
        }
    }

    /// Half of the measurements do not exceed it.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The smallest.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.quantile(0.0)
    }

    /// The largest.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.quantile(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_measurements() {
        let thousand = Distribution::new((1..=1_000).map(f64::from).collect());
        let table = [
            (0.0, 1.0),
            (0.5, 500.0),
            (0.99, 990.0),
            (0.999, 999.0),
            (1.0, 1_000.0),
            (2.0, 1_000.0),
        ];
        for (share, want) in table {
            assert_eq!(thousand.quantile(share), want, "quantile {share}");
        }
        assert_eq!(Distribution::new(vec![7.0]).quantile(0.999), 7.0);
        assert_eq!(Distribution::new(vec![2.0, 1.0]).sorted(), [1.0, 2.0]);
    }
}
