//! Black–Scholes, and the volatility that a price implies.

use super::{Chain, I256, U256, assert_printed, assert_vector, core_wad, int, uint, uwad, vectors, wad};
use hedgerow::bindings::IOptionsLens::*;
use hedgerow_core::{
    Wad,
    black_scholes::{self, Kind},
    implied_vol,
};

fn core_terms(terms: &Terms) -> black_scholes::Terms {
    black_scholes::Terms {
        spot: core_wad(terms.spot),
        strike: core_wad(terms.strike),
        volatility: core_wad(terms.volatility),
        seconds: terms.secondsLeft,
        rate: Wad(terms.rate),
    }
}

#[tokio::test]
async fn every_function_answers_as_the_vectors_and_the_core_do() {
    let chain = Chain::new().await;
    let options = chain.program("options").await;
    let cases = vectors!("bs");
    let terms: Vec<_> = cases
        .iter()
        .map(|case| Terms {
            spot: uint(&case["in"]["S"]),
            strike: uint(&case["in"]["K"]),
            volatility: uint(&case["in"]["sigma"]),
            secondsLeft: uint(&case["in"]["secs"]).to(),
            rate: int(&case["in"]["r"]),
        })
        .collect();
    let prices = options.ask(priceAndDeltaBatchCall { terms: terms.clone() }).await;
    let quotes = options.ask(blackScholesBatchCall { terms: terms.clone() }).await;
    assert_eq!((prices.len(), quotes.len()), (cases.len(), cases.len()));
    for (((case, terms), priced), quote) in cases.iter().zip(terms).zip(prices).zip(quotes) {
        let (out, core) = (&case["out"], core_terms(&terms));
        assert_eq!(options.ask(priceAndDeltaCall { terms: terms.clone() }).await, priced);
        assert_eq!(options.ask(blackScholesCall { terms }).await, quote);
        let two = black_scholes::price_and_delta(&core).unwrap();
        assert_vector(priced.call, two.call, &out["call"]);
        assert_vector(priced.put, two.put, &out["put"]);
        assert_vector(priced.delta, two.delta, &out["delta_call"]);
        let all = black_scholes::quote(&core).unwrap();
        assert_vector(quote.call, all.call, &out["call"]);
        assert_vector(quote.put, all.put, &out["put"]);
        for (name, chain, core) in [
            ("d1", quote.d1, all.d1),
            ("d2", quote.d2, all.d2),
            ("delta_call", quote.deltaCall, all.delta_call),
            ("delta_put", quote.deltaPut, all.delta_put),
            ("gamma", quote.gamma, all.gamma),
            ("vega", quote.vega, all.vega),
            ("theta_call", quote.thetaCall, all.theta_call),
            ("theta_put", quote.thetaPut, all.theta_put),
            ("rho_call", quote.rhoCall, all.rho_call),
            ("rho_put", quote.rhoPut, all.rho_put),
        ] {
            assert_vector(chain, core, &out[name]);
        }
    }
    textbook(&options).await;
    implied(&options).await;
    options.assert_all_asked(IOptionsLensCalls::SELECTORS, IOptionsLensCalls::SIGNATURES);
}

fn example() -> Terms {
    Terms {
        spot: uwad("100"),
        strike: uwad("100"),
        volatility: uwad("0.2"),
        secondsLeft: 31_536_000,
        rate: wad("0.05"),
    }
}

/// Hull's example: spot and strike 100, 5 %, 20 %, a year.
async fn textbook(options: &super::Program<'_>) {
    let quote = options.ask(blackScholesCall { terms: example() }).await;
    let core = black_scholes::quote(&core_terms(&example())).unwrap();
    assert_printed(quote.call, core.call, "10.450583572185567");
    assert_printed(quote.put, core.put, "5.573526022256968");
    assert_printed(quote.deltaCall, core.delta_call, "0.636830651175619");
    assert_printed(quote.gamma, core.gamma, "0.018762017345846894");
    assert_printed(quote.vega, core.vega, "37.52403469169379");
}

async fn implied(options: &super::Program<'_>) {
    let cases = vectors!("implied_vol");
    let asked: Vec<_> = cases
        .iter()
        .map(|case| PricedOption {
            kind: u8::from(case["in"]["kind"] == "put"),
            price: uint(&case["in"]["price"]),
            spot: uint(&case["in"]["S"]),
            strike: uint(&case["in"]["K"]),
            secondsLeft: uint(&case["in"]["secs"]).to(),
            rate: int(&case["in"]["r"]),
        })
        .collect();
    let answers = options.ask(impliedVolatilityBatchCall { options: asked.clone() }).await;
    assert_eq!(answers.len(), cases.len());
    for ((case, option), answer) in cases.iter().zip(asked).zip(answers) {
        let terms = black_scholes::Terms {
            spot: core_wad(option.spot),
            strike: core_wad(option.strike),
            volatility: Wad::ZERO,
            seconds: option.secondsLeft,
            rate: Wad(option.rate),
        };
        let kind = if option.kind == 0 { Kind::Call } else { Kind::Put };
        let core = implied_vol::implied_volatility(kind, core_wad(option.price), &terms).unwrap();
        assert_eq!(options.ask(impliedVolatilityCall { option }).await, answer);
        assert_vector(answer, core, &case["out"]["sigma"]);
    }
}

#[tokio::test]
async fn what_lies_outside_a_domain_is_refused_by_name() {
    let chain = Chain::new().await;
    let options = chain.program("options").await;
    let with = |change: fn(&mut Terms)| {
        let mut terms = example();
        change(&mut terms);
        priceAndDeltaCall { terms }
    };
    let free = with(|terms| terms.spot = U256::ZERO);
    options.refuse(free, PriceOutOfRange { wad: I256::ZERO }).await;
    let wild = with(|terms| terms.volatility = uwad("1000001"));
    options.refuse(wild, VolatilityOutOfRange { wad: wad("1000001") }).await;
    let long = with(|terms| terms.secondsLeft = u64::MAX);
    options.refuse(long, TermOutOfRange { secondsLeft: u64::MAX }).await;
    let dear = with(|terms| terms.rate = wad("-1.1"));
    options.refuse(dear, RateOutOfRange { wad: wad("-1.1") }).await;
    let calm = Terms {
        volatility: U256::ZERO,
        ..example()
    };
    options.refuse(blackScholesCall { terms: calm }, NoUncertainty {}).await;
    let priced = |price| {
        let terms = example();
        impliedVolatilityCall {
            option: PricedOption {
                kind: 0,
                price: uwad(price),
                spot: terms.spot,
                strike: terms.strike,
                secondsLeft: terms.secondsLeft,
                rate: terms.rate,
            },
        }
    };
    options.refuse(priced("4"), BelowIntrinsic { price: wad("4") }).await;
    options
        .refuse(priced("100.1"), AboveUpperBound { price: wad("100.1") })
        .await;
    let mut third = priced("10");
    third.option.kind = 2;
    let answer = options
        .raw(alloy::sol_types::SolCall::abi_encode(&third), U256::ZERO)
        .await;
    assert_eq!(answer, Err(Default::default()), "no such kind");
}
