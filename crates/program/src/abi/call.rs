//! A call's arguments and its answer: heads of words, arrays of rows of words, one answer a row.

use alloc::vec::Vec;

use super::{Encode, Word, uint64};
use crate::zeroed;

/// Calldata that Solidity's decoder refuses; it reverts with nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// What a call reverts with: a custom error, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert(pub Vec<u8>);

impl Revert {
    /// A revert without data.
    pub const NOTHING: Self = Self(Vec::new());
}

impl From<Malformed> for Revert {
    fn from(_: Malformed) -> Self {
        Self::NOTHING
    }
}

impl From<Malformed> for Vec<u8> {
    fn from(_: Malformed) -> Self {
        Self::new()
    }
}

impl From<Revert> for Vec<u8> {
    fn from(revert: Revert) -> Self {
        revert.0
    }
}

/// The arguments of a call, after its selector. They are read where they lie; nothing is copied.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a>(&'a [u8]);

impl<'a> Call<'a> {
    /// Parts the selector, as an integer that compares in one instruction, from the arguments.
    pub fn new(input: &'a [u8]) -> Result<(u32, Self), Malformed> {
        let (selector, arguments) = input.split_first_chunk().ok_or(Malformed)?;
        Ok((u32::from_be_bytes(*selector), Self(arguments)))
    }

    /// The first `N` words of the arguments. Bytes beyond are ignored, as Solidity ignores them.
    pub fn head<const N: usize>(&self) -> Result<&'a [Word; N], Malformed> {
        self.0.as_chunks::<32>().0.first_chunk().ok_or(Malformed)
    }

    /// The array whose place argument `index` tells, of values or static structs of `N` words each. Like Solidity's decoder it
    /// takes any place inside the arguments, aligned or not, and nothing that reaches beyond their end.
    #[inline(always)]
    pub fn rows<const N: usize>(&self, index: usize) -> Result<&'a [[Word; N]], Malformed> {
        Ok(self.array(index, N)?.as_chunks().0)
    }

    /// The `bytes` whose place argument `index` tells. Like Solidity's decoder it takes any place inside the arguments, and nothing
    /// that reaches beyond their end; what fills up the last word is ignored.
    #[inline(never)]
    pub fn bytes(&self, index: usize) -> Result<&'a [u8], Malformed> {
        let place = size(self.0.as_chunks::<32>().0.get(index).ok_or(Malformed)?)?;
        let (length, data) = self
            .0
            .get(place..)
            .and_then(<[u8]>::split_first_chunk)
            .ok_or(Malformed)?;
        data.get(..size(length)?).ok_or(Malformed)
    }

    /// The words of an array of `count` elements, `words` words each.
    #[inline(never)]
    fn array(&self, index: usize, words: usize) -> Result<&'a [Word], Malformed> {
        let head = self.0.as_chunks::<32>().0;
        let place = size(head.get(index).ok_or(Malformed)?)?;
        let (count, elements) = self
            .0
            .get(place..)
            .and_then(<[u8]>::split_first_chunk)
            .ok_or(Malformed)?;
        let length = size(count)?.checked_mul(words).ok_or(Malformed)?;
        elements.as_chunks().0.get(..length).ok_or(Malformed)
    }

    /// Answers a function of static words.
    #[inline(always)]
    pub fn one<const I: usize, const O: usize, F>(&self, function: F) -> Result<Vec<u8>, Revert>
    where
        F: Fn(&[Word; I], &mut [Word; O]) -> Result<(), Revert>,
    {
        each(core::slice::from_ref(self.head()?), false, function)
    }

    /// Answers the same function of every row of an array, which is the only argument: an array of answers. One refusal
    /// refuses all.
    #[inline(always)]
    pub fn many<const I: usize, const O: usize, F>(&self, function: F) -> Result<Vec<u8>, Revert>
    where
        F: Fn(&[Word; I], &mut [Word; O]) -> Result<(), Revert>,
    {
        each(self.rows(0)?, true, function)
    }
}

