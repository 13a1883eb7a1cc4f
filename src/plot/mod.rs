//! Line charts without a toolkit: what is drawn, and where its axes have their ticks. Rendered as [`terminal`] text or [`svg`].

pub mod svg;
pub mod terminal;

/// A curve with its axes' names.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What stands above it.
    pub title: String,
    /// What runs to the right.
    pub x_label: String,
    /// What runs upwards, in per cent.
    pub y_label: String,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
    /// Vertical lines at some x.
    pub marks: Vec<Mark>,
}

/// A vertical line with its name.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where.
    pub x: f64,
    /// What it is.
    pub label: String,
    /// The curve's value there, to be marked with a dot.
    pub y: Option<f64>,
}

/// Ends of an axis, and its ticks.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Left or lower end.
    pub from: f64,
    /// Right or upper end, above `from`.
    pub to: f64,
    /// Rising, within both ends.
    pub ticks: Vec<f64>,
    /// Digits behind the point that tell the ticks apart.
    pub digits: usize,
}

impl Axis {
    /// An axis from one end to another with some `count` round ticks: multiples of 1, 2 or 5 times a power of ten.
    pub fn new(from: f64, to: f64, count: usize) -> Self {
        let span = (to - from).max(f64::MIN_POSITIVE);
        let rough = span / count.max(1) as f64;
        let power = rough.log10().floor();
        let unit = 10_f64.powf(power);
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * unit)
            .into_iter()
            .find(|step| *step >= rough * 0.999);
        let step = step.unwrap_or(span);
        let digits = (-step.log10().floor()).max(0.0) as usize;
        let (first, last) = ((from / step - 1e-9).ceil(), (to / step + 1e-9).floor());
        // Counted in whole steps, so that no error adds up; `+ 0.0` turns a negative zero into zero.
        let ticks = (0..=(last - first).clamp(0.0, 100.0) as u32).map(|i| (first + f64::from(i)) * step + 0.0);
        Self {
            from,
            to: from + span,
            ticks: ticks.collect(),
            digits,
        }
    }

    /// Where a value lies, from 0 at `from` to 1 at `to`.
    pub fn place(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }

    /// A value written as the ticks are.
    pub fn label(&self, value: f64) -> String {
        format!("{value:.*}", self.digits)
    }
}

impl Chart {
    /// The axis to the right.
    pub fn x_axis(&self, ticks: usize) -> Axis {
        let ends = self.points.first().zip(self.points.last());
        let (from, to) = ends.map_or((0.0, 1.0), |(first, last)| (first.0, last.0));
        Axis::new(from, to, ticks)
    }

    /// The axis upwards, in per cent, with a little air below the lowest point.
    pub fn y_axis(&self, ticks: usize) -> Axis {
        let values = self.points.iter().map(|point| point.1 * 100.0);
        let low = values.clone().fold(0.0, f64::min);
        let high = values.fold(0.0, f64::max);
        let air = ((high - low) * 0.04).max(1e-12);
        Axis::new(low - air, high + air, ticks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_within_the_ends() {
        for (from, to, count, labels) in [
            (0.0, 10.0, 5, vec!["0", "2", "4", "6", "8", "10"]),
            (-21.3, 0.7, 5, vec!["-20", "-15", "-10", "-5", "0"]),
            (0.07, 0.31, 4, vec!["0.1", "0.2", "0.3"]),
            (1_000.0, 5_000.0, 4, vec!["1000", "2000", "3000", "4000", "5000"]),
        ] {
            let axis = Axis::new(from, to, count);
            let shown: Vec<_> = axis.ticks.iter().map(|tick| axis.label(*tick)).collect();
            assert_eq!(shown, labels);
        }
    }
}
