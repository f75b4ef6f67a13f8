//! The one engine: how components are compiled and where their memory lies.

use std::hash::{Hash, Hasher};
use std::io;

use lockgate_core::failure::sanitised;
use lockgate_core::ports::InstallError;
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, Module, PoolingAllocationConfig, WasmFeatures};

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

/// An engine for these options, which instantiates what a compiler's engine compiled.
pub fn engine(options: &SandboxOptions) -> Result<Engine, wasmtime::Error> {
    Engine::new(&config(pool(options.instances_max, options.memory_bytes_max)))
}

/// An engine for a process that compiles. It makes the same artefacts, and its pool has no slot: that
/// reserves next to no address space, and still says whether a component would fit in one.
pub fn compiler(memory_bytes_max: u64) -> Result<Engine, wasmtime::Error> {
    Engine::new(&config(pool(0, memory_bytes_max)))
}

/// Names the engine's version and settings: artefacts of another are useless, and never loaded.
pub fn compatibility(engine: &Engine) -> String {
    let mut hasher = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hex::encode(hasher.0.finalize()).chars().take(16).collect()
}

/// The code of [`cannot_run`]'s error.
pub const NO_EXECUTABLE_MEMORY: &str = "no-executable-memory";

/// The smallest module that has code: one empty function.
const SMALLEST: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b";

/// Why not even the smallest code can be run in this process, when something else could not be loaded. `None`: it can; or
/// memory is too small to tell.
pub fn cannot_run(engine: &Engine) -> Option<InstallError> {
    let error = Module::new(engine, SMALLEST).err()?;
    let no_memory = error.chain().any(|cause| {
        let errno = cause.downcast_ref::<Errno>().copied();
        let errno = errno.or_else(|| cause.downcast_ref::<io::Error>().and_then(Errno::from_io_error));
        errno == Some(Errno::NOMEM)
    });
    let message = format!(
        "this process may not make memory executable, which running compiled code needs: {error:#}; under systemd set \
         `MemoryDenyWriteExecute=no` in the service's unit, elsewhere allow it where the process is confined (SELinux `execmem`, \
         seccomp)"
    );
    (!no_memory).then(|| InstallError { code: NO_EXECUTABLE_MEMORY, message: sanitised(&message) })
}

fn config(pool: PoolingAllocationConfig) -> Config {
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.epoch_interruption(true);
    config.concurrency_support(false);
    config.max_wasm_stack(WASM_STACK_BYTES_MAX);
    // Threads, GC, exceptions, stack switching and component-model-async are left out of the build
    // (root Cargo.toml). Of what is built in, no toolchain's connector needs these, and what is off is
    // code of the engine that no hostile component reaches.
    config.wasm_memory64(false);
    config.wasm_relaxed_simd(false);
    config.wasm_tail_call(false);
    config.wasm_gc(false);
    config.wasm_features(WasmFeatures::FUNCTION_REFERENCES, false);
    // These stay: bulk memory, sign extension, multi-value, reference types, SIMD and extended
    // constants, one or more of which every toolchain compiles to; and multi-memory, which is what the
    // engine's own adapters between the parts of a composed component are written in: without it
    // such a component makes the compiler panic.
    config
}

fn pool(instances: u32, memory_bytes_max: u64) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // A free slot (`slots`) must mean that nothing in the pool can run out.
    pool.total_component_instances(instances);
    pool.total_core_instances(instances.saturating_mul(CORE_INSTANCES_MAX));
    pool.total_memories(instances.saturating_mul(MEMORIES_MAX));
    // Never none: the engine compares each module with this number, too.
    pool.total_tables(instances.max(1).saturating_mul(TABLES_MAX));
    pool.max_core_instances_per_component(CORE_INSTANCES_MAX);
    pool.max_memories_per_component(MEMORIES_MAX);
    pool.max_tables_per_component(TABLES_MAX);
    pool.max_tables_per_module(TABLES_MAX);
    // Guests run on their callers' stacks. The default would take 2 GB of address space, which is all
    // that the compiler's process has.
    pool.total_stacks(1);
    pool.table_elements(TABLE_ELEMENTS_MAX);
    pool.max_memory_size(usize::try_from(memory_bytes_max).unwrap_or(usize::MAX));
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

struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_module_can_be_run_here() {
        assert!(cannot_run(&compiler(1 << 20).unwrap()).is_none());
    }

    #[test]
    fn what_the_compiler_makes_fits_the_engine() {
        let options = SandboxOptions { instances_max: 4, ..SandboxOptions::new("unused") };
        let engine = engine(&options).unwrap();
        for memory_bytes_max in [options.memory_bytes_max, 1 << 20] {
            assert_eq!(compatibility(&compiler(memory_bytes_max).unwrap()), compatibility(&engine));
        }
    }
}
