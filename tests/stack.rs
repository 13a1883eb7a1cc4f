//! The programs' shadow stack, which nothing checks while they run: where it lies, and how deep it can get.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use hedgerow::{artifacts::Artifacts, program::PROGRAMS};
use wasmparser::{ConstExpr, DataKind, ElementItems, ElementKind, Operator, Parser, Payload, TypeRef};

/// What `build.rs` links the programs with.
const STACK: u32 = 32_768;
/// The global that rustc keeps the stack pointer in.
const POINTER: u32 = 0;

/// A module's functions: how much stack each takes, and whom it calls.
#[derive(Default)]
struct Program {
    pointer: u32,
    /// The least address that static data lies at.
    data: Option<u32>,
    imports: usize,
    /// The function that the chain calls.
    entry: usize,
    frames: Vec<u32>,
    callees: Vec<BTreeSet<usize>>,
}

fn constant(expression: &ConstExpr<'_>) -> u32 {
    match expression.get_operators_reader().read().unwrap() {
        Operator::I32Const { value } => value as u32,
        other => panic!("not a constant: {other:?}"),
    }
}

fn read(name: &str) -> Program {
    let wasm = Artifacts::locate().program(name).unwrap();
    let mut program = Program::default();
    // Who may be called through the table: all in it that have the type asked for.
    let (mut indirect, mut callers, mut types) = (BTreeSet::new(), Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(&wasm) {
        match payload.unwrap() {
            Payload::ImportSection(imports) => {
                types.extend(imports.into_imports().filter_map(|import| match import.unwrap().ty {
                    TypeRef::Func(ty) => Some(ty),
                    _ => None,
                }));
                program.imports = types.len();
            }
            Payload::FunctionSection(functions) => types.extend(functions.into_iter().map(Result::unwrap)),
            Payload::ExportSection(exports) => {
                let mut exports = exports.into_iter().map(Result::unwrap);
                program.entry = exports.find(|export| export.name == "user_entrypoint").unwrap().index as usize;
            }
            Payload::GlobalSection(globals) => {
                let first = globals.into_iter().next().unwrap().unwrap();
                program.pointer = constant(&first.init_expr);
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let element = element.unwrap();
                    assert!(matches!(element.kind, ElementKind::Active { .. }));
                    let ElementItems::Functions(functions) = element.items else {
                        panic!("the table holds expressions");
                    };
                    indirect.extend(functions.into_iter().map(|function| function.unwrap() as usize));
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let DataKind::Active { offset_expr, .. } = segment.unwrap().kind else {
                        panic!("passive data");
                    };
                    let at = constant(&offset_expr);
                    program.data = Some(program.data.map_or(at, |least| least.min(at)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let operators: Vec<_> = body
                    .get_operators_reader()
                    .unwrap()
                    .into_iter()
                    .map(Result::unwrap)
                    .collect();
                let function = program.imports + program.frames.len();
                program.frames.push(frame(&operators));
                program.callees.push(
                    operators
                        .windows(2)
                        .filter_map(|two| match two {
                            // A call that does not return ends in a trap, and so would a stack too small for it.
                            [Operator::Call { .. }, Operator::Unreachable] => None,
                            [Operator::Call { function_index }, _] => Some(*function_index as usize),
                            _ => None,
                        })
                        .collect(),
                );
                callers.extend(operators.iter().filter_map(|operator| match operator {
                    Operator::CallIndirect { type_index, .. } => Some((function, *type_index)),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    for (caller, ty) in callers {
        let fitting = indirect.iter().copied().filter(|callee| types[*callee] == ty);
        program.callees[caller - program.imports].extend(fitting);
    }
    program
}

/// The stack that a function takes: what it subtracts from the pointer at its beginning.
fn frame(operators: &[Operator<'_>]) -> u32 {
    let taken: Vec<_> = operators
        .windows(3)
        .filter_map(|three| match three {
            [
                Operator::GlobalGet { global_index: POINTER },
                Operator::I32Const { value },
                Operator::I32Sub,
            ] => Some(u32::try_from(*value).unwrap()),
            _ => None,
        })
        .collect();
    let moves = operators
        .iter()
        .any(|operator| matches!(operator, Operator::GlobalSet { global_index: POINTER }));
    assert!(taken.len() <= 1, "a function moves the stack pointer twice");
    assert!(
        !moves || taken.len() == 1,
        "a function moves the stack pointer in a way unknown here"
    );
    taken.first().copied().unwrap_or_default()
}

impl Program {
    /// The deepest that the stack gets from `function` on, whatever the input; recursion has no such bound and panics.
    fn depth(&self, function: usize, known: &mut Vec<Option<u32>>, path: &mut Vec<usize>) -> u32 {
        let Some(own) = function.checked_sub(self.imports) else {
            return 0;
        };
        if let Some(depth) = known[own] {
            return depth;
        }
        assert!(!path.contains(&function), "recursion: {path:?} calls {function}");
        path.push(function);
        let below = self.callees[own]
            .iter()
            .map(|callee| self.depth(*callee, known, path))
            .max();
        path.pop();
        let depth = self.frames[own] + below.unwrap_or_default();
        known[own] = Some(depth);
        depth
    }

    fn deepest(&self) -> u32 {
        self.depth(self.entry, &mut vec![None; self.frames.len()], &mut Vec::new())
    }
}

#[test]
fn no_input_can_exhaust_the_shadow_stack() {
    for name in PROGRAMS {
        let program = read(name);
        let deepest = program.deepest();
        println!("{name}: at most {deepest} bytes of stack");
        assert!(deepest > 1_000, "{name}: {deepest} bytes cannot be all");
        assert!(deepest <= STACK, "{name}: {deepest} bytes of stack");
    }
}

/// Growing downwards from its size to zero, a stack too small would run out of memory's bounds and trap.
#[test]
fn the_shadow_stack_lies_below_everything_that_it_could_overwrite() {
    for name in PROGRAMS {
        let program = read(name);
        assert_eq!(program.pointer, STACK, "{name}");
        assert!(
            program.data.is_none_or(|least| least >= STACK),
            "{name}: data at {:?}",
            program.data
        );
    }
}
