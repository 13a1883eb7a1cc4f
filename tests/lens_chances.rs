//! What the lens says of the future, on the chain: published probabilities, definitions by hand, and calldata that is refused.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use alloy::{
    primitives::{Address, I256, U256},
    sol_types::{SolCall, SolError},
};
use hedgerow::{
    artifacts::Artifacts,
    bindings::IChancesLens::{
        Factors, LengthsDiffer, NoVariation, ProbabilityOutOfRange, RangeTerms, ReturnTerms, Scorecard, TooFew,
        correlationCall, inRangeProbabilityBatchCall, inRangeProbabilityCall, scorecardBatchCall, scorecardCall,
        stayingInRangeProbabilityBatchCall, stayingInRangeProbabilityCall, valueAtRiskHistoricalCall,
        valueAtRiskLognormalCall, valueAtRiskNormalBatchCall, valueAtRiskNormalCall,
    },
    client::{Call, Client},
    deployment::{self, Part},
    error::Error,
    keys,
    output::Progress,
};
use hedgerow_devnode::{Config, Devnode};

const WAD: u64 = 1_000_000_000_000_000_000;
const PERCENT: u64 = WAD / 100;
const DAY: u64 = 86_400;

fn percent(value: u64) -> U256 {
    U256::from(value) * U256::from(PERCENT)
}

fn signed(percent: i64) -> I256 {
    I256::try_from(i128::from(percent) * i128::from(PERCENT)).unwrap()
}

struct Scene {
    client: Client,
    lens: Address,
}

impl Scene {
    async fn new() -> Self {
        let client = Client::in_process(&Devnode::new(Config::default()).unwrap())
            .await
            .unwrap();
        let deployer = keys::development(0).unwrap();
        let deployed = deployment::deploy(&client, &deployer, &Artifacts::locate(), Part::Lens, &Progress::new())
            .await
            .unwrap();
        Self {
            client,
            lens: deployed.chances.unwrap().address,
        }
    }

    async fn ask<C: SolCall>(&self, call: &C) -> C::Return {
        self.client.read(self.lens, call).await.unwrap()
    }

    /// What a call of these bytes reverts with.
    async fn refusal(&self, data: Vec<u8>) -> Vec<u8> {
        let request = Call {
            data: data.into(),
            to: self.lens,
            ..Call::default()
        };
        match self.client.call(request, "asking").await {
            Err(Error::Reverted { data, .. }) => data.to_vec(),
            other => panic!("not refused: {other:?}"),
        }
    }
}

/// Ends in percent of the price, volatility in percent, days, and the probability as published, in units of 1e-12.
const PUBLISHED: [(u64, u64, u64, u64, u64); 4] = [
    (70, 130, 60, 30, 923_004_398_482),
    (90, 110, 60, 30, 439_672_793_136),
    (90, 110, 60, 7, 772_690_961_919),
    (50, 150, 80, 90, 827_611_509_031),
];

#[tokio::test]
async fn probabilities_in_range_come_out_as_published() {
    let scene = Scene::new().await;
    let terms = PUBLISHED.map(|(lower, upper, volatility, days, _)| RangeTerms {
        spot: percent(100),
        volatility: percent(volatility),
        secondsLeft: days * DAY,
        rate: I256::ZERO,
        lower: percent(lower),
        upper: percent(upper),
    });
    let batch = inRangeProbabilityBatchCall { terms: terms.to_vec() };
    let staying = stayingInRangeProbabilityBatchCall { terms: terms.to_vec() };
    let (batch, staying) = (scene.ask(&batch).await, scene.ask(&staying).await);
    assert_eq!((batch.len(), staying.len()), (4, 4));
    for (at, (question, (.., published))) in terms.into_iter().zip(PUBLISHED).enumerate() {
        let alone = inRangeProbabilityCall {
            terms: question.clone(),
        };
        assert_eq!(scene.ask(&alone).await, batch[at]);
        let rounded = (batch[at] + U256::from(500_000)) / U256::from(1_000_000);
        assert_eq!(rounded, U256::from(published), "{question:?}");
        let alone = stayingInRangeProbabilityCall { terms: question };
        assert_eq!(scene.ask(&alone).await, staying[at]);
        // Whoever never left is inside at the end.
        assert!(!staying[at].is_zero() && staying[at] < batch[at]);
    }
}

