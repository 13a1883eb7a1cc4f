//! Products and quotients of fixed width, in limbs of 28 bits: what a program's exact figures cost least in.
//!
//! A Stylus program pays for every branch and call many times what it pays for a multiplication, and has none of 64 by 64 bits.
//! Limbs of 28 bits leave a 64-bit word room to sum a whole column of products before one carry, and quotient digits that need
//! no correction until the last; every loop over limbs has a constant length and is unrolled. Natively the same code is as
//! exact, if not the fastest.

use alloy_primitives::U256;
use core::num::NonZeroU64;

/// Bits of a limb.
pub(crate) const BITS: usize = 28;
const MASK: u64 = (1 << BITS) - 1;

/// Digits of a quotient that are kept: 256 bits and more.
const DIGITS: usize = 10;

/// A number of `N` limbs, least significant first, each below 2^28.
pub(crate) type Limbs<const N: usize> = [u64; N];

/// Three words of 64 bits: what holds a sqrt price.
pub(crate) type Words = [u64; 3];

/// The low 192 bits.
pub(crate) fn words(x: &U256) -> Words {
    let [w0, w1, w2, _] = *x.as_limbs();
    [w0, w1, w2]
}

/// `a < b`.
#[inline(always)]
pub(crate) fn less(a: &Words, b: &Words) -> bool {
    let (low, high) = (
        u128::from(a[1]) << 64 | u128::from(a[0]),
        u128::from(b[1]) << 64 | u128::from(b[0]),
    );
    (a[2] < b[2]) | ((a[2] == b[2]) & (low < high))
}

/// The limbs of three words, whose upper bits must fit.
#[inline(always)]
pub(crate) fn from_words<const N: usize>([w0, w1, w2]: &Words) -> Limbs<N> {
    let mut out = [0; N];
    for (i, slot) in out.iter_mut().enumerate() {
        let (word, bit) = (BITS * i / 64, BITS * i % 64);
        let (low, high) = match word {
            0 => (*w0, *w1),
            1 => (*w1, *w2),
            2 => (*w2, 0),
            _ => (0, 0),
        };
        *slot = (low >> bit | high << 1 << (63 - bit)) & MASK;
    }
    out
}

/// The number shifted up until its 168th bit is its highest, and by how much; it is neither zero nor longer than that.
#[inline(never)]
pub(crate) fn normalised(&[mut w0, mut w1, mut w2]: &Words) -> (Limbs<6>, usize) {
    let mut shift = 0;
    // By whole words first.
    while w2 == 0 && shift < 128 {
        (w2, w1, w0) = (w1, w0, 0);
        shift += 64;
    }
    let zeros = w2.leading_zeros() as usize;
    // The number's highest bit becomes the 192nd: 24 bits, which are zero, go again.
    (
        leading(&[w0, w1, w2], zeros),
        (shift + zeros).saturating_sub(192 - 6 * BITS),
    )
}

/// The leading 168 of 192 bits, first shifted up by less than 64.
#[inline(always)]
pub(crate) fn leading([w0, w1, w2]: &Words, shift: usize) -> Limbs<6> {
    let raised = |high: u64, low: u64| high << shift | low >> 1 >> (63 - shift);
    let [w0, w1, w2] = [w0 << shift, raised(*w1, *w0), raised(*w2, *w1)];
    from_words(&[w0 >> 24 | w1 << 40, w1 >> 24 | w2 << 40, w2 >> 24])
}

/// Writes a statement once for each row that a product can have.
macro_rules! rows {
    ($rows:ident, $i:ident => $body:expr) => {
        rows!(@ $rows, $i, $body, 0 1 2 3 4 5 6)
    };
    (@ $rows:ident, $i:ident, $body:expr, $($row:literal)*) => {$(
        if $row < $rows {
            const $i: usize = $row;
            $body
        }
    )*};
}

