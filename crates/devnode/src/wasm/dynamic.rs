//! The dynamic meter: `memory.fill` and `memory.copy` also pay for each byte.

use wasmparser::{BlockType, Operator};

use super::emit::State;
use super::error::ActivationError;
use super::prices;

/// Puts a charge by length in front of every `memory.fill` and `memory.copy`; refuses the other bulk operators, whose
/// cost nothing bounds. `function` is only for the error.
///
/// # Errors
/// [`ActivationError::UnsupportedOperator`].
pub fn dynamic<'a>(
    body: Vec<Operator<'a>>,
    state: State,
    function: usize,
) -> Result<Vec<Operator<'a>>, ActivationError> {
    use Operator as O;
    let mut out = Vec::with_capacity(body.len());
    for operator in body {
        match operator {
            O::MemoryFill { .. } => out.extend(charge(prices::FILL_BYTE, state)),
            O::MemoryCopy { .. } => out.extend(charge(prices::COPY_BYTE, state)),
            O::MemoryInit { .. }
            | O::DataDrop { .. }
            | O::ElemDrop { .. }
            | O::TableInit { .. }
            | O::TableCopy { .. }
            | O::TableFill { .. }
            | O::TableGet { .. }
            | O::TableSet { .. }
            | O::TableGrow { .. }
            | O::TableSize { .. } => {
                return Err(ActivationError::UnsupportedOperator {
                    function,
                    operator: format!("{operator:?}"),
                });
            }
            _ => {}
        }
        out.push(operator);
    }
    Ok(out)
}

/// Takes the length from the top of the operands, deducts its price and puts it back. The ink is deducted first and the
/// underflow noticed after; the length is below 2³², so that the product cannot overflow.
fn charge<'a>(ink_per_byte: i64, state: State) -> [Operator<'a>; 17] {
    use Operator as O;
    let get = |global_index| O::GlobalGet { global_index };
    let set = |global_index| O::GlobalSet { global_index };
    let State {
        ink_left,
        ink_status,
        scratch,
        ..
    } = state;
    [
        set(scratch),
        get(ink_left),
        get(ink_left),
        get(scratch),
        O::I64ExtendI32U,
        O::I64Const { value: ink_per_byte },
        O::I64Mul,
        O::I64Sub,
        set(ink_left),
        get(ink_left),
        O::I64LtU,
        O::If {
            blockty: BlockType::Empty,
        },
        O::I32Const { value: 1 },
        set(ink_status),
        O::Unreachable,
        O::End,
        get(scratch),
    ]
}
