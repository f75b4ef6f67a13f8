//! The translation as an Extism plugin. It calls Extism's kernel itself: the plugin kit needs the standard library,
//! whose imports on this target Extism does not offer.
#![no_std]

extern crate alloc;

use alloc::{vec, vec::Vec};

#[path = "../../product.rs"]
mod product;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

#[link(wasm_import_module = "extism:host/env")]
unsafe extern "C" {
    safe fn alloc(bytes: u64) -> u64;
    safe fn input_length() -> u64;
    safe fn input_load_u8(offset: u64) -> u8;
    safe fn input_load_u64(offset: u64) -> u64;
    safe fn output_set(offset: u64, bytes: u64);
    safe fn store_u8(offset: u64, value: u8);
    safe fn store_u64(offset: u64, value: u64);
}

/// Extism's entry point: 0 when the task was translated, 1 when it is no product.
#[unsafe(no_mangle)]
pub extern "C" fn translate() -> i32 {
    let task = input();
    let Ok(product) = serde_json::from_slice::<product::Product>(&task) else { return 1 };
    let Ok(answer) = postcard::to_allocvec(&product) else { return 1 };
    output(&answer);
    0
}

/// Copies the input out of the kernel's memory, eight bytes a call as Extism's own kit does.
fn input() -> Vec<u8> {
    let bytes = input_length() as usize;
    let mut input = vec![0; bytes];
    let mut words = input.chunks_exact_mut(8);
    let mut offset = 0;
    for word in &mut words {
        word.copy_from_slice(&input_load_u64(offset).to_le_bytes());
        offset += 8;
    }
    for byte in words.into_remainder() {
        *byte = input_load_u8(offset);
        offset += 1;
    }
    input
}

fn output(answer: &[u8]) {
    let start = alloc(answer.len() as u64);
    let (words, rest) = answer.as_chunks::<8>();
    let mut offset = start;
    for word in words {
        store_u64(offset, u64::from_le_bytes(*word));
        offset += 8;
    }
    for byte in rest {
        store_u8(offset, *byte);
        offset += 1;
    }
    output_set(start, answer.len() as u64);
}
