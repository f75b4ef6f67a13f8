//! Extism as the sandbox: a task of 974 B in, an object of 16 fields out, with a fresh plugin for each task (made from one
//! compiled plugin) and with a reused one. One thread, no queue. Prints one JSON line.

extern crate alloc;

use std::{env, fs, time::Instant};

use anyhow::{Context, ensure};
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig};

#[path = "../../product.rs"]
mod product;

const TASK: &str = include_str!("../../../shared/task.json");
/// Tasks that each allocator translates before the faster one is chosen.
const TRIAL_TASKS: u64 = 2_000;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let plugin = arguments.next().context("usage: lockgate-peer-extism PLUGIN.wasm TASKS")?;
    let tasks: u64 = arguments.next().context("how many tasks?")?.parse()?;
    let wasm = fs::read(&plugin).with_context(|| format!("reading {plugin}"))?;

    let mut chosen: Option<(&str, CompiledPlugin, f64)> = None;
    for allocator in ["on-demand", "pooling"] {
        let compiled = compile(&wasm, allocator)?;
        let fresh_us = fresh(&compiled, TRIAL_TASKS)?;
        eprintln!("extism: allocator {allocator}: {fresh_us:.1} µs a fresh plugin");
        if chosen.as_ref().is_none_or(|(_, _, best_us)| fresh_us < *best_us) {
            chosen = Some((allocator, compiled, fresh_us));
        }
    }
    let (allocator, compiled, _) = chosen.context("no allocator was tried")?;

    let fresh_us = fresh(&compiled, tasks)?;
    let reused_us = reused(&compiled, tasks)?;
    let line = serde_json::json!({
        "peer": "extism",
        "version": env!("EXTISM_VERSION"),
        "kind": "translation",
        "tasks": tasks,
        "tasks_per_s": rate(fresh_us),
        "push_tasks_per_s": null,
        "fresh_us": tenth(fresh_us),
        "reused_us": tenth(reused_us),
        "reused_tasks_per_s": rate(reused_us),
        "settings": format!("one thread; compiled once; {allocator} instance allocator, the faster of two; answer in postcard; plugin without standard library"),
    });
    println!("{line}");
    Ok(())
}

fn compile(wasm: &[u8], allocator: &str) -> anyhow::Result<CompiledPlugin> {
    let mut config = Config::new();
    if allocator == "pooling" {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::default()));
    }
    PluginBuilder::new(Manifest::new([Wasm::data(wasm)])).with_wasmtime_config(config).with_cache_disabled().compile()
}

/// Microseconds a task with a plugin made for it.
fn fresh(compiled: &CompiledPlugin, tasks: u64) -> anyhow::Result<f64> {
    measured(tasks, |task| translate(&mut Plugin::new_from_compiled(compiled)?, task))
}

/// Microseconds a task with one plugin for all.
fn reused(compiled: &CompiledPlugin, tasks: u64) -> anyhow::Result<f64> {
    let mut plugin = Plugin::new_from_compiled(compiled)?;
    measured(tasks, |task| translate(&mut plugin, task))
}

fn measured(tasks: u64, mut translate: impl FnMut(&str) -> anyhow::Result<String>) -> anyhow::Result<f64> {
    let payloads: Vec<String> = (0..tasks).map(|number| TASK.replace("NNNNNNNN", &format!("{number:08}"))).collect();
    let begun = Instant::now();
    let mut right = 0;
    for (number, task) in payloads.iter().enumerate() {
        let id = translate(task)?;
        right += u64::from(id.strip_prefix("product-").and_then(|digits| digits.parse().ok()) == Some(number));
    }
    let us = begun.elapsed().as_secs_f64() * 1e6 / tasks as f64;
    ensure!(right == tasks, "{right} right answers to {tasks} tasks");
    Ok(us)
}

/// The id of the object that the plugin answers, all of whose fields are read.
fn translate(plugin: &mut Plugin, task: &str) -> anyhow::Result<String> {
    let answer: &[u8] = plugin.call("translate", task)?;
    let product: product::Product = postcard::from_bytes(answer)?;
    ensure!(product.tags.len() == 4 && product.description.len() > 400, "the answer lacks fields");
    Ok(product.id.to_owned())
}

fn rate(us: f64) -> u64 {
    (1e6 / us).round() as u64
}

fn tenth(us: f64) -> f64 {
    (us * 10.0).round() / 10.0
}
