//! Pools and positions: a loss is never a gain nor more than everything, and integers obey Uniswap's inequalities.

use crate::Input;
use hedgerow_core::curve::{self, Curve, Stake};
use hedgerow_core::{I256, U256, Wad, fees, hedge, il, liquidity, lvr, position, premium, tick};

/// The target's body.
pub fn body(data: &[u8]) {
    let mut input = Input::new(data);
    losses(input.word(), input.word(), input.word());
    ticks(&mut input);
    concentrated(&mut input);
    curves(&mut input);
    let _ = fees::earned(input.word(), input.word(), input.u64().into());
}

fn is_loss(il: I256) -> bool {
    il <= I256::ZERO && il >= -Wad::ONE.0
}

fn losses(p0: U256, p1: U256, weight: U256) {
    let (Ok(il), Ok(ray), Ok(bps)) = (
        il::constant_product(p0, p1),
        il::constant_product_ray(p0, p1),
        il::calculator(p0, p1),
    ) else {
        assert!(p0.is_zero() || p1.is_zero());
        return;
    };
    assert!(is_loss(il) && (il.is_zero() == (p0 == p1)));
    // One number at three scales, each its floor.
    assert_eq!(ray.0.div_euclid(I256::unchecked_from(1_000_000_000)), il);
    assert_eq!(il.div_euclid(I256::unchecked_from(100_000_000_000_000_u64)), bps.0);
    assert_eq!(il::constant_product(p1, p0), Ok(il));
    let weight = weight % U256::from(1_000_000_000_000_000_000_u64);
    if let Ok(loss) = il::weighted(p0, p1, weight) {
        assert!(is_loss(loss) && (loss.is_zero() == (p0 == p1)), "{p0} {p1} {weight}");
        let mirrored = il::weighted(p1, p0, Wad::ONE.0.into_raw() - weight);
        assert!(mirrored.is_ok_and(|mirrored| (loss - mirrored).unsigned_abs() <= U256::from(1)));
    } else {
        assert!(weight.is_zero());
    }
}

fn ticks(input: &mut Input<'_>) {
    let price = input.sqrt_price();
    let Ok(tick) = tick::tick_at_sqrt_price(price) else {
        panic!("{price} has no tick");
    };
    let at = |tick| tick::sqrt_price_at_tick(tick);
    assert!(at(tick).is_ok_and(|below| below <= price));
    assert!(at(tick + 1).is_ok_and(|above| above > price) || tick == tick::MAX_TICK);
    let _ = tick::sqrt_price_at_tick(input.tick());
}

fn concentrated(input: &mut Input<'_>) {
    let (lower, upper) = input.range();
    let (entry, price, amount) = (input.sqrt_price(), input.sqrt_price(), input.word() >> 128_usize);
    let Ok((a, b)) = tick::range_sqrt_prices(lower, upper) else {
        panic!("[{lower}, {upper}] is no range");
    };
    // What is minted for amounts costs no more than them, and pays out no more than it cost.
    if let Ok(minted) = liquidity::liquidity_for_amounts(price, a, b, amount, amount)
        && let Ok((cost0, cost1)) = liquidity::amounts_to_mint(price, a, b, minted)
    {
        assert!(
            cost0 <= amount && cost1 <= amount,
            "{price} [{lower}, {upper}] {amount}: {minted}"
        );
        let paid = liquidity::amounts_for_liquidity(price, a, b, minted);
        assert!(paid.is_ok_and(|(paid0, paid1)| paid0 <= cost0 && paid1 <= cost1));
    }
    let liquidity = input.u64().into();
    let Ok(il) = il::concentrated(entry, price, lower, upper) else {
        panic!("no loss between {entry} and {price} in [{lower}, {upper}]");
    };
    assert!(is_loss(il));
    assert_eq!(il::concentrated(price, price, lower, upper), Ok(I256::ZERO));
    let _ = position::figures(u128::MAX, entry, price, lower, upper);
    if let Ok(figures) = position::figures(liquidity, entry, price, lower, upper) {
        assert!(figures.il == il && figures.value <= figures.hold);
        assert!(!figures.gamma.is_positive() && !figures.dollar_gamma.is_positive());
        let wads = |raw: U256| raw * U256::from(1_000_000_000_000_000_000_u64);
        assert!(figures.delta >= wads(figures.amount0) && figures.delta - wads(figures.amount0) < wads(U256::from(1)));
    }
}

fn curves(input: &mut Input<'_>) {
    let (low, high) = (input.price(), input.price());
    let curve = match input.byte() % 3 {
        0 => Curve::ConstantProduct,
        1 => Curve::Weighted {
            weight0: input.weight(),
        },
        _ => Curve::Concentrated {
            lower: low.min(high),
            upper: low.max(high),
        },
    };
    let (entry, price) = (input.price(), input.price());
    let Ok(stake) = Stake::new(curve, input.price()) else {
        return;
    };
    if let Ok(figures) = curve::figures(&stake, entry, price) {
        assert!(
            is_loss(figures.il.0) && figures.il_abs <= Wad::ZERO,
            "{curve:?} {entry:?} {price:?}: {figures:?}"
        );
        assert!(figures.gamma <= Wad::ZERO && figures.delta >= Wad::ZERO && figures.value >= Wad::ZERO);
    }
    let _ = hedge::delta_hedge(&stake, entry, price);
    let _ = lvr::of_stake(input.up_to(10), &stake, price);
    let market = crate::options::terms(input).market();
    if let Ok(premium) = premium::fair(&stake, entry, &market) {
        assert!(premium.value >= Wad::ZERO && premium.fraction >= Wad::ZERO);
    }
}
