//! Random option terms, deterministic, each number spread evenly over its length in bits.

use hedgerow_core::black_scholes::Terms;
use hedgerow_core::{I256, WAD, Wad};

/// How many random inputs a property sees: a hundred thousand, or 10^7 with `HEDGEROW_LONG=1`.
pub fn cases(ordinary: u64) -> u64 {
    let long = std::env::var("HEDGEROW_LONG").is_ok_and(|value| value == "1");
    if long { 10_000_000 } else { ordinary }
}

/// Steele, Lea and Flood's SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of `[low, high]`, its length in bits uniform.
    pub fn spread(&mut self, low: u128, high: u128) -> u128 {
        loop {
            let lengths = u64::from(low.max(1).ilog2())..=u64::from(high.ilog2());
            let length = lengths.start() + self.next() % (lengths.end() - lengths.start() + 1);
            let digits = u128::from(self.next()) << 64 | u128::from(self.next());
            let number = (digits | 1 << 127) >> (127 - length);
            if (low..=high).contains(&number) {
                return number;
            }
        }
    }

    /// A number of `[low, high]`, uniform.
    pub fn between(&mut self, low: i128, high: i128) -> i128 {
        let digits = u128::from(self.next()) << 64 | u128::from(self.next());
        low + (digits % (high - low + 1) as u128) as i128
    }
}

/// Ranges of terms: wads, but for the seconds; `moneyness` bounds strike ÷ spot from both sides.
pub struct Ranges {
    pub spot: (u128, u128),
    pub moneyness: u128,
    pub seconds: (u64, u64),
    pub volatility: (u128, u128),
    pub rate: (i128, i128),
}

const ONE: u128 = WAD as u128;
const YEAR: u64 = 31_536_000;

/// What markets quote.
pub const REALISTIC: Ranges = Ranges {
    spot: (100 * ONE, 100_000 * ONE),
    moneyness: 2 * ONE,
    seconds: (86_400, YEAR),
    volatility: (ONE / 5, 3 * ONE / 2),
    rate: (0, ONE as i128 / 10),
};

/// The wide ranges of the published comparison of libraries.
pub const WIDE: Ranges = Ranges {
    spot: (ONE / 1000, 1_000_000_000 * ONE),
    moneyness: 49 * ONE / 10,
    seconds: (60, 5 * YEAR),
    volatility: (ONE / 100, 5 * ONE),
    rate: (0, ONE as i128 / 2),
};

/// The range that a unit of 1e-18 is promised for.
pub const WIDEST: Ranges = Ranges {
    spot: (ONE / 1000, 1_000_000_000 * ONE),
    moneyness: 1_000_000 * ONE,
    seconds: (1, 100 * YEAR),
    volatility: (ONE / 10_000, 100 * ONE),
    rate: (-(ONE as i128), 4 * ONE as i128),
};

/// Prices of any size that fits the draw.
pub const ANY: Ranges = Ranges {
    spot: (1, 1 << 107),
    moneyness: 1_000_000 * ONE,
    seconds: (1, 100 * YEAR),
    volatility: (ONE / 10_000, 1_000_000 * ONE),
    rate: (-(ONE as i128), 4 * ONE as i128),
};

pub fn wad(value: u128) -> Wad {
    Wad(I256::try_from(value).unwrap())
}

impl Ranges {
    pub fn draw(&self, random: &mut Random) -> Terms {
        let spot = random.spread(self.spot.0, self.spot.1);
        let ratio = random.spread(ONE, self.moneyness);
        // A ratio of exactly one now and then, and of nearly one.
        let ratio = match random.next() % 16 {
            0 => ONE,
            1 => ONE + (ratio - ONE) / 1_000_000,
            _ => ratio,
        };
        let scaled = |numerator: u128, denominator: u128| {
            let product = hedgerow_core::U256::from(spot) * hedgerow_core::U256::from(numerator);
            (product / hedgerow_core::U256::from(denominator)).to::<u128>().max(1)
        };
        let strike = if random.next().is_multiple_of(2) {
            scaled(ratio, ONE)
        } else {
            scaled(ONE, ratio)
        };
        let rate = random.between(self.rate.0, self.rate.1);
        Terms {
            spot: wad(spot),
            strike: wad(strike),
            volatility: wad(random.spread(self.volatility.0, self.volatility.1)),
            seconds: random.spread(self.seconds.0.into(), self.seconds.1.into()) as u64,
            rate: Wad(I256::try_from(if random.next().is_multiple_of(8) { 0 } else { rate }).unwrap()),
        }
    }
}
