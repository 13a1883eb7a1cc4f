//! The depth checker: recursion ends at the same call on every machine, because a frame's size is a property of the
//! module.
//!
//! A frame takes as many words as operands it may hold at once, plus its declared locals, plus 4. Source: Nitro
//! v3.10.0, `prover/src/programs/depth.rs`.

use wasmparser::{BlockType, Operator};

use super::emit::State;
use super::error::ActivationError;
use super::limits::{MAX_FRAME_CONTENTION, MAX_FRAME_SIZE};
use super::module::{Code, Module};

/// Words that every frame takes besides its operands and locals.
const FRAME_OVERHEAD: u32 = 4;

/// Makes a function take its frame from the stack space at entry and give it back before every return. A function that
/// finds no more space than it needs sets the space to 0 and traps.
///
/// # Errors
/// [`ActivationError::Frame`] when the frame is too large, [`ActivationError::UnsupportedOperator`] when its size
/// is not known.
pub fn check<'a>(
    body: Vec<Operator<'a>>,
    code: &Code<'_>,
    module: &Module<'_>,
    state: State,
    function: usize,
) -> Result<Vec<Operator<'a>>, ActivationError> {
    let size = frame_size(&body, code, module, function)?;
    let mut out = Vec::with_capacity(body.len() + 32);
    out.extend(enter(size, state));
    let last = body.len().saturating_sub(1);
    for (index, operator) in body.into_iter().enumerate() {
        if index == last {
            // The end of the function returns too.
            out.extend(leave(size, state));
            out.push(Operator::Return);
        } else if matches!(operator, Operator::Return) {
            out.extend(leave(size, state));
        }
        out.push(operator);
    }
    Ok(out)
}

fn enter<'a>(size: u32, state: State) -> [Operator<'a>; 12] {
    use Operator as O;
    let global_index = state.stack_left;
    let size = O::I32Const {
        value: size.cast_signed(),
    };
    [
        O::GlobalGet { global_index },
        size.clone(),
        O::I32LeU,
        O::If {
            blockty: BlockType::Empty,
        },
        O::I32Const { value: 0 },
        O::GlobalSet { global_index },
        O::Unreachable,
        O::End,
        O::GlobalGet { global_index },
        size,
        O::I32Sub,
        O::GlobalSet { global_index },
    ]
}

fn leave<'a>(size: u32, state: State) -> [Operator<'a>; 4] {
    let global_index = state.stack_left;
    [
        Operator::GlobalGet { global_index },
        Operator::I32Const {
            value: size.cast_signed(),
        },
        Operator::I32Add,
        Operator::GlobalSet { global_index },
    ]
}

