//! Random components: any at all, and connectors whose functions have random bodies.

use arbitrary::Unstructured;
use lockgate_testing::Dice;
use wasm_encoder::{CodeSection, Module, RawSection};
use wasm_smith::Config;
use wasmparser::{ExternalKind, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

/// What a connector imports and exports, as a core module.
const SHAPE: &str = r#"(module
    (import "lockgate:connector/log@1.1.0" "log" (func (param i32 i32 i32)))
    (import "lockgate:connector/clock@1.1.0" "now-ms" (func (result f64)))
    (import "lockgate:connector/random@1.1.0" "bytes" (func (param i32 i32)))
    (import "lockgate:connector/settings@1.1.0" "get" (func (param i32 i32 i32)))
    (import "lockgate:connector/state@1.1.0" "get" (func (param i32 i32 i32)))
    (import "lockgate:connector/state@1.1.0" "set" (func (param i32 i32 i32 i32 i32)))
    (memory (export "memory") 16)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "lockgate:connector/translator@1.1.0#prepare-internal-object")
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
    (func (export "lockgate:connector/translator@1.1.0#get-internal-object-params") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "lockgate:connector/translator@1.1.0#get-internal-document-params") (param i32 i32 i32 i32) (result i32) unreachable))"#;

/// `i32.const 65536`: where all that the host hands over comes to lie.
const ARGUMENTS: [u8; 6] = [0x00, 0x41, 0x80, 0x80, 0x04, 0x0b];
/// `i32.const 0xfff8; i32.and; i32.const 65536; i32.or`: an answer among what the host handed over.
const AMONG_ARGUMENTS: [u8; 11] = [0x41, 0xf8, 0xff, 0x03, 0x71, 0x41, 0x80, 0x80, 0x04, 0x72, 0x0b];
/// Random bytes that one component is made of.
const BYTES: usize = 4_096;

/// Makes the same components from the same seed.
pub struct Smith {
    resolve: Resolve,
    world: WorldId,
    shape: Vec<u8>,
    seed: u64,
}

/// A component of the series.
pub enum Made {
    /// Anything that is a component. Hardly ever a connector.
    Component(Vec<u8>),
    /// Fulfils the contract, in form.
    Connector(Vec<u8>),
    /// The random bytes did not make a component.
    Nothing,
}

impl Smith {
    /// For this contract (WIT).
    pub fn new(contract: &str, seed: u64) -> Self {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("connector.wit", contract).expect("the contract is WIT");
        let world = resolve.select_world(&[package], Some("connector")).expect("the contract has a world");
        Self { resolve, world, shape: wat::parse_str(SHAPE).expect("the shape is a module"), seed }
    }

    /// The component of this index: one in four is any component.
    pub fn make(&self, index: u64) -> Made {
        let mut random = Random::new(self.seed, index);
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.next()).flat_map(u64::to_le_bytes).take(BYTES).collect();
        let mut bytes = Unstructured::new(&bytes);
        if index.is_multiple_of(4) {
            let component = wasm_smith::Component::new(Config::default(), &mut bytes);
            return component.map_or(Made::Nothing, |component| Made::Component(component.to_bytes()));
        }
        match self.module(&mut bytes, &mut random) {
            Some(module) => Made::Connector(self.connector(module)),
            None => Made::Nothing,
        }
    }

    fn module(&self, bytes: &mut Unstructured<'_>, random: &mut Random) -> Option<Vec<u8>> {
        // One in sixteen uses what the engine does not have.
        let is_exotic = random.one_in(16);
        let config = Config {
            module_shape: Some(self.shape.clone()),
            max_funcs: 8,
            max_instructions: 80,
            max_types: 16,
            max_globals: 8,
            max_tables: 2,
            max_table_elements: 30_000,
            max_data_segments: 4,
            max_element_segments: 4,
            exceptions_enabled: is_exotic,
            gc_enabled: is_exotic,
            memory64_enabled: is_exotic,
            disallow_traps: random.one_in(2),
            reference_types_enabled: is_exotic,
            relaxed_simd_enabled: is_exotic,
            tail_call_enabled: is_exotic,
            threads_enabled: is_exotic,
            ..Config::default()
        };
        let mut module = wasm_smith::Module::new(config, bytes).ok()?;
        // Not always, so that some really end.
        if random.one_in(2) {
            module.ensure_termination(10_000).ok()?;
        }
        let module = module.to_bytes();
        // A random `cabi_realloc` mostly ends the call before the function's own code begins.
        Some(if random.one_in(8) { module } else { tame(&module) })
    }

    fn connector(&self, mut module: Vec<u8>) -> Vec<u8> {
        embed_component_metadata(&mut module, &self.resolve, self.world, StringEncoding::UTF8).expect("the module takes the contract");
        let mut encoder = ComponentEncoder::default().module(&module).expect("the module has the contract's shape");
        encoder.encode().expect("the module becomes a component")
    }
}

/// Lets arguments arrive, and answers lie where the arguments are.
fn tame(module: &[u8]) -> Vec<u8> {
    let (mut tamed, mut code) = (Module::new(), CodeSection::new());
    let (mut realloc, mut methods) = (None, Vec::new());
    let (mut index, mut left) = (0, 0);
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.expect("wasm-smith's modules can be parsed");
        match &payload {
            Payload::ImportSection(imports) => {
                let functions = imports.clone().into_imports().filter(|import| {
                    matches!(import.as_ref().expect("an import").ty, wasmparser::TypeRef::Func(_) | wasmparser::TypeRef::FuncExact(_))
                });
                index = u32::try_from(functions.count()).expect("few imports");
            }
            Payload::ExportSection(exports) => {
                for export in exports.clone() {
                    let export = export.expect("an export");
                    match export.kind {
                        ExternalKind::Func if export.name == "cabi_realloc" => realloc = Some(export.index),
                        ExternalKind::Func if export.name.contains('#') => methods.push(export.index),
                        _ => {}
                    }
                }
            }
            Payload::CodeSectionStart { count, .. } => left = *count,
            Payload::CodeSectionEntry(body) => {
                let bytes = &module[body.range()];
                if Some(index) == realloc {
                    code.raw(&ARGUMENTS);
                } else if methods.contains(&index) {
                    let (_end, instructions) = bytes.split_last().expect("a body ends");
                    code.raw(&[instructions, &AMONG_ARGUMENTS].concat());
                } else {
                    code.raw(bytes);
                }
                (index, left) = (index + 1, left - 1);
                if left == 0 {
                    tamed.section(&code);
                }
                continue;
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section()
            && !matches!(payload, Payload::CodeSectionStart { .. })
        {
            tamed.section(&RawSection { id, data: &module[range] });
        }
    }
    tamed.finish()
}

/// The same numbers everywhere, for ever.
pub struct Random(Dice);

impl Random {
    /// A series of its own for each index.
    pub fn new(seed: u64, index: u64) -> Self {
        Self(Dice::new(Dice::new(seed ^ index.wrapping_mul(0x2545_f491_4f6c_dd1d)).roll()))
    }

    /// The next number.
    #[expect(clippy::should_implement_trait, reason = "it never ends")]
    pub fn next(&mut self) -> u64 {
        self.0.roll()
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.0.one_in(times)
    }
}
