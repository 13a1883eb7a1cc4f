//! The curve of `hedgerow calc il`, in the terminal and as a file.

use super::pool::PoolArgs;
use crate::{
    decimal::Decimal,
    error::{Error, Result},
    output,
    plot::{Chart, Mark, svg, terminal},
    sweep::{self, Pool},
};
use clap::Args;
use std::{fs, path::PathBuf};

/// What to draw, and where.
#[derive(Args, Clone, Debug)]
pub struct PlotArgs {
    /// Draw the IL over a range of prices
    #[arg(long)]
    pub plot: bool,
    /// Write that drawing to an SVG file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Lowest price drawn
    #[arg(long, value_name = "PRICE")]
    pub plot_from: Option<Decimal>,
    /// Highest price drawn
    #[arg(long, value_name = "PRICE")]
    pub plot_to: Option<Decimal>,
}

/// Draws the curve, where it was asked for.
pub fn draw(args: &PlotArgs, pool: &PoolArgs, entry: &Decimal, now: Option<&Decimal>) -> Result<()> {
    if args.svg.is_none() && !args.plot {
        return Ok(());
    }
    let curve = Curve::new(pool, entry)?;
    let ends = curve.ends(args, now)?;
    if let Some(file) = &args.svg {
        let picture = svg::render(&curve.chart(pool, entry, now, ends, svg::POINTS)?);
        fs::write(file, picture).map_err(Error::io(format!("writing {}", file.display())))?;
        output::say(&format!("wrote {}", file.display()));
    }
    if args.plot {
        output::print(&terminal::render(&curve.chart(
            pool,
            entry,
            now,
            ends,
            terminal::POINTS,
        )?))?;
    }
    Ok(())
}

/// A pool and an entry in floating point.
struct Curve {
    pool: Pool,
    entry: f64,
}

impl Curve {
    fn new(pool: &PoolArgs, entry: &Decimal) -> Result<Self> {
        let number = |decimal: &Decimal| double("a price", decimal);
        let pool = match (&pool.weight, &pool.range_lower, &pool.range_upper) {
            (Some(weight), ..) => Pool::Weighted {
                weight0: number(weight)?,
            },
            (None, Some(lower), Some(upper)) => Pool::Concentrated {
                lower: number(lower)?,
                upper: number(upper)?,
            },
            _ => Pool::ConstantProduct,
        };
        Ok(Self {
            pool,
            entry: number(entry)?,
        })
    }

    /// The prices to draw between: those given, else wide enough for everything that is marked.
    fn ends(&self, args: &PlotArgs, now: Option<&Decimal>) -> Result<(f64, f64)> {
        let now = now.map_or(Ok(self.entry), |now| double("--price", now))?;
        let (lower, upper) = match self.pool {
            Pool::Concentrated { lower, upper } => (0.7 * lower, 1.3 * upper),
            _ => (0.2 * self.entry, 3.0 * self.entry),
        };
        let given = |what, end: &Option<Decimal>| end.as_ref().map(|end| double(what, end)).transpose();
        let from = given("--plot-from", &args.plot_from)?;
        let to = given("--plot-to", &args.plot_to)?;
        let from = from.unwrap_or_else(|| lower.min(0.7 * now).min(0.7 * self.entry));
        let to = to.unwrap_or_else(|| upper.max(1.3 * now).max(1.3 * self.entry));
        if from < to && from > 0.0 {
            return Ok((from, to));
        }
        Err(Error::invalid(
            "the drawing's range",
            format!("{from} to {to}"),
            "--plot-from must lie above zero and below --plot-to",
        ))
    }

    fn chart(
        &self,
        pool: &PoolArgs,
        entry: &Decimal,
        now: Option<&Decimal>,
        (from, to): (f64, f64),
        count: usize,
    ) -> Result<Chart> {
        let step = (to - from) / (count - 1) as f64;
        let prices: Vec<_> = (0..count).map(|i| from + step * i as f64).collect();
        let mut losses = vec![0.0; count];
        sweep::il(self.pool, self.entry, &prices, &mut losses);
        let mut chart = Chart {
            title: format!("Impermanent loss: {}, entered at {entry}", pool.description()),
            x_label: "price (token1 per token0)".into(),
            y_label: "value against holding".into(),
            points: prices.into_iter().zip(losses).collect(),
            marks: Vec::new(),
        };
        let mut marks = vec![(entry, format!("entry {entry}"), true)];
        marks.extend(
            pool.range_lower
                .as_ref()
                .map(|end| (end, format!("lower {end}"), false)),
        );
        marks.extend(
            pool.range_upper
                .as_ref()
                .map(|end| (end, format!("upper {end}"), false)),
        );
        marks.extend(now.map(|now| (now, format!("now {now}"), true)));
        for (price, label, dot) in marks {
            let x = double("a price", price)?;
            let mut y = [0.0];
            sweep::il_serial(self.pool, self.entry, &[x], &mut y);
            if from <= x && x <= to {
                let y = dot.then_some(y[0]);
                chart.marks.push(Mark { x, label, y });
            }
        }
        chart.marks.sort_by(|a, b| a.x.total_cmp(&b.x));
        Ok(chart)
    }
}

/// The nearest double.
fn double(what: &'static str, decimal: &Decimal) -> Result<f64> {
    let text = decimal.to_string();
    text.parse()
        .map_err(|_| Error::invalid(what, text, "it cannot be drawn: give a plain number"))
}