fn frame_size(
    body: &[Operator<'_>],
    code: &Code<'_>,
    module: &Module<'_>,
    function: usize,
) -> Result<u32, ActivationError> {
    let worst = worst_height(body, module, function)?;
    let frame = |what, words, limit| ActivationError::Frame {
        function,
        what,
        words,
        limit,
    };
    if worst > MAX_FRAME_CONTENTION {
        return Err(frame("holds too many operands at once", worst, MAX_FRAME_CONTENTION));
    }
    let size = worst.saturating_add(code.local_count()).saturating_add(FRAME_OVERHEAD);
    if size > MAX_FRAME_SIZE {
        return Err(frame("has too large a frame", size, MAX_FRAME_SIZE));
    }
    Ok(size)
}

/// The operand height as Nitro follows it. It is not WebAssembly's own: results are pushed before arguments are popped,
/// a block's results count from its start, and nothing is known to be unreachable.
#[derive(Debug, Default)]
struct Height {
    now: u32,
    worst: u32,
}

impl Height {
    fn push(&mut self, count: usize) {
        self.now = self.now.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        self.worst = self.worst.max(self.now);
    }

    fn pop(&mut self, count: usize) {
        self.now = self.now.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn call(&mut self, params: usize, results: usize) {
        self.push(results);
        self.pop(params);
    }
}

fn worst_height(body: &[Operator<'_>], module: &Module<'_>, function: usize) -> Result<u32, ActivationError> {
    use Operator as O;
    let mut height = Height::default();
    let mut scopes = vec![0];
    let unsupported = |operator: &O<'_>| ActivationError::UnsupportedOperator {
        function,
        operator: format!("{operator:?}"),
    };
    for operator in body {
        match operator {
            O::Block { blockty } | O::Loop { blockty } | O::If { blockty } => {
                if matches!(operator, O::If { .. }) {
                    height.pop(1);
                }
                let (params, results) = block_arity(*blockty, module).ok_or_else(|| unsupported(operator))?;
                height.call(params, results);
                scopes.push(height.now);
            }
            O::Else => height.now = *scopes.last().ok_or_else(|| unsupported(operator))?,
            O::End => height.now = scopes.pop().ok_or_else(|| unsupported(operator))?,
            O::Call { function_index } => {
                let ty = module
                    .function_type(*function_index)
                    .ok_or_else(|| unsupported(operator))?;
                height.call(ty.params().len(), ty.results().len());
            }
            O::CallIndirect { type_index, .. } => {
                let ty = module
                    .types
                    .get(*type_index as usize)
                    .ok_or_else(|| unsupported(operator))?;
                height.call(ty.params().len(), ty.results().len());
                height.pop(1);
            }
            _ => match effect(operator).ok_or_else(|| unsupported(operator))? {
                Effect::Push => height.push(1),
                Effect::None => {}
                Effect::Pop(count) => height.pop(count),
            },
        }
    }
    Ok(height.worst)
}

fn block_arity(ty: BlockType, module: &Module<'_>) -> Option<(usize, usize)> {
    Some(match ty {
        BlockType::Empty => (0, 0),
        BlockType::Type(_) => (0, 1),
        BlockType::FuncType(index) => {
            let ty = module.types.get(index as usize)?;
            (ty.params().len(), ty.results().len())
        }
    })
}

#[derive(Debug, Clone, Copy)]
enum Effect {
    Push,
    None,
    Pop(usize),
}

/// How an operator with a fixed effect changes the height; `None` for what Stylus does not know.
fn effect(operator: &Operator<'_>) -> Option<Effect> {
    use Operator as O;
    Some(match operator {
        O::LocalGet { .. } | O::GlobalGet { .. } | O::MemorySize { .. } => Effect::Push,
        O::I32Const { .. } | O::I64Const { .. } | O::F32Const { .. } | O::F64Const { .. } => Effect::Push,
        O::Nop | O::Unreachable | O::Br { .. } | O::Return | O::LocalTee { .. } | O::MemoryGrow { .. } => Effect::None,
        O::Drop | O::BrIf { .. } | O::BrTable { .. } | O::LocalSet { .. } | O::GlobalSet { .. } => Effect::Pop(1),
        O::Select => Effect::Pop(2),
        O::MemoryCopy { .. } | O::MemoryFill { .. } => Effect::Pop(3),
        _ if is_load(operator) || is_unary(operator) => Effect::None,
        _ if is_binary(operator) => Effect::Pop(1),
        _ if is_store(operator) => Effect::Pop(2),
        _ => return None,
    })
}

fn is_load(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::I32Load { .. }
            | O::I64Load { .. }
            | O::F32Load { .. }
            | O::F64Load { .. }
            | O::I32Load8S { .. }
            | O::I32Load8U { .. }
            | O::I32Load16S { .. }
            | O::I32Load16U { .. }
            | O::I64Load8S { .. }
            | O::I64Load8U { .. }
            | O::I64Load16S { .. }
            | O::I64Load16U { .. }
            | O::I64Load32S { .. }
            | O::I64Load32U { .. }
    )
}

fn is_store(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::I32Store { .. }
            | O::I64Store { .. }
            | O::F32Store { .. }
            | O::F64Store { .. }
            | O::I32Store8 { .. }
            | O::I32Store16 { .. }
            | O::I64Store8 { .. }
            | O::I64Store16 { .. }
            | O::I64Store32 { .. }
    )
}

#[rustfmt::skip]
fn is_unary(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::I32Eqz | O::I64Eqz | O::I32Clz | O::I32Ctz | O::I32Popcnt | O::I64Clz | O::I64Ctz | O::I64Popcnt
            | O::I32WrapI64 | O::I64ExtendI32S | O::I64ExtendI32U
            | O::I32Extend8S | O::I32Extend16S | O::I64Extend8S | O::I64Extend16S | O::I64Extend32S
            | O::I32ReinterpretF32 | O::I64ReinterpretF64 | O::F32ReinterpretI32 | O::F64ReinterpretI64
    )
}

#[rustfmt::skip]
fn is_binary(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::I32Eq | O::I32Ne | O::I32LtS | O::I32LtU | O::I32GtS | O::I32GtU | O::I32LeS | O::I32LeU | O::I32GeS
            | O::I32GeU
            | O::I64Eq | O::I64Ne | O::I64LtS | O::I64LtU | O::I64GtS | O::I64GtU | O::I64LeS | O::I64LeU | O::I64GeS
            | O::I64GeU
            | O::I32Add | O::I32Sub | O::I32Mul | O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU
            | O::I64Add | O::I64Sub | O::I64Mul | O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU
            | O::I32And | O::I32Or | O::I32Xor | O::I32Shl | O::I32ShrS | O::I32ShrU | O::I32Rotl | O::I32Rotr
            | O::I64And | O::I64Or | O::I64Xor | O::I64Shl | O::I64ShrS | O::I64ShrU | O::I64Rotl | O::I64Rotr
    )
}
