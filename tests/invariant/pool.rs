//! The pool, read from its own storage, and the harness's own arithmetic over it: nothing of the project's.
//!
//! Values are `f64` raw token1: what they are held against are millionths, and f64 keeps fifteen digits.

use alloy::{
    primitives::{Address, B256, I256, U256, keccak256},
    sol_types::SolValue,
};

use super::machine::Machine;
use crate::common::held::Range;

// Where Uniswap v3's pool keeps things: the order in which UniswapV3Pool.sol declares them.
const SLOT0: u64 = 0;
const FEE_GROWTH: [u64; 2] = [1, 2];
const TICKS: u64 = 5;
const POSITIONS: u64 = 7;
const OBSERVATIONS: u64 = 8;

/// The pool's price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub sqrt_price: U256,
    pub tick: i32,
    /// Whether nobody is inside.
    pub unlocked: bool,
}

/// A pool on a chain.
#[derive(Clone, Copy)]
pub struct Pool<'a> {
    pub machine: &'a Machine,
    pub address: Address,
}

/// What a position inside a pool has: liquidity, and the fees that it earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stake {
    pub liquidity: u128,
    pub fees: [u128; 2],
}

fn bits(word: U256, from: usize, count: usize) -> U256 {
    (word >> from) & ((U256::ONE << count) - U256::ONE)
}

/// So many bits as a signed number.
fn signed(word: U256, from: usize, count: usize) -> i64 {
    let shift = 64 - count;
    (bits(word, from, count).to::<u64>() << shift) as i64 >> shift
}

fn entry(key: U256, slot: u64) -> U256 {
    U256::from_be_bytes(keccak256((key, U256::from(slot)).abi_encode()).0)
}

impl Pool<'_> {
    fn word(&self, slot: U256) -> U256 {
        self.machine.state().storage(self.address, slot)
    }

    pub fn spot(&self) -> Spot {
        let word = self.word(U256::from(SLOT0));
        Spot {
            sqrt_price: bits(word, 0, 160),
            tick: signed(word, 160, 24) as i32,
            unlocked: !bits(word, 240, 8).is_zero(),
        }
    }

    /// Fee growth outside a tick, by token.
    fn outside(&self, tick: i32) -> [U256; 2] {
        let key = I256::try_from(tick).unwrap().into_raw();
        let base = entry(key, TICKS);
        [1, 2].map(|offset| self.word(base + U256::from(offset)))
    }

    /// Fee growth inside a range, modulo 2^256 as the pool counts.
    pub fn growth_inside(&self, (lower, upper): Range) -> [U256; 2] {
        let (tick, below, above) = (self.spot().tick, self.outside(lower), self.outside(upper));
        [0, 1].map(|i| {
            let all = self.word(U256::from(FEE_GROWTH[i]));
            let below = if tick >= lower {
                below[i]
            } else {
                all.wrapping_sub(below[i])
            };
            let above = if tick < upper {
                above[i]
            } else {
                all.wrapping_sub(above[i])
            };
            all.wrapping_sub(below).wrapping_sub(above)
        })
    }

    /// What the pool knows of somebody's direct position, with the fees not yet counted.
    pub fn direct(&self, owner: Address, range: Range) -> Stake {
        let ticks = [range.0, range.1].map(|tick| tick.to_be_bytes()[1..].to_vec());
        let key = keccak256([owner.to_vec(), ticks.concat()].concat());
        let base = entry(key.into(), POSITIONS);
        let [liquidity, last0, last1, owed] = [0, 1, 2, 3].map(|offset| self.word(base + U256::from(offset)));
        let liquidity = bits(liquidity, 0, 128).to::<u128>();
        let owed = [bits(owed, 0, 128).to::<u128>(), bits(owed, 128, 128).to::<u128>()];
        self.stake(range, liquidity, [last0, last1], owed)
    }

    /// A position with what it earned since its fee growth was last looked at.
    pub fn stake(&self, range: Range, liquidity: u128, last: [U256; 2], owed: [u128; 2]) -> Stake {
        let growth = self.growth_inside(range);
        let earned = [0, 1].map(|i| {
            let product = growth[i]
                .wrapping_sub(last[i])
                .widening_mul::<256, 4, 512, 8>(U256::from(liquidity));
            owed[i].wrapping_add((product >> 128_usize).wrapping_to::<u128>())
        });
        Stake {
            liquidity,
            fees: earned,
        }
    }

    /// The time-weighted mean tick of so many seconds, rounded down; nothing where the pool does not remember that long.
    ///
    /// Walks through the observations as they lie, where the pool searches.
    pub fn mean_tick(&self, window: u32) -> Option<i32> {
        let slot0 = self.word(U256::from(SLOT0));
        let index = bits(slot0, 184, 16).to::<u64>();
        let cardinality = bits(slot0, 200, 16).to::<u64>();
        let (now, tick) = (self.machine.now(), i64::from(self.spot().tick));
        let observe = |at: u64| {
            let word = self.word(U256::from(OBSERVATIONS + at % cardinality));
            let written = word >> 248_usize != U256::ZERO;
            written.then(|| (bits(word, 0, 32).to::<u64>(), signed(word, 32, 56)))
        };
        let target = now - u64::from(window);
        let (latest, total) = observe(index)?;
        let end = total + tick * (now - latest) as i64;
        let (mut later, mut later_total) = (now, end);
        for back in 0..cardinality {
            let (time, total) = observe(index + cardinality - back)?;
            if time <= target {
                // Between two observations the tick stood still, but for the pool's own division.
                let slope = if later == time {
                    0
                } else {
                    (later_total - total) / (later - time) as i64
                };
                let start = total + slope * (target - time) as i64;
                return Some((end - start).div_euclid(i64::from(window)) as i32);
            }
            (later, later_total) = (time, total);
        }
        None
    }
}