/// Answers every row, straight into the answer; behind a place and a count where they are `listed`.
#[inline(never)]
fn each<const I: usize, const O: usize, F>(rows: &[[Word; I]], listed: bool, function: F) -> Result<Vec<u8>, Revert>
where
    F: Fn(&[Word; I], &mut [Word; O]) -> Result<(), Revert>,
{
    let mut answers = List::space(listed.into(), listed, rows.len(), O);
    for (row, answer) in rows.iter().zip(answers.rows()) {
        function(row, answer)?;
    }
    Ok(answers.data())
}

/// An answer that ends in a list of static values: a head of words, the first of which is the list's place, the list's length, and
/// the list.
#[derive(Debug)]
pub struct List {
    data: Vec<u8>,
    head: usize,
    front: usize,
}

impl List {
    /// Room for `count` elements of `O` words each, behind a head of `head` words. Everything but place and length is zero.
    pub fn new<const O: usize>(head: usize, count: usize) -> Self {
        Self::space(head, true, count, O)
    }

    #[inline(never)]
    fn space(head: usize, listed: bool, count: usize, words: usize) -> Self {
        let front = head + usize::from(listed);
        let mut list = Self {
            data: zeroed(32 * (front + words * count)),
            head,
            front,
        };
        if let (true, Some(([place, ..], [length, ..]))) =
            (listed, list.data.as_chunks_mut().0.split_at_mut_checked(head))
        {
            (32 * head as u64).put(place);
            (count as u64).put(length);
        }
        list
    }

    /// The head's words.
    pub fn head(&mut self) -> &mut [Word] {
        self.data.as_chunks_mut().0.get_mut(..self.head).unwrap_or_default()
    }

    /// The elements.
    #[inline(always)]
    pub fn rows<const O: usize>(&mut self) -> &mut [[Word; O]] {
        let words = self.data.as_chunks_mut().0;
        words.get_mut(self.front..).unwrap_or_default().as_chunks_mut().0
    }

    /// Keeps the first `count` elements.
    pub fn keep<const O: usize>(&mut self, count: usize) {
        if let Some(length) = self.data.as_chunks_mut().0.get_mut(self.head) {
            (count as u64).put(length);
        }
        self.data.truncate(32 * (self.front + O * count));
    }

    /// The whole answer.
    pub fn data(self) -> Vec<u8> {
        self.data
    }
}

/// A length or a place: what does not fit 31 bits lies beyond any calldata.
fn size(word: &Word) -> Result<usize, Malformed> {
    let (high, low) = word.split_at(24);
    let value = uint64(word);
    let small = high.iter().all(|byte| *byte == 0) && low.len() == 8 && value <= i32::MAX as u64;
    if small { Ok(value as usize) } else { Err(Malformed) }
}