/// `a * b` in `C` limbs, which must hold it, as at most seven by any number. `C` is at least `A + B - 1`.
#[inline(never)]
pub(crate) fn mul<const A: usize, const B: usize, const C: usize>(a: &Limbs<A>, b: &Limbs<B>) -> Limbs<C> {
    product(a, b)
}

/// As [`mul`], in place.
#[inline(always)]
pub(crate) fn product<const A: usize, const B: usize, const C: usize>(a: &Limbs<A>, b: &Limbs<B>) -> Limbs<C> {
    const { assert!(A <= 7 && C + 1 >= A + B) };
    // A column has at most seven products of 56 bits.
    let mut columns = [0; C];
    rows!(A, ROW => for j in 0..B {
        columns[ROW + j] += a[ROW] * b[j];
    });
    let mut carry = 0;
    for column in &mut columns {
        let sum = *column + carry;
        *column = sum & MASK;
        carry = sum >> BITS;
    }
    columns
}

/// `x + y`, which `N` limbs must hold.
#[inline(never)]
pub(crate) fn add<const N: usize>(x: &Limbs<N>, y: &Limbs<N>) -> Limbs<N> {
    let (mut out, mut carry) = ([0; N], 0);
    for i in 0..N {
        let sum = x[i] + y[i] + carry;
        out[i] = sum & MASK;
        carry = sum >> BITS;
    }
    out
}

/// `factor * x - y`, for a factor of 1 or 2 and a difference that is not negative.
#[inline(always)]
pub(crate) fn lessened<const N: usize>(factor: u64, x: &Limbs<N>, y: &Limbs<N>) -> Limbs<N> {
    let (mut out, mut carry) = ([0; N], 0_i64);
    for i in 0..N {
        let sum = (factor * x[i]) as i64 - y[i] as i64 + carry;
        out[i] = sum as u64 & MASK;
        carry = sum >> BITS;
    }
    out
}

/// `x - y`, which is not negative.
#[inline(never)]
pub(crate) fn sub(x: &Limbs<6>, y: &Limbs<6>) -> Limbs<6> {
    lessened(1, x, y)
}

/// A quotient's floor, and what is told of the rest.
#[derive(Default)]
pub(crate) struct Quotient {
    /// Least significant first; a digit may exceed 28 bits by a few.
    digits: Limbs<DIGITS>,
    /// Whether the quotient has more digits than these.
    beyond: bool,
    /// Whether something remains.
    pub(crate) remains: bool,
    /// The two leading limbs of what remains.
    pub(crate) rest: u64,
}

impl Quotient {
    /// The quotient where it has fewer than 257 bits.
    #[inline(always)]
    pub(crate) fn to_u256(&self) -> Option<U256> {
        let mut carry = 0;
        let digits = self.digits.map(|digit| {
            let sum = digit + carry;
            carry = sum >> BITS;
            sum & MASK
        });
        if self.beyond | (carry != 0) {
            return None;
        }
        to_u256(&digits)
    }

    /// The quotient modulo 2^64.
    pub(crate) fn low(&self) -> u64 {
        self.digits[0]
            .wrapping_add(self.digits[1] << BITS)
            .wrapping_add(self.digits[2] << (2 * BITS))
    }
}

/// `floor(numerator * 2^shift / divisor)`.
///
/// The divisor's top limb is at least 2^25; the numerator's limbs may exceed 28 bits by a few. `M` is `N + 2` and room below for
/// the limbs that a shift upwards adds: at least `shift / 28` and at least `D - 2`. With a shift downwards what remains is not
/// told.
#[inline(always)]
pub(crate) fn div<const N: usize, const D: usize, const M: usize>(
    numerator: &Limbs<N>,
    shift: isize,
    divisor: &Limbs<D>,
) -> Quotient {
    const { assert!(D >= 3 && M >= N + D) };
    let below = M - N - 2;
    let (whole, part) = (shift.div_euclid(BITS as isize), shift.rem_euclid(BITS as isize) as u64);
    let mut dividend = [0; M];
    let mut carry = 0;
    for i in 0..N {
        let raised = (numerator[i] << part) + carry;
        dividend[below + i] = raised & MASK;
        carry = raised >> BITS;
    }
    dividend[below + N] = carry;
    let mut quotient = Quotient::default();
    divide(&mut dividend, whole - below as isize, divisor, &mut quotient);
    quotient
}

