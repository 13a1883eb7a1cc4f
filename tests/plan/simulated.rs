//! What is expected and what stays open, against paths of the price along which a hedge is held within its band.

use crate::{MONTH, given, planned};
use hedgerow::plan::{Choice, Given};

const PATHS: u32 = 600;
const STEPS: u32 = 2_500;
const BAND: f64 = 0.06;
const INNER: f64 = 0.015;

/// Numbers as good as normal ones: of twelve uniform ones, from a generator whose every path is the same again.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        // xorshift64*.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// A position in a range, by the textbook.
fn amounts(liquidity: f64, (a, b): (f64, f64), price: f64) -> (f64, f64) {
    let root = price.clamp(a, b).sqrt();
    (liquidity * (1.0 / root - 1.0 / b.sqrt()), liquidity * (root - a.sqrt()))
}

#[test]
fn paths_hedged_within_the_band_come_to_what_the_plan_expects() {
    let range = (1_200.0, 3_200.0);
    let figures = Given {
        range: Some(range),
        band: BAND,
        inner: INNER,
        pool_fee: 0.003,
        between: (1_200.0, 3_200.0),
        ..given()
    };
    for share in [0.0, 0.5, 1.0] {
        let choice = if share == 0.0 {
            Choice::None
        } else {
            Choice::Share(share)
        };
        let told = planned(&figures, choice);
        let unit = amounts(1.0, range, 2_000.0);
        let liquidity = 10_000.0 / (unit.0 * 2_000.0 + unit.1);
        let greatest = amounts(liquidity, range, range.0).0;
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let (mut sum, mut squares, mut traded) = (0.0, 0.0, 0.0);
        for _ in 0..PATHS {
            let (mut price, mut debt, mut cash, mut turnover) = (2_000.0_f64, 0.0, 0.0, 0.0);
            for step in 0..=STEPS {
                let delta = amounts(liquidity, range, price).0;
                let wanted = share * delta;
                let band = (BAND * delta).max(0.01 * greatest);
                let next = match () {
                    () if share == 0.0 => 0.0,
                    () if step == 0 => wanted,
                    () if step == STEPS => 0.0,
                    () if debt > wanted + band => wanted + INNER * delta,
                    () if debt < wanted - band => wanted - INNER * delta,
                    () => debt,
                };
                cash += (next - debt) * price;
                turnover += (next - debt).abs() * price;
                debt = next;
                if step < STEPS {
                    let deviation = 0.8 * (MONTH / f64::from(STEPS)).sqrt();
                    price *= deviation.mul_add(dice.normal(), -0.5 * deviation * deviation).exp();
                }
            }
            let (volatile, stable) = amounts(liquidity, range, price);
            let result = volatile * price + stable - 10_000.0 + cash;
            sum += result;
            squares += result * result;
            traded += turnover;
        }
        let count = f64::from(PATHS);
        let mean = sum / count;
        let deviation = (squares / count - mean * mean).sqrt();
        // Four standard errors of a mean, three of a deviation; a tenth of the trading, as the band is looked at from step to step only.
        assert!(
            (mean + told.loss).abs() < 4.0 * deviation / count.sqrt(),
            "{share}: {mean} {}",
            told.loss
        );
        assert!(
            (deviation / told.deviation - 1.0).abs() < 0.1,
            "{share}: {deviation} {}",
            told.deviation
        );
        let fees = traded / count * 0.003;
        assert!(
            (fees - told.trading).abs() <= 0.1 * told.trading,
            "{share}: {fees} {}",
            told.trading
        );
    }
}
