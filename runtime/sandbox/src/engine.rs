//! The one engine: how components are compiled and where their memory lies.

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::options::SandboxOptions;

/// Stack of wasm code. Must fit in the calling thread's stack (2 MiB by default for Rust threads)
/// with room for host functions.
const WASM_STACK_BYTES_MAX: usize = 512 << 10;

/// Core instances of one component: Python needs dozens.
pub const CORE_INSTANCES_MAX: u32 = 64;
/// Memories of one component: QuickJS without WASI has three.
pub const MEMORIES_MAX: u32 = 8;
/// Tables of one component.
pub const TABLES_MAX: u32 = 24;
/// Elements of one table: StarlingMonkey needs 7,700.
pub const TABLE_ELEMENTS_MAX: usize = 20_000;

/// An engine for these options.
pub fn engine(options: &SandboxOptions) -> Result<Engine, wasmtime::Error> {
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(options)));
    config.epoch_interruption(true);
    config.concurrency_support(false);
    config.max_wasm_stack(WASM_STACK_BYTES_MAX);
    // Threads, GC, exceptions, stack switching and component-model-async are left out of the build
    // (root Cargo.toml); of what is built in, no toolchain's connector needs these.
    config.wasm_memory64(false);
    config.wasm_relaxed_simd(false);
    Engine::new(&config)
}

fn pool(options: &SandboxOptions) -> PoolingAllocationConfig {
    let instances = options.instances_max;
    let mut pool = PoolingAllocationConfig::new();
    // A free slot (`slots`) must mean that nothing in the pool can run out.
    pool.total_component_instances(instances);
    pool.total_core_instances(instances.saturating_mul(CORE_INSTANCES_MAX));
    pool.total_memories(instances.saturating_mul(MEMORIES_MAX));
    pool.total_tables(instances.saturating_mul(TABLES_MAX));
    pool.max_core_instances_per_component(CORE_INSTANCES_MAX);
    pool.max_memories_per_component(MEMORIES_MAX);
    pool.max_tables_per_component(TABLES_MAX);
    pool.max_tables_per_module(TABLES_MAX);
    pool.table_elements(TABLE_ELEMENTS_MAX);
    pool.max_memory_size(usize::try_from(options.memory_bytes_max).unwrap_or(usize::MAX));
    pool.max_core_instance_size(4 << 20);
    pool.max_component_instance_size(4 << 20);
    // Resetting the first MiB in place beats giving it back to the kernel, but only where
    // PAGEMAP_SCAN tells which pages were written (measured: 28 against 49 µs a task).
    pool.pagemap_scan(Enabled::Auto);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.linear_memory_keep_resident(1 << 20);
        pool.table_keep_resident(64 << 10);
    }
    pool
}