/// Long division of limbs whose lowest has the place `lowest`, and whose highest is zero.
///
/// A digit is estimated from the leading 64 bits of the rest and 34 of the divisor, never too large and short by less than 1.3;
/// so the rest stays below 1.3 divisors instead of one, and the next digit, which makes up for it, may exceed 2^28 a little.
#[inline(never)]
fn divide<const D: usize>(dividend: &mut [u64], lowest: isize, divisor: &Limbs<D>, quotient: &mut Quotient) {
    let used = significant(dividend);
    let Some(top) = used.checked_sub(1).and_then(|top| dividend.get(top)) else {
        return;
    };
    quotient.remains = true;
    // The first D - 1 significant limbs, or D where the highest says so, are a first rest below the divisor; each limb after
    // them brings a digit.
    let start = (used + 1 - usize::from(*top < divisor[D - 1])).wrapping_sub(D);
    let Some((feed, first)) = dividend.split_at_mut_checked(start) else {
        return;
    };
    let count = (feed.len() as isize + lowest).max(0) as usize;
    let Some(mut now) = first.first_chunk::<D>().copied().filter(|_| count > 0) else {
        return;
    };
    let Some(feed) = feed.len().checked_sub(count).and_then(|unused| feed.get_mut(unused..)) else {
        return;
    };
    let leading = NonZeroU64::MIN.saturating_add(divisor[D - 1] << 6 | divisor[D - 2] >> 22);
    // A digit takes the place of the limb that brought it.
    for slot in feed.iter_mut().rev() {
        let digit = ((now[D - 1] << 34) + (now[D - 2] << 6) + (now[D - 3] >> 22)) / leading;
        let (mut before, mut carry) = (*slot, 0);
        *slot = digit;
        for i in 0..D {
            let sum = before as i64 - (digit * divisor[i]) as i64 + carry;
            before = now[i];
            now[i] = sum as u64 & MASK;
            carry = sum >> BITS;
        }
        // What exceeds the top limb stays in it.
        now[D - 1] += ((before as i64 + carry) as u64) << BITS;
    }
    if let Some(digits) = quotient.digits.get_mut(..count) {
        digits.copy_from_slice(feed);
    } else {
        // A leading digit of nought is none.
        let (kept, beyond) = feed.split_at(DIGITS);
        quotient.digits.copy_from_slice(kept);
        quotient.beyond = beyond.iter().any(|&digit| digit != 0);
    }
    // The last digit may still be short of one, which the leading limbs mostly exclude.
    if now[D - 1] >= divisor[D - 1] {
        let (mut less, mut carry) = ([0; D], 0);
        for i in 0..D {
            let sum = now[i] as i64 - divisor[i] as i64 + carry;
            less[i] = sum as u64 & MASK;
            carry = sum >> BITS;
        }
        if carry >= 0 {
            now = less;
            quotient.digits[0] += 1;
        }
    }
    quotient.remains = now.iter().fold(0, |all, limb| all | limb) != 0;
    quotient.rest = (now[D - 1] << BITS) + now[D - 2];
}

/// How many limbs there are up to the highest that is not zero.
#[inline(always)]
fn significant(limbs: &[u64]) -> usize {
    let mut used = limbs;
    while let Some((lower, &[a, b, c, d])) = used.split_last_chunk() {
        if a | b | c | d != 0 {
            let zeros = usize::from(d == 0) + usize::from(c | d == 0) + usize::from(b | c | d == 0);
            return used.len() - zeros;
        }
        used = lower;
    }
    while let Some((&0, lower)) = used.split_last() {
        used = lower;
    }
    used.len()
}

