//! The sandbox alone: one translation (prepare and the params of two references) on a fresh instance,
//! on one that is used again, and without a sandbox. In turn, round by round.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, anyhow};
use lockgate_bench_translation::{CATEGORY, SUPPLIER};
use lockgate_core::names::{ExternalId, TypeName};
use lockgate_core::ports::{Granted, Instance, Run, Sandbox, TaskInfo, TaskView, Translator};
use lockgate_core::task::{DataType, ExternalObject, TaskType};

use crate::bench::Bench;
use crate::feed::{Size, product};
use crate::native::NativeSandbox;
use crate::progress::bar;
use crate::results::{Results, number};
use crate::rig;
use crate::stats::{Series, quantile};

/// The row that peers are put beside.
pub const FRESH_ROW: &str = "fresh instance, 974 B";
/// Tasks of a round, about 50 ms of each side.
const TASKS: [(Size, usize); 3] = [(Size::Small, 2_000), (Size::Medium, 2_000), (Size::Large, 300)];
/// An instance that is used again is replaced after so many, outside of the measured time: one that
/// never ends would measure its own garbage.
const REUSES_MAX: usize = 1_000;

pub fn measure(bench: &Bench, results: &mut Results) -> Result<()> {
    let folder = rig::folder(bench.folder.as_deref())?;
    let sandbox = rig::sandbox(folder.path(), [7; 32])?;
    let fresh = loaded(&sandbox, &bench.component)?;
    let reused = loaded(&sandbox, &bench.reused_component)?;
    let native = loaded(&NativeSandbox, b"")?;
    let asks = Asks::new()?;
    let rounds = if bench.quick { 7 } else { 21 };
    let bar = bar(rounds * TASKS.len() as u64, "sandbox");
    for (size, tasks) in TASKS {
        let [mut of_fresh, mut of_again, mut of_reused, mut of_native]: [Series; 4] = Default::default();
        let task = ExternalObject { media_type: "application/json".into(), body: product(17, size).into() };
        for _ in 0..rounds {
            of_fresh.push(fresh_us(&*fresh, &asks, &task, tasks)?);
            of_reused.push(reused_us(&*reused, &asks, &task, tasks)?);
            of_native.push(fresh_us(&*native, &asks, &task, tasks)?);
            of_again.push(fresh_us(&*fresh, &asks, &task, tasks)?);
            bar.inc(1);
        }
        let what = |side: &str| format!("{side}, {} B", number(size.bytes() as f64));
        results.row("sandbox", what("fresh instance"), &of_fresh, "µs", "p50 of one translation: prepare and two params");
        results.row(
            "sandbox",
            what("fresh instance, again"),
            &of_again,
            "µs",
            "A/A control: the same side, measured in turn with the others",
        );
        results.row("sandbox", what("reused instance"), &of_reused, "µs", "the toolchain's allocator, which frees");
        results.row("sandbox", what("native"), &of_native, "µs", "no sandbox");
        let (over, control) = (of_fresh.over(&of_reused), of_again.over(&of_fresh));
        results.row("sandbox", what("fresh / reused"), &over, "×", format!("A/A control {:.3}", control.median()));
        results.row("sandbox", what("fresh / native"), &of_fresh.over(&of_native), "×", "");
        if size == Size::Medium {
            let noise = (control.median() - 1.0).abs().max(over.noise());
            results.key("fresh_over_reused", over.median(), noise);
        }
    }
    bar.finish_and_clear();
    parts(bench, &*fresh, &asks, results)
}

/// What a fresh instance costs before its guest does anything.
fn parts(bench: &Bench, translator: &dyn Translator, asks: &Asks, results: &mut Results) -> Result<()> {
    let [mut instantiate, mut params]: [Series; 2] = Default::default();
    for _ in 0..if bench.quick { 5 } else { 15 } {
        instantiate.push(p50_us(2_000, || asks.instance(translator).map(drop))?);
        let mut instance = asks.instance(translator)?;
        params.push(p50_us(2_000, || asks.params(&mut *instance))?);
    }
    results.row("sandbox", "instantiate and drop", &instantiate, "µs", "p50; no call");
    results.row("sandbox", "two params calls", &params, "µs", "p50; on one instance, guests that do next to nothing");
    Ok(())
}

/// Compiled and loaded.
pub fn loaded(sandbox: &dyn Sandbox, component: &[u8]) -> Result<Arc<dyn Translator>> {
    let compiled = sandbox.compile(component)?;
    Ok(sandbox.load(&compiled.digest, &mut || None)?)
}

/// What every side is asked.
pub struct Asks {
    granted: Arc<Granted>,
    run: Run,
    category: (ExternalId, TypeName),
    supplier: (ExternalId, TypeName),
}

impl Asks {
    pub fn new() -> Result<Self> {
        let asked = |id: &str, name: &str| {
            let id = ExternalId::new(id)?.ok_or_else(|| anyhow!("an empty id"))?;
            Ok::<_, anyhow::Error>((id, TypeName::new(name)?))
        };
        let granted = Granted::default();
        Ok(Self {
            run: Run {
                deadline_ms: granted.limits.deadline_ms,
                state: Arc::default(),
                now_ms: crate::clock::now_ms(),
                seed: [1; 32],
                task: TaskInfo::default(),
            },
            granted: Arc::new(granted),
            category: asked("17", CATEGORY)?,
            supplier: asked("S-17", SUPPLIER)?,
        })
    }

    /// With another deadline than the default.
    pub fn within(deadline_ms: u64) -> Result<Self> {
        let asks = Self::new()?;
        Ok(Self { run: Run { deadline_ms, ..asks.run }, ..asks })
    }

    pub fn instance(&self, translator: &dyn Translator) -> Result<Box<dyn Instance>> {
        translator.instance(&self.granted, &self.run).map_err(|error| anyhow!("{}", error.failure))
    }

    pub fn translation(&self, instance: &mut dyn Instance, external: &ExternalObject) -> Result<()> {
        let task = TaskView { external, task_type: TaskType::CreateObject, data_type: DataType::SimpleSnapshot, site: None };
        black_box(instance.prepare_internal_object(&task).map_err(|failure| anyhow!("{failure}"))?);
        self.params(instance)
    }

    fn params(&self, instance: &mut dyn Instance) -> Result<()> {
        for (id, object_type) in [&self.category, &self.supplier] {
            black_box(instance.get_internal_object_params(id, object_type).map_err(|failure| anyhow!("{failure}"))?);
        }
        Ok(())
    }
}

/// p50 of one translation, from no instance to its end.
pub fn fresh_us(translator: &dyn Translator, asks: &Asks, external: &ExternalObject, tasks: usize) -> Result<f64> {
    p50_us(tasks, || {
        let mut instance = asks.instance(translator)?;
        asks.translation(&mut *instance, external)?;
        black_box(instance.usage());
        Ok(())
    })
}

/// p50 of one translation on an instance that was there before.
pub fn reused_us(translator: &dyn Translator, asks: &Asks, external: &ExternalObject, tasks: usize) -> Result<f64> {
    let mut instance = asks.instance(translator)?;
    let mut used = 0;
    let mut took = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        if used == REUSES_MAX {
            instance = asks.instance(translator)?;
            used = 0;
        }
        used += 1;
        let begun = Instant::now();
        asks.translation(&mut *instance, external)?;
        took.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(quantile(&took, 0.5))
}

/// p50 of so many.
pub fn p50_us(times: usize, mut act: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let begun = Instant::now();
        act()?;
        took.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(quantile(&took, 0.5))
}