/// The answer to the call with one of these selectors; an unknown one reverts with nothing.
///
/// `routes!(Interface, selector, call; rows { function [, batch] => row; … } others { function => answer; … })`: under `rows`,
/// functions of static words, each with its batch form where it has one; under `others`, whatever answers by itself. Every name is
/// that of the interface's call type, and the compiler makes a search tree of them.
#[macro_export]
macro_rules! routes {
    (
        $interface:ident, $selector:expr, $call:expr;
        rows { $($one:ident $(, $many:ident)? => $row:expr;)* }
        others { $($other:ident => $answer:expr;)* }
    ) => {{
        $(
            #[allow(non_upper_case_globals)]
            const $one: u32 = u32::from_be_bytes(<$interface::$one as alloy_sol_types::SolCall>::SELECTOR);
            $(
                #[allow(non_upper_case_globals)]
                const $many: u32 = u32::from_be_bytes(<$interface::$many as alloy_sol_types::SolCall>::SELECTOR);
            )?
        )*
        $(
            #[allow(non_upper_case_globals)]
            const $other: u32 = u32::from_be_bytes(<$interface::$other as alloy_sol_types::SolCall>::SELECTOR);
        )*
        #[allow(non_upper_case_globals)]
        match $selector {
            $($one => $call.one($row), $($many => $call.many($row),)?)*
            $($other => $answer,)*
            _ => Err($crate::abi::Revert::NOTHING),
        }
    }};
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::abi::uint;
    use alloy_primitives::U256;
    use alloy_sol_types::SolValue;

    /// Sums a row of two, and refuses a sum of 13.
    fn sum(row: &[Word; 2], answer: &mut [Word; 1]) -> Result<(), Revert> {
        let sum = uint(&row[0]) + uint(&row[1]);
        if sum == U256::from(13) {
            return Err(Revert([13; 4].into()));
        }
        crate::put!(answer; sum);
        Ok(())
    }

    fn call(data: &[u8]) -> Call<'_> {
        Call(data)
    }

    #[test]
    fn rows_come_in_and_answers_go_out_as_solidity_lays_them_out() {
        let pairs: Vec<(U256, U256)> = (0..5_u64).map(|i| (U256::from(i), U256::from(1 << i))).collect();
        let expected: Vec<U256> = pairs.iter().map(|(a, b)| a + b).collect();
        assert_eq!(call(&pairs.abi_encode()).many(sum).unwrap(), expected.abi_encode());
        assert_eq!(call(&pairs[3].abi_encode()).one(sum).unwrap(), expected[3].abi_encode());
        let none: Vec<(U256, U256)> = Vec::new();
        assert_eq!(
            call(&none.abi_encode()).many(sum).unwrap(),
            Vec::<U256>::new().abi_encode()
        );
        // A second array, behind a static argument.
        let data = (U256::from(7), pairs.clone(), expected.clone()).abi_encode_params();
        assert_eq!(call(&data).rows::<2>(1).unwrap().len(), 5);
        assert_eq!(call(&data).rows::<1>(2).unwrap().as_flattened().len(), 5);
    }

    #[test]
    fn bytes_are_read_where_solidity_puts_them() {
        for length in [0, 1, 31, 32, 33, 65] {
            let data: Vec<u8> = (0..length).collect();
            let encoded = (U256::from(7), alloy_primitives::Bytes::from(data.clone())).abi_encode_params();
            assert_eq!(call(&encoded).bytes(1), Ok(&data[..]), "{length} bytes");
            // Without what fills up the last word it is still whole; with one byte less it is not.
            let end = 96 + usize::from(length);
            assert_eq!(call(&encoded[..end]).bytes(1), Ok(&data[..]));
            assert_eq!(call(&encoded[..end - 1]).bytes(1), Err(Malformed));
            for slot in [1, 2] {
                let mut bent = encoded.clone();
                bent[32 * slot..32 * slot + 32].copy_from_slice(&U256::MAX.to_be_bytes::<32>());
                assert_eq!(call(&bent).bytes(1), Err(Malformed));
            }
        }
    }

    #[test]
    fn one_refusal_refuses_all() {
        let pairs = [(U256::from(1), U256::from(2)), (U256::from(6), U256::from(7))].to_vec();
        assert_eq!(call(&pairs.abi_encode()).many(sum), Err(Revert([13; 4].into())));
    }

    #[test]
    fn arrays_that_reach_beyond_the_calldata_are_refused() {
        let pairs: Vec<(U256, U256)> = [(U256::from(1), U256::from(2)); 3].to_vec();
        let data = pairs.abi_encode();
        let rows = |data: &[u8]| call(data).rows::<2>(0).map(<[_]>::len);
        assert_eq!(rows(&data), Ok(3));
        assert_eq!(
            rows(&[&data[..], &[1, 2, 3]].concat()),
            Ok(3),
            "bytes behind the array are ignored"
        );
        for cut in [1, 31, 32, data.len() - 33, data.len() - 1, data.len()] {
            assert_eq!(rows(&data[..data.len() - cut]), Err(Malformed), "{cut} bytes short");
        }
        // The place, then the count: every value too large, whatever it wraps around to.
        for slot in [0, 1] {
            for value in [
                U256::from(4),
                U256::from(u32::MAX),
                U256::from(1_u64 << 58),
                U256::from(1) << 64,
                U256::MAX,
                (U256::from(1) << 255) + U256::from(2),
            ] {
                let mut bent = data.clone();
                bent[32 * slot..32 * slot + 32].copy_from_slice(&value.to_be_bytes::<32>());
                assert_eq!(rows(&bent), Err(Malformed), "{value} at {slot}");
            }
        }
        // A place that is no multiple of a word is as good as any.
        let mut odd = U256::from(35).abi_encode();
        odd.extend([0; 3]);
        odd.extend(&data[32..]);
        assert_eq!(rows(&odd), Ok(3));
    }
}
