//! A module taken apart: what activation inspects, and what is copied into the instrumented module as it stands.

use std::ops::Range;

use wasmparser::{
    BinaryReader, Data, Element, Encoding, Export, ExternalKind, FuncType, Global, Import, MemoryType, Name,
    NameSectionReader, Operator, Parser, Payload, TableType, ValType, Validator, WasmFeatures,
};

use super::error::ActivationError;

/// The first Stylus version without multi-value functions and blocks.
const MULTI_VALUE_REFUSED: u16 = 3;

/// What programs may export besides nothing; on chains without debugging everything else is dropped.
const KEPT_EXPORTS: [(&str, ExternalKind); 2] = [(ENTRYPOINT, ExternalKind::Func), (MEMORY, ExternalKind::Memory)];

/// The name of the exported function that a call runs: `(i32 length of the calldata) -> i32 status`.
pub const ENTRYPOINT: &str = "user_entrypoint";
/// The name under which the memory must be exported.
pub const MEMORY: &str = "memory";

/// The features of WebAssembly that a Stylus version accepts. Bulk memory is accepted by the validator, but only
/// `memory.copy` and `memory.fill` get past the meters.
pub fn features(stylus_version: u16) -> WasmFeatures {
    let features = WasmFeatures::MVP
        | WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY;
    if stylus_version < MULTI_VALUE_REFUSED {
        features | WasmFeatures::MULTI_VALUE
    } else {
        features
    }
}

/// A function's body.
#[derive(Debug, Clone)]
pub struct Code<'a> {
    /// Declared locals, run-length encoded; parameters are not among them.
    pub locals: Vec<(u32, ValType)>,
    /// The operators, ending with the function's `end`.
    pub operators: Vec<Operator<'a>>,
}

impl Code<'_> {
    /// How many locals are declared.
    pub fn local_count(&self) -> u32 {
        self.locals.iter().fold(0, |sum, (count, _)| sum.saturating_add(*count))
    }
}

/// A section that is copied unchanged.
#[derive(Debug, Clone)]
pub struct Raw<'a> {
    /// The section's id.
    pub id: u8,
    /// Its contents.
    pub data: &'a [u8],
}

/// A validated module.
#[derive(Clone, Default)]
pub struct Module<'a> {
    /// The whole length in bytes, custom sections included.
    pub length: u64,
    /// Function types.
    pub types: Vec<FuncType>,
    /// Imports, in order; those that pass [`super::validate`] are functions only.
    pub imports: Vec<Import<'a>>,
    /// The type of each function defined here.
    pub functions: Vec<u32>,
    /// Tables.
    pub tables: Vec<TableType>,
    /// Memories.
    pub memories: Vec<MemoryType>,
    /// Globals.
    pub globals: Vec<Global<'a>>,
    /// Every export of the module.
    pub exports: Vec<Export<'a>>,
    /// The start function.
    pub start: Option<u32>,
    /// Element segments.
    pub elements: Vec<Element<'a>>,
    /// Data segments.
    pub datas: Vec<Data<'a>>,
    /// Function bodies.
    pub codes: Vec<Code<'a>>,
    /// The module's name, from the name section.
    pub name: Option<&'a str>,
    /// The type, import, function, table, memory, element and data sections.
    pub raw: Vec<Raw<'a>>,
    /// Whether the chain keeps what only debugging needs.
    pub debug: bool,
}

impl<'a> Module<'a> {
    /// Validates and takes apart a module.
    ///
    /// # Errors
    /// [`ActivationError::Invalid`] unless the bytes are a module within the features of `stylus_version`;
    /// [`ActivationError::UnsupportedSection`] for a data count and what else Stylus has no use for.
    pub fn parse(wasm: &'a [u8], stylus_version: u16, debug: bool) -> Result<Self, ActivationError> {
        let features = features(stylus_version);
        Validator::new_with_features(features).validate_all(wasm)?;
        let mut module = Self {
            length: wasm.len() as u64,
            debug,
            ..Self::default()
        };
        let mut parser = Parser::new(0);
        parser.set_features(features);
        for payload in parser.parse_all(wasm) {
            module.section(payload?, wasm)?;
        }
        Ok(module)
    }