/// The square root of the price at a tick, raw token1 per raw token0.
pub fn root(tick: i32) -> f64 {
    1.0001_f64.powf(f64::from(tick) / 2.0)
}

pub fn float(value: U256) -> f64 {
    f64::from(value)
}

/// What liquidity is worth at a tick, in raw token1.
pub fn principal(liquidity: u128, (lower, upper): Range, tick: i32) -> f64 {
    let [low, high, price] = [root(lower), root(upper), root(tick)];
    let at = price.clamp(low, high);
    liquidity as f64 * ((1.0 / at - 1.0 / high) * price * price + (at - low))
}

/// What two amounts are worth at a tick, in raw token1.
pub fn worth(amounts: [f64; 2], tick: i32) -> f64 {
    amounts[0] * root(tick) * root(tick) + amounts[1]
}

/// The sqrt price of a tick as the pool writes it, near enough to stop a swap at.
pub fn limit(tick: i32) -> U256 {
    hedgerow_core::tick::sqrt_price_at_tick(tick).unwrap()
}

/// The pool's storage is where this file thinks it is.
pub fn assert_layout(pool: &Pool<'_>, owner: Address, range: Range, windows: &[u32]) {
    use hedgerow::bindings::IUniswapV3Pool as Calls;
    let (machine, at) = (pool.machine, pool.address);
    let slot0 = machine.read(at, &Calls::slot0Call {});
    let spot = pool.spot();
    assert_eq!(
        (U256::from(slot0.sqrtPriceX96), slot0.tick.as_i32()),
        (spot.sqrt_price, spot.tick)
    );
    let ticks = [range.0, range.1].map(|tick| tick.to_be_bytes()[1..].to_vec());
    let key: B256 = keccak256([owner.to_vec(), ticks.concat()].concat());
    let position = machine.read(at, &Calls::positionsCall { key });
    assert_eq!(position.liquidity, pool.direct(owner, range).liquidity);
    assert!(position.liquidity != 0);
    for window in windows {
        let observed = machine.read(
            at,
            &observeCall {
                secondsAgos: vec![*window, 0],
            },
        );
        let [from, to] = [0, 1].map(|i| observed.tickCumulatives[i].as_i64());
        let mean = (to - from).div_euclid(i64::from(*window)) as i32;
        assert_eq!(pool.mean_tick(*window), Some(mean));
    }
}

alloy::sol! {
    function observe(uint32[] secondsAgos) external view
        returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s);
}