/// The number where it has fewer than 257 bits.
#[inline(always)]
fn to_u256([d0, d1, d2, d3, d4, d5, d6, d7, d8, d9]: &Limbs<DIGITS>) -> Option<U256> {
    if d9 >> 4 != 0 {
        return None;
    }
    Some(U256::from_limbs([
        d0 | d1 << 28 | d2 << 56,
        d2 >> 8 | d3 << 20 | d4 << 48,
        d4 >> 16 | d5 << 12 | d6 << 40,
        d6 >> 24 | d7 << 4 | d8 << 32 | d9 << 60,
    ]))
}

/// The limbs of a number of 256 bits.
#[inline(always)]
pub(crate) fn from_u256(x: &U256) -> Limbs<DIGITS> {
    let [w0, w1, w2, w3] = *x.as_limbs();
    let [l0, l1, l2, l3, l4, l5] = from_words(&[w0, w1, w2 & ((1 << 40) - 1)]);
    let upper: Limbs<4> = from_words(&[w2 >> 40 | w3 << 24, w3 >> 40, 0]);
    [l0, l1, l2, l3, l4, l5, upper[0], upper[1], upper[2], upper[3]]
}

/// `floor(x / 2^(28 limbs + bits))` with fewer than 28 bits, and whether anything is lost; nothing where it exceeds 256 bits.
#[inline(always)]
pub(crate) fn shr<const N: usize>(x: &Limbs<N>, limbs: usize, bits: usize) -> Option<(U256, bool)> {
    let mut lost = 0;
    for limb in x.iter().take(limbs) {
        lost |= limb;
    }
    lost |= x[limbs] & ((1 << bits) - 1);
    let mut kept = [0; DIGITS];
    for (i, slot) in kept.iter_mut().enumerate() {
        let at = |i: usize| if i < N { x[i] } else { 0 };
        *slot = (at(limbs + i) >> bits | at(limbs + i + 1) << (BITS - bits)) & MASK;
    }
    // The first limb above is part of the last that is kept; its own upper bits, and those beyond it, must be zero.
    let beyond = x.iter().skip(limbs + DIGITS + 1).fold(0, |all, limb| all | limb);
    let first = if limbs + DIGITS < N {
        x[limbs + DIGITS] >> bits
    } else {
        0
    };
    if beyond | first != 0 {
        return None;
    }
    Some((to_u256(&kept)?, lost != 0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Reference = alloy_primitives::Uint<1024, 16>;

    fn value<const N: usize>(limbs: &Limbs<N>) -> Reference {
        limbs
            .iter()
            .rev()
            .fold(Reference::ZERO, |sum, limb| (sum << BITS) + Reference::from(*limb))
    }

    /// Limbs that are often all zeros or all ones.
    fn limbs<const N: usize>() -> impl Strategy<Value = Limbs<N>> {
        let limb = prop_oneof![3 => 0..=MASK, 1 => Just(0), 1 => Just(MASK), 1 => Just(1), 1 => Just(1 << 27)];
        let limbs = prop::collection::vec(limb, N).prop_map(|all| all.try_into().unwrap());
        (limbs, 0..=N).prop_map(|(mut limbs, length): (Limbs<N>, usize)| {
            limbs[length..].fill(0);
            limbs
        })
    }

    /// A divisor's limbs: the top one at least 2^25.
    fn divisor<const N: usize>() -> impl Strategy<Value = Limbs<N>> {
        let limb = prop_oneof![3 => 0..=MASK, 1 => Just(0), 1 => Just(MASK)];
        let top = prop_oneof![1_u64 << 25..1 << 28, Just(1 << 25), Just(MASK)];
        (prop::collection::vec(limb, N), top).prop_map(|(all, top)| {
            let mut all: Limbs<N> = all.try_into().unwrap();
            all[N - 1] = top;
            all
        })
    }

    fn assert_quotient<const N: usize, const D: usize, const M: usize>(n: Limbs<N>, shift: isize, d: Limbs<D>) {
        let (high, low) = (value(&n) << shift.max(0) as usize, (-shift).max(0) as usize);
        let exact = (high >> low) / value(&d);
        let rest = (high >> low) % value(&d);
        let got = div::<N, D, M>(&n, shift, &d);
        assert_eq!(
            got.to_u256(),
            (exact.bit_len() <= 256).then(|| exact.to()),
            "{n:?} {shift} {d:?}"
        );
        if shift >= 0 {
            assert_eq!(got.remains, !rest.is_zero());
        }
        if !exact.is_zero() {
            assert_eq!(Reference::from(got.rest), rest >> (BITS * (D - 2)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn quotients_agree_with_an_independent_integer(
            a in limbs::<13>(), b in limbs::<19>(), c in limbs::<25>(), e in limbs::<7>(), d in divisor::<6>(),
            d12 in divisor::<12>(), d18 in divisor::<18>(), shift in 0_isize..364, small in -88_isize..56,
        ) {
            assert_quotient::<13, 12, 28>(a, shift, d12);
            assert_quotient::<19, 6, 26>(b, small, d);
            assert_quotient::<25, 12, 38>(c, small, d12);
            assert_quotient::<7, 18, 33>(e, shift + 300, d18);
            // Multiples and their neighbours, where the last digit is decided.
            let multiple = mul::<7, 6, 13>(&e, &d);
            assert_quotient::<13, 6, 28>(multiple, small, d);
            if e[0] != MASK {
                let mut next = multiple;
                next[0] ^= 1;
                assert_quotient::<13, 6, 28>(next, small, d);
            }
        }

        #[test]
        fn products_and_sums_agree_with_an_independent_integer(
            a in limbs::<6>(), b in limbs::<6>(), c in limbs::<18>(), d in limbs::<7>(), e in limbs::<18>(),
        ) {
            prop_assert_eq!(value(&mul::<6, 6, 12>(&a, &b)), value(&a) * value(&b));
            prop_assert_eq!(value(&mul::<7, 18, 25>(&d, &c)), value(&d) * value(&c));
            let (mut x, mut y) = (c, e);
            (x[17], y[17]) = (0, 0);
            prop_assert_eq!(value(&add(&x, &y)), value(&x) + value(&y));
            let (small, large) = if value(&a) < value(&b) { (a, b) } else { (b, a) };
            prop_assert_eq!(value(&sub(&large, &small)), value(&large) - value(&small));
            for (limbs, bits) in [(0, 0), (3, 12), (3, 13), (9, 27)] {
                let exact = value(&c) >> (BITS * limbs + bits);
                let lost = exact << (BITS * limbs + bits) != value(&c);
                let expected = (exact.bit_len() <= 256).then(|| (exact.to(), lost));
                prop_assert_eq!(shr(&c, limbs, bits), expected);
            }
        }

        #[test]
        fn words_become_limbs_and_are_normalised(w in prop::array::uniform3(any::<u64>()), cut in 32_usize..192) {
            let x = Reference::from_limbs_slice(&w) >> cut;
            prop_assume!(!x.is_zero());
            let words: Words = x.as_limbs()[..3].try_into().unwrap();
            prop_assert_eq!(value(&from_words::<6>(&words)), x);
            let full = U256::from_limbs([w[0], w[1], w[2], w[0] ^ w[1]]);
            prop_assert_eq!(value(&from_u256(&full)), Reference::from(full));
            let (limbs, shift) = normalised(&words);
            prop_assert_eq!(shift, 168 - x.bit_len());
            prop_assert_eq!(value(&limbs), x << shift);
        }

        #[test]
        fn words_compare(a: Words, b: Words, same in 0_usize..4) {
            let mut b = b;
            b[3 - same.min(3)..].copy_from_slice(&a[3 - same.min(3)..]);
            prop_assert_eq!(less(&a, &b), Reference::from_limbs_slice(&a) < Reference::from_limbs_slice(&b));
        }
    }
}
