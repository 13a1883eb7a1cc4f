//! Calldata that is no call of a function, and ether: every program reverts with nothing, as Solidity does.

use super::{Chain, Program, U256, uwad};
use alloy::{dyn_abi::DynSolType, primitives::Bytes, sol_types::SolCall};
use hedgerow::bindings::{
    IDirectLens::{self, IDirectLensCalls},
    IHedgeLens::{self, IHedgeLensCalls},
    ILens::{self, ILensCalls},
    IOptionsLens::{self, IOptionsLensCalls},
    IRangeLens::{self, IRangeLensCalls},
    IRiskLens::{self, IRiskLensCalls},
    IStakeLens::{self, IStakeLensCalls},
    IStatisticsLens::{self, IStatisticsLensCalls},
};

/// Asserts that the program reverts with nothing.
async fn assert_nothing(program: &Program<'_>, data: Vec<u8>, value: U256, what: &str) {
    assert_eq!(program.raw(data, value).await, Err(Bytes::new()), "{what}");
}

fn words(selector: [u8; 4], words: &[U256]) -> Vec<u8> {
    let words = words.iter().flat_map(|word| word.to_be_bytes::<32>());
    selector.into_iter().chain(words).collect()
}

/// Places and lengths that no calldata has: beyond its end by one or by far, and what wraps around in 32 or 64 bits.
fn too_large() -> [U256; 8] {
    let power = |bits: usize| U256::from(1) << bits;
    [
        U256::from(1_000_000),
        power(31),
        power(32),
        power(58),
        power(59) + U256::from(1),
        power(64),
        power(255),
        U256::MAX,
    ]
}

/// The lists that a function takes: the words of its arguments' head, and which of them is the list's place.
fn lists(signature: &str) -> Vec<(usize, usize)> {
    let (name, arguments) = signature.split_once('(').unwrap();
    let arguments: DynSolType = format!("({arguments}").parse().unwrap();
    let DynSolType::Tuple(arguments) = arguments else {
        panic!("{name} takes no arguments");
    };
    let (mut head, mut places) = (0, Vec::new());
    for argument in &arguments {
        if matches!(argument, DynSolType::Array(_)) {
            places.push(head);
        }
        head += argument.minimum_words();
    }
    places.into_iter().map(|place| (head, place)).collect()
}

#[tokio::test]
async fn short_and_unknown_calldata_is_refused_by_every_function() {
    let chain = Chain::new().await;
    for (name, selectors, signatures) in [
        ("lens", ILensCalls::SELECTORS, ILensCalls::SIGNATURES),
        ("directlens", IDirectLensCalls::SELECTORS, IDirectLensCalls::SIGNATURES),
        ("ranges", IRangeLensCalls::SELECTORS, IRangeLensCalls::SIGNATURES),
        ("stake", IStakeLensCalls::SELECTORS, IStakeLensCalls::SIGNATURES),
        ("options", IOptionsLensCalls::SELECTORS, IOptionsLensCalls::SIGNATURES),
        ("hedge", IHedgeLensCalls::SELECTORS, IHedgeLensCalls::SIGNATURES),
        ("risk", IRiskLensCalls::SELECTORS, IRiskLensCalls::SIGNATURES),
        (
            "statistics",
            IStatisticsLensCalls::SELECTORS,
            IStatisticsLensCalls::SIGNATURES,
        ),
    ] {
        let program = chain.program(name).await;
        for (selector, signature) in selectors.iter().zip(signatures) {
            for length in [0, 1, 31] {
                let data = [&selector[..], &vec![0; length]].concat();
                assert_nothing(&program, data, U256::ZERO, signature).await;
            }
            for (head, index) in lists(signature) {
                let mut words_of = vec![U256::ZERO; head + 1];
                for large in too_large() {
                    // The list's place lies beyond the calldata, or its length reaches beyond.
                    words_of[index] = large;
                    assert_nothing(&program, words(*selector, &words_of), U256::ZERO, signature).await;
                    (words_of[index], words_of[head]) = (U256::from(32 * head), large);
                    assert_nothing(&program, words(*selector, &words_of), U256::ZERO, signature).await;
                }
            }
        }
        for unknown in [&[][..], &[0], &[0, 0, 0], &[0xde, 0xad, 0xbe, 0xef]] {
            assert_nothing(&program, unknown.to_vec(), U256::ZERO, name).await;
        }
    }
}

