//! Data segments without their zeros: memory starts as zeros, and a program pays for every byte of its segments on every entry.

use std::ops::Range;

use wasm_encoder::ConstExpr;
use wasmparser::{Data, DataKind, DataSectionReader, Operator};

/// Zeros in a row that are worth another segment to leave out: its kind, place and length take seven or eight bytes, and do not
/// compress as zeros do.
const WORTH: usize = 16;

/// A segment at a constant place.
struct Placed<'a> {
    memory: u32,
    at: u32,
    data: &'a [u8],
}

/// The section in as few bytes as its zeros allow; `None` when leaving any out could change what memory holds.
pub fn without_zeros(section: DataSectionReader<'_>) -> wasmparser::Result<Option<wasm_encoder::DataSection>> {
    let mut placed = Vec::new();
    for segment in section {
        match constant(&segment?)? {
            Some(segment) => placed.push(segment),
            None => return Ok(None),
        }
    }
    if overlap(&placed) {
        return Ok(None);
    }
    let mut sparse = wasm_encoder::DataSection::new();
    for Placed { memory, at, data } in placed {
        for part in parts(data) {
            let start = at.wrapping_add(part.start as u32);
            let bytes = data.get(part).unwrap_or_default().iter().copied();
            sparse.active(memory, &ConstExpr::i32_const(start as i32), bytes);
        }
    }
    Ok(Some(sparse))
}

fn constant<'a>(segment: &Data<'a>) -> wasmparser::Result<Option<Placed<'a>>> {
    let DataKind::Active {
        memory_index,
        offset_expr,
    } = &segment.kind
    else {
        return Ok(None);
    };
    let mut operators = offset_expr.get_operators_reader();
    let Operator::I32Const { value } = operators.read()? else {
        return Ok(None);
    };
    let alone = matches!(operators.read()?, Operator::End);
    Ok(alone.then_some(Placed {
        memory: *memory_index,
        at: value as u32,
        data: segment.data,
    }))
}

/// A later segment's zeros overwrite an earlier one's bytes.
fn overlap(segments: &[Placed<'_>]) -> bool {
    let mut ranges: Vec<Range<u64>> = segments
        .iter()
        .map(|segment| u64::from(segment.at)..u64::from(segment.at) + segment.data.len() as u64)
        .collect();
    ranges.sort_by_key(|range| range.start);
    ranges.windows(2).any(|pair| pair[1].start < pair[0].end)
}

/// What is left of `data`: no zeros at either end, no long runs of them between.
fn parts(data: &[u8]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for (at, _) in data.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        match parts.last_mut() {
            Some(part) if at - part.end < WORTH => part.end = at + 1,
            _ => parts.push(at..at + 1),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::wasm::process;
    use wasmparser::{Parser, Payload};

    /// What memory holds after the segments were written in order, and their number.
    fn memory(wasm: &[u8]) -> (Vec<u8>, usize) {
        let (mut memory, mut count) = (vec![0; 65_536], 0);
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::DataSection(section) = payload.unwrap() {
                for segment in section {
                    let segment = constant(&segment.unwrap()).unwrap().unwrap();
                    let at = segment.at as usize;
                    memory[at..at + segment.data.len()].copy_from_slice(segment.data);
                    count += 1;
                }
            }
        }
        (memory, count)
    }

    fn module(segments: &str) -> Vec<u8> {
        wat::parse_str(format!("(module (memory (export \"memory\") 1) {segments})")).unwrap()
    }

    #[test]
    fn zeros_are_left_out_and_memory_is_the_same() {
        let zeros = "\\00".repeat(40);
        let wasm = module(&format!(
            "(data (i32.const 32768) \"{zeros}ab\\00c{zeros}d{zeros}\") (data (i32.const 8) \"{zeros}\")"
        ));
        let small = process(&wasm).unwrap();
        assert_eq!(memory(&small).0, memory(&wasm).0);
        assert_eq!(memory(&small).1, 2, "one for ab.c and one for d");
        assert!(small.len() + 4 * 40 - 20 < wasm.len());
    }

    #[test]
    fn overlapping_segments_are_left_as_they_are() {
        let wasm = module("(data (i32.const 8) \"abcdefghijklmnop\") (data (i32.const 8) \"\\00\\00\\00\\00\")");
        let (held, count) = memory(&process(&wasm).unwrap());
        assert_eq!((held, count), memory(&wasm));
    }

    #[test]
    fn a_segment_that_is_not_placed_by_a_constant_is_left_alone() {
        let wasm = module("(data \"\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\")");
        assert!(process(&wasm).unwrap().windows(12).any(|bytes| bytes == [0; 12]));
    }
}