    fn section(&mut self, payload: Payload<'a>, wasm: &'a [u8]) -> Result<(), ActivationError> {
        let mut copied = payload.as_section();
        match payload {
            Payload::TypeSection(types) => {
                self.types = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
            }
            Payload::ImportSection(imports) => self.imports = imports.into_imports().collect::<Result<_, _>>()?,
            Payload::FunctionSection(functions) => self.functions = functions.into_iter().collect::<Result<_, _>>()?,
            Payload::TableSection(tables) => {
                for table in tables {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(memories) => self.memories = memories.into_iter().collect::<Result<_, _>>()?,
            Payload::ElementSection(elements) => self.elements = elements.into_iter().collect::<Result<_, _>>()?,
            Payload::DataSection(datas) => self.datas = datas.into_iter().collect::<Result<_, _>>()?,
            other => {
                copied = None;
                self.rewritten_section(other)?;
            }
        }
        if let Some((id, range)) = copied {
            self.raw.push(Raw {
                id,
                data: bytes(wasm, range)?,
            });
        }
        Ok(())
    }

    fn rewritten_section(&mut self, payload: Payload<'a>) -> Result<(), ActivationError> {
        match payload {
            Payload::GlobalSection(globals) => self.globals = globals.into_iter().collect::<Result<_, _>>()?,
            Payload::ExportSection(exports) => self.exports = exports.into_iter().collect::<Result<_, _>>()?,
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::CodeSectionEntry(body) => {
                let locals = body.get_locals_reader()?.into_iter().collect::<Result<_, _>>()?;
                let operators = body.get_operators_reader()?.into_iter().collect::<Result<_, _>>()?;
                self.codes.push(Code { locals, operators });
            }
            Payload::CustomSection(section) if section.name() == "name" => self.read_names(section.data())?,
            Payload::CustomSection(_) | Payload::CodeSectionStart { .. } | Payload::End(_) => {}
            Payload::Version {
                encoding: Encoding::Module,
                ..
            } => {}
            Payload::DataCountSection { .. } => return Err(ActivationError::UnsupportedSection("data count")),
            _ => return Err(ActivationError::UnsupportedSection("unknown")),
        }
        Ok(())
    }

    /// A malformed name section refuses the module, as it does on chain.
    fn read_names(&mut self, data: &'a [u8]) -> Result<(), ActivationError> {
        for name in NameSectionReader::new(BinaryReader::new(data, 0)) {
            match name? {
                Name::Module { name, .. } => self.name = Some(name),
                Name::Function(names) => {
                    for naming in names {
                        naming?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The exports that the instrumented module keeps.
    pub fn kept_exports(&self) -> impl Iterator<Item = &Export<'a>> {
        self.exports
            .iter()
            .filter(|export| self.debug || KEPT_EXPORTS.contains(&(export.name, export.kind)))
    }

    /// Finds an export by name.
    pub fn export(&self, name: &str) -> Option<&Export<'a>> {
        self.exports.iter().find(|export| export.name == name)
    }

    /// The type of a function, imported or defined here.
    pub fn function_type(&self, index: u32) -> Option<&FuncType> {
        let index = index as usize;
        let type_index = match self.imports.get(index) {
            Some(import) => match import.ty {
                wasmparser::TypeRef::Func(type_index) => type_index,
                _ => return None,
            },
            None => *self.functions.get(index.checked_sub(self.imports.len())?)?,
        };
        self.types.get(type_index as usize)
    }

    /// Pages at the start, or 0 without a memory.
    pub fn initial_pages(&self) -> u64 {
        self.memories.first().map_or(0, |memory| memory.initial)
    }

    /// Bytes that the element segments take up in the module.
    pub fn element_bytes(&self) -> u64 {
        self.elements.iter().map(|element| element.range.len() as u64).sum()
    }
}

fn bytes(wasm: &[u8], range: Range<usize>) -> Result<&[u8], ActivationError> {
    wasm.get(range)
        .ok_or_else(|| ActivationError::Invalid("a section exceeds the module".into()))
}
