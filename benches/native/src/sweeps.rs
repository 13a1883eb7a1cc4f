//! Impermanent loss over ten million prices, beside numpy.

use crate::{
    sweep::{self, Pool},
    timing::Effort,
};
use std::{env, hint::black_box, process::Command, time::Instant};

const ENTRY: f64 = 2_000.0;

/// A way of computing it and nanoseconds a point, for each pool.
pub struct Rows {
    /// Points of a sweep.
    pub points: usize,
    /// numpy's version, if there is one.
    pub numpy: Option<String>,
    /// Who, which pool, nanoseconds a point.
    pub rows: Vec<(String, String, f64)>,
}

/// Ours on one core and on all, and numpy's.
pub fn rows(effort: Effort) -> Rows {
    let points = effort.points;
    let step = 7_500.0 / (points - 1) as f64;
    let prices: Vec<f64> = (0..points).map(|i| 500.0 + step * i as f64).collect();
    let mut losses = vec![0.0; points];
    let pools = [
        ("constant product", Pool::ConstantProduct),
        ("weighted 80/20", Pool::Weighted { weight0: 0.8 }),
        (
            "concentrated",
            Pool::Concentrated {
                lower: 1_000.0,
                upper: 4_000.0,
            },
        ),
    ];
    let mut rows = Vec::new();
    type Sweep = fn(Pool, f64, &[f64], &mut [f64]);
    let ways: [(&str, Sweep); 2] = [("hedgerow", sweep::il), ("hedgerow, one core", sweep::il_serial)];
    for (pool_name, pool) in pools {
        for (way, run) in ways {
            let best = (0..effort.sweeps).map(|_| {
                let start = Instant::now();
                run(pool, ENTRY, black_box(&prices), black_box(&mut losses));
                start.elapsed().as_secs_f64() * 1e9 / points as f64
            });
            rows.push((way.to_owned(), pool_name.to_owned(), best.fold(f64::INFINITY, f64::min)));
        }
    }
    let numpy = numpy(effort, &mut rows);
    Rows { points, numpy, rows }
}

/// Adds numpy's rows; its version.
fn numpy(effort: Effort, rows: &mut Vec<(String, String, f64)>) -> Option<String> {
    let python = env::var_os("NUMPY_PYTHON").filter(|python| !python.is_empty())?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/numpy_sweep.py");
    let arguments = [script.to_owned(), effort.points.to_string(), effort.sweeps.to_string()];
    let output = Command::new(python)
        .args(arguments)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut version = None;
    for line in text.lines() {
        let (name, value) = line.split_once(' ')?;
        let (pool, way) = match name {
            "version" => {
                version = Some(value.to_owned());
                continue;
            }
            "constant_product" => ("constant product", "numpy"),
            "constant_product_in_place" => ("constant product", "numpy, in preallocated arrays"),
            "weighted" => ("weighted 80/20", "numpy"),
            _ => ("concentrated", "numpy"),
        };
        rows.push((way.to_owned(), pool.to_owned(), value.parse().ok()?));
    }
    version
}
