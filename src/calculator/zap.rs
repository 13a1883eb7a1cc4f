//! The swap that reaches a range's ratio, by name.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
};
use hedgerow_core::{
    Error, Tick, U256, Wad, tick,
    zap::{Ending, Pool, Ticks, solve},
};

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "swap_to_ratio",
    takes: "sqrtP L fee spacing ticks nets tickLower tickUpper amount0 amount1",
    gives: "zero_for_one amount_in amount_out sqrtPriceX96 amount0 amount1 L ending",
    run: swap_to_ratio,
}];

/// A pool's initialised ticks, ascending, with the liquidity that each adds when it is crossed upwards.
struct Listed {
    spacing: i32,
    nets: Vec<(i32, i128)>,
}

impl Listed {
    fn read(args: &Arguments<'_>) -> Result<Self, Fault> {
        let spacing = args.integer("spacing")?;
        let (ticks, nets) = (args.wads("ticks")?, args.wads("nets")?);
        if ticks.len() != nets.len() {
            return Err(Error::LengthsDiffer(ticks.len(), nets.len()).into());
        }
        if spacing < 1 {
            return Err(Fault::new(
                "bad_argument",
                format!("the spacing is {spacing}; pass a pool's tickSpacing, above zero"),
            ));
        }
        let pairs = ticks.iter().zip(&nets).map(|(tick, net)| pair(*tick, *net, spacing));
        let nets: Vec<_> = pairs.collect::<Result<_, _>>()?;
        match nets.windows(2).find(|two| two[0].0 >= two[1].0) {
            Some(two) => Err(Fault::new(
                "ticks_not_ascending",
                format!(
                    "tick {} follows {}; pass each once, in ascending order",
                    two[1].0, two[0].0
                ),
            )),
            None => Ok(Self { spacing, nets }),
        }
    }

    /// The word of the pool's bitmap that holds these compressed ticks.
    fn word(&self, word: i16) -> U256 {
        let first = i32::from(word) * 256;
        let from = self.nets.partition_point(|(tick, _)| tick / self.spacing < first);
        let inside = self.nets[from..].iter().map(|(tick, _)| tick / self.spacing - first);
        inside
            .take_while(|bit| *bit < 256)
            .fold(U256::ZERO, |bits, bit| bits | (U256::from(1) << bit as usize))
    }
}

/// One tick on the spacing, and its net liquidity.
fn pair(tick: Wad, net: Wad, spacing: i32) -> Result<(i32, i128), Fault> {
    let refuse = |what: &str, value: Wad, wanted: &str| {
        Fault::new("bad_argument", format!("{what} is {}; pass {wanted}", value.0))
    };
    let at = i32::try_from(tick.0)
        .ok()
        .filter(|at| Tick::new(*at).is_ok() && at % spacing == 0)
        .ok_or_else(|| refuse("a tick", tick, "ticks on the pool's spacing in [-887272, 887272]"))?;
    let liquidity = i128::try_from(net.0).map_err(|_| refuse("a tick's net liquidity", net, "an int128"))?;
    Ok((at, liquidity))
}

impl Ticks for Listed {
    type Error = Error;

    fn next(&mut self, tick: i32, zero_for_one: bool) -> Result<(i32, bool), Error> {
        let (word, _) = tick::bitmap_position(tick, self.spacing, zero_for_one);
        Ok(tick::next_in_word(self.word(word), tick, self.spacing, zero_for_one))
    }

    fn liquidity_net(&mut self, tick: i32) -> Result<i128, Error> {
        let found = self.nets.binary_search_by_key(&tick, |(at, _)| *at);
        found.map(|at| self.nets[at].1).map_err(|_| Error::TickNotAhead(tick))
    }
}

fn swap_to_ratio(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let sqrt_price = args.unsigned("sqrtP")?;
    let pool = Pool {
        sqrt_price,
        tick: tick::tick_at_sqrt_price(sqrt_price)?,
        liquidity: args.u128("L")?,
        fee_pips: args.integer("fee")?,
    };
    let (lower, upper) = tick::range_sqrt_prices(args.integer("tickLower")?, args.integer("tickUpper")?)?;
    let held = (args.unsigned("amount0")?, args.unsigned("amount1")?);
    let plan = solve(&pool, lower, upper, held.0, held.1, &mut Listed::read(args)?)?;
    out.put("zero_for_one", plan.zero_for_one);
    out.put("amount_in", plan.amount_in);
    out.put("amount_out", plan.amount_out);
    out.put("sqrtPriceX96", plan.sqrt_price);
    out.put("amount0", plan.amount0);
    out.put("amount1", plan.amount1);
    out.put("L", plan.liquidity);
    out.put(
        "ending",
        match plan.ending {
            Ending::Ratio => "ratio",
            Ending::NoSwap => "no_swap",
            Ending::Gap => "gap",
            Ending::Exhausted => "exhausted",
        },
    );
    Ok(())
}