#[tokio::test]
async fn tails_are_what_their_definitions_say() {
    let scene = Scene::new().await;
    // The textbook's 99 %: z = 2.3263478740408411, pdf(z) / 1 % = 2.6652142203458048.
    let terms = ReturnTerms {
        mean: I256::ZERO,
        deviation: percent(100),
        confidence: percent(99),
    };
    let normal = scene.ask(&valueAtRiskNormalCall { terms: terms.clone() }).await;
    let near = |got: I256, wanted: u64| {
        let off = got - I256::unchecked_from(wanted);
        assert!(off.unsigned_abs() <= U256::from(2), "{got} is not about {wanted}");
    };
    near(normal.valueAtRisk, 2_326_347_874_040_841_101);
    near(normal.conditionalValueAtRisk, 2_665_214_220_345_804_813);
    let batch = valueAtRiskNormalBatchCall {
        terms: vec![terms.clone(), terms.clone()],
    };
    assert_eq!(scene.ask(&batch).await, [normal.clone(), normal]);
    // 1 - e^-2.3263478740408411.
    let lognormal = scene.ask(&valueAtRiskLognormalCall { terms }).await;
    near(lognormal.valueAtRisk, 902_348_266_929_664_038);
    assert!(lognormal.conditionalValueAtRisk > lognormal.valueAtRisk);
    // Of the losses 1 to 10 %, out of order: 80 % do not exceed 8 %, and the worst fifth loses 9.5 %.
    let returns_ = [-3, -10, -1, -7, -9, -2, -8, -4, -6, -5].map(signed).to_vec();
    let historical = valueAtRiskHistoricalCall {
        returns_,
        confidence: percent(80),
    };
    let tail = scene.ask(&historical).await;
    assert_eq!(tail.valueAtRisk, signed(8));
    assert_eq!(tail.conditionalValueAtRisk * signed(200) / signed(100), signed(19));
}

#[tokio::test]
async fn correlation_and_scorecard_follow_their_tables() {
    let scene = Scene::new().await;
    let prices0 = [100, 110, 99, 120].map(percent).to_vec();
    let inverse: Vec<_> = prices0
        .iter()
        .map(|price| percent(100) * percent(100) * percent(100) / price)
        .collect();
    let of = |prices1: &[U256]| correlationCall {
        prices0: prices0.clone(),
        prices1: prices1.to_vec(),
    };
    assert_eq!(scene.ask(&of(&prices0)).await, signed(100));
    let against = scene.ask(&of(&inverse)).await + signed(100);
    assert!(
        !against.is_negative() && against < I256::unchecked_from(1_000),
        "{against}"
    );

    // Every factor on the threshold that earns a 3, then the full range, tended by a keeper and without a loss.
    let middling = Factors {
        volatility: percent(40),
        correlation: signed(50),
        fees: percent(100),
        loss: percent(100),
        management: 2,
        lower: percent(700),
        upper: percent(1_300),
    };
    let threes = Scorecard {
        volatility: 3,
        correlation: 3,
        fees: 3,
        management: 3,
        width: 3,
        total: 15,
        verdict: 1,
    };
    let calm = Factors {
        volatility: U256::ZERO,
        correlation: signed(100),
        loss: U256::ZERO,
        management: 0,
        lower: U256::ZERO,
        upper: U256::ZERO,
        ..middling.clone()
    };
    let ones = Scorecard {
        volatility: 1,
        correlation: 1,
        fees: 1,
        management: 1,
        width: 1,
        total: 5,
        verdict: 0,
    };
    let alone = scorecardCall {
        factors: middling.clone(),
    };
    assert_eq!(scene.ask(&alone).await, threes);
    let batch = scorecardBatchCall {
        factors: vec![middling.clone(), calm],
    };
    assert_eq!(scene.ask(&batch).await, [threes, ones]);
    // Nobody's fifth way of looking after a position, and calldata cut short: refused with nothing, as Solidity does.
    let mut data = alone.abi_encode();
    assert_eq!(scene.refusal(data[..data.len() - 1].to_vec()).await, b"");
    data[4 + 5 * 32 - 1] = 5;
    assert_eq!(scene.refusal(data).await, b"");
}

#[tokio::test]
async fn what_has_no_answer_is_refused_by_name() {
    let scene = Scene::new().await;
    let historical = |returns_: &[I256], confidence| {
        valueAtRiskHistoricalCall {
            returns_: returns_.to_vec(),
            confidence,
        }
        .abi_encode()
    };
    let certain = ProbabilityOutOfRange { wad: signed(100) };
    assert_eq!(
        scene.refusal(historical(&[signed(1)], percent(100))).await,
        certain.abi_encode()
    );
    let none = TooFew {
        given: U256::ZERO,
        needed: U256::from(1),
    };
    assert_eq!(scene.refusal(historical(&[], percent(90))).await, none.abi_encode());
    // An array that claims more than there is.
    let mut data = historical(&[signed(1)], percent(90));
    data[4 + 3 * 32 - 1] = 2;
    assert_eq!(scene.refusal(data).await, b"");

    let correlation = |prices0: &[u64], prices1: &[u64]| {
        let prices = |list: &[u64]| list.iter().map(|price| percent(*price)).collect();
        correlationCall {
            prices0: prices(prices0),
            prices1: prices(prices1),
        }
        .abi_encode()
    };
    let lengths = LengthsDiffer {
        first: U256::from(3),
        second: U256::from(4),
    };
    assert_eq!(
        scene.refusal(correlation(&[1, 2, 3], &[1, 2, 3, 4])).await,
        lengths.abi_encode()
    );
    assert_eq!(
        scene.refusal(correlation(&[1, 2, 3], &[5, 5, 5])).await,
        NoVariation {}.abi_encode()
    );
}
