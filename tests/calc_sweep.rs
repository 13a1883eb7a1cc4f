//! The sweep in floating point against the core's exact figures.
#![allow(clippy::unwrap_used)]

use hedgerow::sweep::{Pool, il, il_serial};
use hedgerow_core::{
    I256, Rounding, Wad,
    curve::{Curve, Stake},
    real::Real,
};

/// A deterministic source of 64-bit numbers (splitmix64).
struct Source(u64);

impl Source {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A price that both a double and a wad hold exactly, `k / 2^18`, over some twelve powers of ten.
    fn price(&mut self) -> Price {
        let bits = 2 + self.next() % 40;
        Price((self.next() >> (64 - bits)).max(1))
    }
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Price(u64);

impl Price {
    fn double(self) -> f64 {
        self.0 as f64 / 262_144.0
    }

    fn wad(self) -> Wad {
        // 1e18 / 2^18 = 5^18
        Wad(I256::try_from(u128::from(self.0) * 3_814_697_265_625_u128).unwrap())
    }
}

fn exact(curve: Curve, entry: Price, prices: &[Price]) -> Vec<f64> {
    let stake = Stake::new(curve, Wad::ONE).unwrap();
    let entered = stake.entered(Real::from_wad(entry.wad()));
    let il = |price: &Price| {
        entered
            .il(Real::from_wad(price.wad()))
            .to_wad(Rounding::Nearest)
            .unwrap()
    };
    prices
        .iter()
        .map(|price| il(price).0.to_string().parse::<f64>().unwrap() / 1e18)
        .collect()
}

/// The greatest distance from the core's figures at so many random prices.
fn worst(source: &mut Source, curve: Curve, pool: Pool, entry: Price, count: usize) -> f64 {
    let prices: Vec<_> = (0..count).map(|_| source.price()).chain([entry]).collect();
    let doubles: Vec<_> = prices.iter().map(|price| price.double()).collect();
    let mut losses = vec![f64::NAN; doubles.len()];
    il(pool, entry.double(), &doubles, &mut losses);
    assert_eq!(losses.last(), Some(&0.0), "no loss at the entry");
    let distances = exact(curve, entry, &prices)
        .into_iter()
        .zip(losses)
        .map(|(exact, loss)| (exact - loss).abs());
    // `max` would pass over a NaN.
    distances.fold(0.0, |worst, distance| if distance <= worst { worst } else { distance })
}

#[test]
fn constant_product_agrees_with_the_core() {
    let mut source = Source(1);
    for _ in 0..20 {
        let entry = source.price();
        let error = worst(&mut source, Curve::ConstantProduct, Pool::ConstantProduct, entry, 1_000);
        assert!(error <= 2e-15, "{error}");
    }
}

#[test]
fn weighted_agrees_with_the_core() {
    let mut source = Source(2);
    for _ in 0..20 {
        // k / 2^18 is exact here too; strictly between 0 and 1.
        let (entry, weight) = (source.price(), Price(1 + source.next() % 262_143));
        let curve = Curve::Weighted { weight0: weight.wad() };
        let pool = Pool::Weighted {
            weight0: weight.double(),
        };
        let error = worst(&mut source, curve, pool, entry, 1_000);
        assert!(error <= 1e-14, "{error}");
    }
}

#[test]
fn concentrated_agrees_with_the_core_however_narrow_the_range() {
    let mut source = Source(3);
    for _ in 0..40 {
        let (entry, lower, width) = (source.price(), source.price(), source.price());
        let upper = Price(lower.0 + width.0);
        let curve = Curve::Concentrated {
            lower: lower.wad(),
            upper: upper.wad(),
        };
        let pool = Pool::Concentrated {
            lower: lower.double(),
            upper: upper.double(),
        };
        let error = worst(&mut source, curve, pool, entry, 1_000);
        assert!(error <= 1e-14, "{error}");
    }
}

#[test]
fn the_published_table_is_met() {
    let il = |pool, price| {
        let mut loss = [0.0];
        il_serial(pool, 1.0, &[price], &mut loss);
        loss[0]
    };
    for (pool, price, printed) in [
        (Pool::ConstantProduct, 1.1, -0.00113443031414138),
        (Pool::ConstantProduct, 4.0, -0.2),
        (Pool::ConstantProduct, 10.0, -0.42504042542393103),
        (Pool::Weighted { weight0: 0.8 }, 2.0, -0.03272159633764),
        (Pool::Weighted { weight0: 0.8 }, 0.5, -0.042751370835804),
        (Pool::Weighted { weight0: 0.98 }, 2.0, -0.0038053489966069),
        (Pool::Concentrated { lower: 0.7, upper: 1.3 }, 0.8, -0.0425903414837),
        (Pool::Concentrated { lower: 0.7, upper: 1.3 }, 2.0, -0.258314647028),
        (Pool::Concentrated { lower: 0.5, upper: 1.5 }, 0.5, -0.223027606252),
    ] {
        assert!(
            (il(pool, price) - printed).abs() < 1e-12,
            "{pool:?} at {price}: {}",
            il(pool, price)
        );
    }
}

#[test]
fn many_threads_and_one_give_the_same_bits() {
    let mut source = Source(4);
    // Not a multiple of anything: the last share is shorter.
    let prices: Vec<_> = (0..300_007).map(|_| source.price().double()).collect();
    for pool in [
        Pool::ConstantProduct,
        Pool::Weighted { weight0: 0.8 },
        Pool::Concentrated {
            lower: 100.0,
            upper: 5_000.0,
        },
    ] {
        let (mut many, mut one) = (vec![0.0; prices.len()], vec![0.0; prices.len()]);
        il(pool, 1_000.0, &prices, &mut many);
        il_serial(pool, 1_000.0, &prices, &mut one);
        assert!(many == one, "{pool:?}");
    }
    il(Pool::ConstantProduct, 1.0, &[], &mut []);
}

#[test]
fn prices_that_are_none_give_no_figure() {
    for pool in [
        Pool::ConstantProduct,
        Pool::Weighted { weight0: 0.8 },
        Pool::Concentrated { lower: 0.5, upper: 2.0 },
    ] {
        let mut losses = [0.0; 2];
        il(pool, 1.0, &[f64::NAN, -1.0], &mut losses);
        assert!(losses[0].is_nan(), "{pool:?}: {losses:?}");
        assert!(
            losses[1].is_nan() || matches!(pool, Pool::Concentrated { .. }),
            "{pool:?}: {losses:?}"
        );
    }
}