/// A good call of every program: answered as it is, refused with ether, short by a byte, or with its word `dirty` out of its type.
#[tokio::test]
async fn ether_and_words_beyond_their_types_are_refused() {
    let chain = Chain::new().await;
    let e18 = uwad("1");
    let year = U256::from(31_536_000);
    let zero = U256::ZERO;
    let unit = U256::from(1) << 96;
    let stake = [zero, e18, zero, zero, zero];
    let market = [e18, e18, year, zero];
    let insured: Vec<_> = [&stake[..], &[e18], &market].concat();
    let ticks = [unit, zero, U256::from(60), e18];
    let garch = [
        U256::from(1_000),
        uwad("0.1"),
        uwad("0.8"),
        U256::from(192),
        U256::from(10),
        U256::from(365),
        U256::from(3),
        e18,
        uwad("2"),
        uwad("3"),
    ];
    let strip: Vec<_> = [&stake[..], &[e18, U256::from(352)], &market, &[U256::from(1), e18]].concat();
    let range = [e18, unit, unit, zero, U256::from(60)];
    for (name, selector, good, dirty) in [
        (
            "lens",
            ILens::figuresCall::SELECTOR,
            range.to_vec(),
            &[(0, 128), (1, 160), (3, 23)][..],
        ),
        (
            "directlens",
            IDirectLens::positionKeyCall::SELECTOR,
            vec![e18, zero, U256::from(60)],
            &[(0, 160), (1, 23), (2, 24)],
        ),
        (
            "ranges",
            IRangeLens::amountsToMintCall::SELECTOR,
            ticks.to_vec(),
            &[(0, 160), (1, 23), (2, 24), (3, 128)],
        ),
        ("stake", IStakeLens::premiumCall::SELECTOR, insured, &[(0, 8), (8, 64)]),
        (
            "options",
            IOptionsLens::priceAndDeltaCall::SELECTOR,
            vec![e18, e18, e18, year, zero],
            &[(3, 64), (3, 255)],
        ),
        (
            "hedge",
            IHedgeLens::stripCall::SELECTOR,
            strip,
            &[(0, 8), (6, 31), (9, 64), (11, 31)],
        ),
        ("risk", IRiskLens::ncdfCall::SELECTOR, vec![e18], &[]),
        (
            "statistics",
            IStatisticsLens::garchCall::SELECTOR,
            garch.to_vec(),
            &[(3, 40), (4, 64), (5, 64), (6, 33)],
        ),
    ] {
        let program = chain.program(name).await;
        let data = words(selector, &good);
        let answer = program.raw(data.clone(), zero).await;
        assert!(answer.is_ok_and(|answer| !answer.is_empty()), "{name}");
        assert_nothing(&program, data.clone(), U256::from(1), name).await;
        let short = data[..data.len() - 1].to_vec();
        assert_nothing(&program, short, zero, name).await;
        for (word, bit) in dirty {
            let mut bent = good.clone();
            bent[*word] |= U256::from(1) << *bit;
            assert_nothing(
                &program,
                words(selector, &bent),
                zero,
                &format!("{name}: bit {bit} of word {word}"),
            )
            .await;
        }
        // Bytes behind the arguments are ignored, as Solidity ignores them.
        let long = [&data[..], &[1, 2, 3]].concat();
        assert_eq!(program.raw(long, zero).await, program.raw(data, zero).await, "{name}");
    }
}
