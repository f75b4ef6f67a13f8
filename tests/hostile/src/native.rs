//! The cases that are Rust files, and what several of them need.

use std::fmt::Write as _;

use anyhow::Result;

use crate::case::Case;
use crate::connector::connector;
use crate::table::Row;
use crate::world::World;

#[path = "../cases/G01-no-component.rs"]
mod g01_no_component;
#[path = "../cases/G07-larger-than-is-taken.rs"]
mod g07_larger_than_is_taken;
#[path = "../cases/G08-a-chain-of-blocks.rs"]
mod g08_a_chain_of_blocks;
#[path = "../cases/G09-many-loops.rs"]
mod g09_many_loops;
#[path = "../cases/G10-tables-of-branches.rs"]
mod g10_tables_of_branches;
#[path = "../cases/G11-live-locals.rs"]
mod g11_live_locals;
#[path = "../cases/G12-one-huge-function.rs"]
mod g12_one_huge_function;
#[path = "../cases/G13-many-functions.rs"]
mod g13_many_functions;
#[path = "../cases/G14-components-that-double.rs"]
mod g14_components_that_double;
#[path = "../cases/G15-types-that-double.rs"]
mod g15_types_that_double;
#[path = "../cases/G16-tampered-artefacts.rs"]
mod g16_tampered_artefacts;
#[path = "../cases/G18-other-bytes-behind-a-digest.rs"]
mod g18_other_bytes_behind_a_digest;
#[path = "../cases/G23-more-data-than-memory.rs"]
mod g23_more_data_than_memory;
#[path = "../cases/G24-many-instances.rs"]
mod g24_many_instances;
#[path = "../cases/G38-the-same-instance-again.rs"]
mod g38_the_same_instance_again;
#[path = "../cases/G71-every-special-network.rs"]
mod g71_every_special_network;
#[path = "../cases/G72-mixed-answers.rs"]
mod g72_mixed_answers;
#[path = "../cases/G87-the-same-bytes-under-two-names.rs"]
mod g87_the_same_bytes_under_two_names;
#[path = "../cases/G88-changed-while-at-work.rs"]
mod g88_changed_while_at_work;
#[path = "../cases/G90-another-answer-each-time.rs"]
mod g90_another_answer_each_time;
#[path = "../cases/G91-a-hundred-connectors.rs"]
mod g91_a_hundred_connectors;
#[path = "../cases/G93-mutants.rs"]
mod g93_mutants;
#[path = "../cases/G94-no-instance-to-be-had.rs"]
mod g94_no_instance_to_be_had;

/// How a Rust file runs.
type Run = fn(&World, &Case) -> Result<Row>;

/// By the file's name.
pub const ALL: &[(&str, Run)] = &[
    ("G01-no-component", g01_no_component::run),
    ("G07-larger-than-is-taken", g07_larger_than_is_taken::run),
    ("G08-a-chain-of-blocks", g08_a_chain_of_blocks::run),
    ("G09-many-loops", g09_many_loops::run),
    ("G10-tables-of-branches", g10_tables_of_branches::run),
    ("G11-live-locals", g11_live_locals::run),
    ("G12-one-huge-function", g12_one_huge_function::run),
    ("G13-many-functions", g13_many_functions::run),
    ("G14-components-that-double", g14_components_that_double::run),
    ("G15-types-that-double", g15_types_that_double::run),
    ("G16-tampered-artefacts", g16_tampered_artefacts::run),
    ("G18-other-bytes-behind-a-digest", g18_other_bytes_behind_a_digest::run),
    ("G23-more-data-than-memory", g23_more_data_than_memory::run),
    ("G24-many-instances", g24_many_instances::run),
    ("G38-the-same-instance-again", g38_the_same_instance_again::run),
    ("G71-every-special-network", g71_every_special_network::run),
    ("G72-mixed-answers", g72_mixed_answers::run),
    ("G87-the-same-bytes-under-two-names", g87_the_same_bytes_under_two_names::run),
    ("G88-changed-while-at-work", g88_changed_while_at_work::run),
    ("G90-another-answer-each-time", g90_another_answer_each_time::run),
    ("G91-a-hundred-connectors", g91_a_hundred_connectors::run),
    ("G93-mutants", g93_mutants::run),
    ("G94-no-instance-to-be-had", g94_no_instance_to_be_had::run),
];

/// Enough to look like a connector until types are compared, which comes last.
pub const TRANSLATOR: &str = r#"(instance $translator) (export "lockgate:connector/translator@1.1.0" (instance $translator))"#;

/// A connector with one function more, which has so many locals.
pub fn with_function(locals: usize, body: &str) -> Result<Vec<u8>> {
    let locals = "i32 ".repeat(locals);
    connector(&format!("(module %MEMORY% %METHODS% (func $attack (result i32) unreachable) (func (param i32) (local {locals}) {body}))"))
}

/// A component of so many levels, each of which instantiates the one before twice.
pub fn nested(levels: usize) -> Result<Vec<u8>> {
    let mut wat = String::from("(component (component $c0 (core module $m) (core instance (instantiate $m)))");
    for level in 1..=levels {
        let before = level - 1;
        write!(wat, "(component $c{level} (instance (instantiate $c{before})) (instance (instantiate $c{before})))")?;
    }
    write!(wat, "(instance (instantiate $c{levels})) {TRANSLATOR})")?;
    Ok(wat::parse_str(wat)?)
}

/// Random bytes, the same for each seed (xorshift).
pub fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[4]
    })
}
