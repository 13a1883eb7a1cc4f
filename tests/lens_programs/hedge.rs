//! Strips and strangles.

use super::{Chain, I256, U256, Wad, assert_vector, core_wad, int, uint, uints, uwad, vectors, wad, wads};
use hedgerow::bindings::IHedgeLens::*;
use hedgerow_core::{
    black_scholes, curve,
    strangle::{self as core_strangle},
    strip::{Leg as CoreLeg, Strip},
};
use serde_json::Value;

fn stake(given: &Value) -> Stake {
    Stake {
        curve: if given["kind"] == "v2" { 0 } else { 2 },
        liquidity: uint(&given["L"]),
        weight0: U256::ZERO,
        lower: uint(&given["pa"]),
        upper: uint(&given["pb"]),
    }
}

fn core_stake(given: &Value) -> curve::Stake {
    let field = |name: &str| Wad(int(&given[name]));
    let curve = match given["kind"].as_str().unwrap() {
        "v2" => curve::Curve::ConstantProduct,
        _ => curve::Curve::Concentrated {
            lower: field("pa"),
            upper: field("pb"),
        },
    };
    curve::Stake::new(curve, field("L")).unwrap()
}

fn market(given: &Value) -> Market {
    Market {
        spot: uint(&given["p0"]),
        volatility: uint(&given["sigma"]),
        secondsLeft: uint(&given["secs"]).to(),
        rate: int(&given["r"]),
    }
}

fn core_market(market: &Market) -> black_scholes::Market {
    black_scholes::Market {
        spot: core_wad(market.spot),
        volatility: core_wad(market.volatility),
        seconds: market.secondsLeft,
        rate: Wad(market.rate),
    }
}

#[tokio::test]
async fn every_function_answers_as_the_vectors_and_the_core_do() {
    let chain = Chain::new().await;
    let program = chain.program("hedge").await;
    for case in vectors!("carr_madan") {
        let (given, out) = (&case["in"], &case["out"]);
        let strikes = uints(&given["strikes"]);
        let (core, core_strikes) = (core_stake(given), wads(&strikes));
        let strip = Strip::new(&core, Wad(int(&given["p0"])), &core_strikes).unwrap();
        let mut legs = vec![CoreLeg::default(); strikes.len()];
        let total = strip
            .sizes_and_premium(&core_market(&market(given)), &mut legs)
            .unwrap();
        let call = stripCall {
            stake: stake(given),
            entryPrice: uint(&given["p0"]),
            strikes,
            market: market(given),
        };
        let got = program.ask(call).await;
        assert_eq!(got.legs.len(), legs.len());
        for (place, (leg, core)) in got.legs.iter().zip(legs).enumerate() {
            assert_vector(leg.put, core.put, &out["put"][place]);
            assert_vector(leg.call, core.call, &out["call"][place]);
        }
        assert_vector(got.premium, total, &out["premium"]);
    }
    for case in vectors!("strangle") {
        let (given, out) = (&case["in"], &case["out"]);
        let core_wings = core_strangle::Wings {
            low: Wad(int(&given["s_dn"])),
            put_strike: Wad(int(&given["kp"])),
            call_strike: Wad(int(&given["kc"])),
            high: Wad(int(&given["s_up"])),
        };
        let entry = Wad(int(&given["p0"]));
        let core =
            core_strangle::strangle(&core_stake(given), entry, &core_wings, &core_market(&market(given))).unwrap();
        let call = strangleCall {
            stake: stake(given),
            entryPrice: uint(&given["p0"]),
            wings: Wings {
                low: uint(&given["s_dn"]),
                putStrike: uint(&given["kp"]),
                callStrike: uint(&given["kc"]),
                high: uint(&given["s_up"]),
            },
            market: market(given),
        };
        let got = program.ask(call).await;
        assert_vector(got.puts, core.puts, &out["n_put"]);
        assert_vector(got.calls, core.calls, &out["n_call"]);
        assert_vector(got.ilLow, core.il_low, &out["il_dn"]);
        assert_vector(got.ilHigh, core.il_high, &out["il_up"]);
        assert_vector(got.premium, core.premium, &out["premium"]);
    }
    program.assert_all_asked(IHedgeLensCalls::SELECTORS, IHedgeLensCalls::SIGNATURES);
}

#[tokio::test]
async fn what_lies_outside_a_domain_is_refused_by_name() {
    let chain = Chain::new().await;
    let program = chain.program("hedge").await;
    let good = stripCall {
        stake: Stake {
            curve: 0,
            liquidity: uwad("1"),
            weight0: U256::ZERO,
            lower: U256::ZERO,
            upper: U256::ZERO,
        },
        entryPrice: uwad("1"),
        strikes: ["0.5", "1", "2"].map(uwad).to_vec(),
        market: Market {
            spot: uwad("1"),
            volatility: uwad("0.6"),
            secondsLeft: 86_400,
            rate: I256::ZERO,
        },
    };
    assert_eq!(program.ask(good.clone()).await.legs.len(), 3);
    let with = |change: &dyn Fn(&mut stripCall)| {
        let mut call = good.clone();
        change(&mut call);
        call
    };
    let index = U256::from(2);
    let twice = with(&|call| call.strikes[2] = call.strikes[1]);
    program.refuse(twice, StrikesNotAscending { index }).await;
    let beside = with(&|call| call.entryPrice = uwad("1.5"));
    program.refuse(beside, EntryNotAStrike { value: wad("1.5") }).await;
    let nothing = with(&|call| call.strikes.clear());
    program.refuse(nothing, EntryNotAStrike { value: wad("1") }).await;
    let free = with(&|call| call.strikes[0] = U256::ZERO);
    program.refuse(free, PriceOutOfRange { wad: I256::ZERO }).await;
    let wild = with(&|call| call.market.volatility = uwad("1000001"));
    program.refuse(wild, VolatilityOutOfRange { wad: wad("1000001") }).await;
    let negative = with(&|call| call.stake.liquidity = U256::MAX);
    program.refuse(negative, Overflow {}).await;

    let [low, put, call, high] = ["0.5", "0.8", "1.25", "2"].map(uwad);
    for (wings, wrong) in [
        ([put, low, call, high], "0.8"),
        ([low, call, put, high], "1.25"),
        ([low, put, high, call], "1.25"),
    ] {
        let crossed = strangleCall {
            stake: good.stake.clone(),
            entryPrice: good.entryPrice,
            wings: Wings {
                low: wings[0],
                putStrike: wings[1],
                callStrike: wings[2],
                high: wings[3],
            },
            market: good.market.clone(),
        };
        program.refuse(crossed, StrangleOutOfOrder { value: wad(wrong) }).await;
    }
}
