//! The ink meter: each basic block is paid for before it runs.

use wasmparser::{BlockType, FuncType, Operator};

use super::emit::State;
use super::prices;

/// Whether control may leave the straight line after this operator.
fn ends_block(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::End
            | O::Else
            | O::Return
            | O::Loop { .. }
            | O::Br { .. }
            | O::BrTable { .. }
            | O::BrIf { .. }
            | O::If { .. }
            | O::Call { .. }
            | O::CallIndirect { .. }
    )
}

/// Puts a charge in front of every basic block of a function.
///
/// The charge is the sum of the block's operators and [`prices::HEADER`]. A block that costs more ink than is left (as
/// unsigned numbers) does not start: status becomes 1 and the program traps with its ink unchanged.
pub fn meter<'a>(body: Vec<Operator<'a>>, types: &[FuncType], state: State) -> Vec<Operator<'a>> {
    let mut out = Vec::with_capacity(body.len() * 2);
    let mut block = Vec::new();
    let mut cost: u64 = 0;
    for operator in body {
        let ends = ends_block(&operator);
        cost = cost.saturating_add(prices::price(&operator, types));
        block.push(operator);
        if ends {
            out.extend(charge(cost.saturating_add(prices::HEADER), state));
            out.append(&mut block);
            cost = 0;
        }
    }
    out.append(&mut block);
    out
}

/// The twelve operators of a charge. Their number counts towards the limit on operators and the gas of an activation.
fn charge<'a>(cost: u64, state: State) -> [Operator<'a>; 12] {
    use Operator as O;
    let cost = O::I64Const {
        value: cost.cast_signed(),
    };
    let [ink, status] = [state.ink_left, state.ink_status];
    [
        O::GlobalGet { global_index: ink },
        cost.clone(),
        O::I64LtU,
        O::If {
            blockty: BlockType::Empty,
        },
        O::I32Const { value: 1 },
        O::GlobalSet { global_index: status },
        O::Unreachable,
        O::End,
        O::GlobalGet { global_index: ink },
        cost,
        O::I64Sub,
        O::GlobalSet { global_index: ink },
    ]
}
