//! The arguments that describe a pool and a position in it, shared by the commands.

use super::{
    input::{price, wad},
    refused,
    report::{Report, exact},
};
use crate::{
    decimal::Decimal,
    error::{Error, Result},
};
use clap::Args;
use hedgerow_core::{
    Real, Rounding, Wad,
    curve::{Curve, Stake},
};

/// Which pool: constant product unless told otherwise.
#[derive(Args, Clone, Debug)]
pub struct PoolArgs {
    /// token0's weight in a weighted pool, between 0 and 1
    #[arg(long, value_name = "WEIGHT", conflicts_with_all = ["range_lower", "range_upper"])]
    pub weight: Option<Decimal>,
    /// Lower end of a concentrated range, as a price
    #[arg(long, value_name = "PRICE", requires = "range_upper")]
    pub range_lower: Option<Decimal>,
    /// Upper end of a concentrated range, as a price
    #[arg(long, value_name = "PRICE", requires = "range_lower")]
    pub range_upper: Option<Decimal>,
}

/// How much of it: by its liquidity, or by its value at the entry price.
#[derive(Args, Clone, Debug)]
pub struct SizeArgs {
    /// What the position was worth at entry, in token1
    #[arg(long, value_name = "AMOUNT", conflicts_with = "liquidity")]
    pub value: Option<Decimal>,
    /// Its liquidity in whole tokens: sqrt(x * y) of a constant product, Uniswap v3's L of a range
    #[arg(long, value_name = "L")]
    pub liquidity: Option<Decimal>,
}

impl PoolArgs {
    /// The core's curve.
    pub fn curve(&self) -> Result<Curve> {
        if let Some(weight) = &self.weight {
            return self.weighted(weight);
        }
        let (Some(lower), Some(upper)) = (&self.range_lower, &self.range_upper) else {
            return Ok(Curve::ConstantProduct);
        };
        let ends = (price("--range-lower", lower)?, price("--range-upper", upper)?);
        if ends.0 >= ends.1 {
            return Err(Error::invalid(
                "the range",
                format!("{lower} to {upper}"),
                "it is empty: the lower end must be below the upper",
            ));
        }
        Ok(Curve::Concentrated {
            lower: ends.0,
            upper: ends.1,
        })
    }

    fn weighted(&self, weight: &Decimal) -> Result<Curve> {
        let weight0 = wad("--weight", weight)?;
        if weight0 <= Wad::ZERO || weight0 >= Wad::ONE {
            return Err(Error::invalid(
                "--weight",
                weight,
                "give token0's share, strictly between 0 and 1",
            ));
        }
        Ok(Curve::Weighted { weight0 })
    }

    /// What people call it.
    pub const fn name(&self) -> &'static str {
        match (&self.weight, &self.range_lower) {
            (Some(_), _) => "weighted",
            (None, Some(_)) => "concentrated",
            (None, None) => "constant product",
        }
    }

    /// The same with its figures.
    pub fn description(&self) -> String {
        match (&self.weight, &self.range_lower, &self.range_upper) {
            (Some(weight), ..) => format!("weighted pool, {weight} of token0"),
            (None, Some(lower), Some(upper)) => format!("concentrated from {lower} to {upper}"),
            _ => "constant product, 50/50".into(),
        }
    }

    /// Repeats it in a document.
    pub fn give(&self, report: &mut Report) {
        report.given("pool", self.name());
        if let Some(weight) = &self.weight {
            report.given("weight", weight);
        }
        if let (Some(lower), Some(upper)) = (&self.range_lower, &self.range_upper) {
            report.value("range", vec![lower.to_string(), upper.to_string()].into());
        }
    }
}

impl SizeArgs {
    /// The position on a curve that was entered at a price; one of liquidity 1 unless told otherwise. Also its liquidity.
    pub fn stake(&self, curve: Curve, entry: Wad) -> Result<(Stake, Wad)> {
        let liquidity = match (&self.value, &self.liquidity) {
            (Some(value), _) => liquidity_worth(curve, entry, wad("--value", value)?)?,
            (None, Some(liquidity)) => wad("--liquidity", liquidity)?,
            (None, None) => Wad::ONE,
        };
        let stake = Stake::new(curve, liquidity).map_err(refused("the position"))?;
        Ok((stake, liquidity))
    }
}

/// The liquidity that is worth so much at a price, rounded down to a wad.
fn liquidity_worth(curve: Curve, entry: Wad, value: Wad) -> Result<Wad> {
    let unit = Stake::new(curve, Wad::ONE).map_err(refused("the position"))?;
    let liquidity = Real::from_wad(value) / unit.value(Real::from_wad(entry));
    let liquidity = liquidity.to_wad(Rounding::Down).map_err(refused("the liquidity"))?;
    if liquidity > Wad::ZERO {
        return Ok(liquidity);
    }
    Err(Error::invalid(
        "--value",
        exact(value),
        "it is worth no liquidity: give more",
    ))
}
