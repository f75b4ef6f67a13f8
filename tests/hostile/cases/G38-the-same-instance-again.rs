//! case: G38
//! what: an instance that has crashed is asked again: it stays dead, and a hundred others work
//! expect: holds

use std::sync::Arc;

use anyhow::{Result, ensure};
use lockgate_core::failure::Code;
use lockgate_core::ports::{Granted, Run, Sandbox, StateMap, TaskInfo, TaskView};
use lockgate_core::task::{DataType, ExternalObject, TaskType};

use crate::case::Case;
use crate::connector::connector;
use crate::table::Row;
use crate::world::World;

pub fn run(world: &World, case: &Case) -> Result<Row> {
    let component = connector("(module %MEMORY% %METHODS% (func $attack (result i32) unreachable))")?;
    let digest = world.sandbox.compile(&component)?.digest;
    let translator = world.sandbox.load(&digest, &mut || None)?;
    let granted = Arc::new(Granted { limits: case.limits.clone(), ..Granted::default() });
    let (deadline_ms, state) = (case.limits.deadline_ms, Arc::new(StateMap::new()));
    let run = Run { deadline_ms, state, now_ms: 0, seed: [1; 32], task: TaskInfo::default() };
    let external = |body: &str| ExternalObject { media_type: "text/plain".into(), body: body.as_bytes().into() };
    let (attack, ok) = (external("attack"), external("ok again"));
    let view = |external| TaskView { external, task_type: TaskType::CreateObject, data_type: DataType::Simple, site: None };

    let fresh = || translator.instance(&granted, &run).map_err(|not_started| anyhow::anyhow!("no instance: {}", not_started.failure));
    let mut instance = fresh()?;
    for external in [&attack, &ok, &ok] {
        let failure = instance.prepare_internal_object(&view(external)).err();
        ensure!(failure.as_ref().is_some_and(|failure| failure.code == Code::Trap), "a dead instance answered {failure:?}");
    }
    for _ in 0..100 {
        let answer = fresh()?.prepare_internal_object(&view(&ok));
        ensure!(answer.is_ok(), "another instance answered {answer:?}");
    }
    Ok(Row::new(case))
}
