//! The whole of it in one small program: `cargo run -p lockgate --example teams`.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use lockgate::{Change, Compiler, Grant, Lockgate};

const MODEL: &str = "
[[object_type]]
name = 'cms.role'
";

fn main() -> ExitCode {
    // This program is started again to compile a component.
    if let Some(done) = lockgate::compile_child() {
        return done;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let roles = Grant { objects: vec!["cms.role".parse()?], ..Grant::default() };
    let lockgate = Lockgate::at(format!("{folder}/teams.redb")).grant("teams", roles).compiler(Compiler::ThisProgram).open()?;
    lockgate.apply_model("teams.toml", MODEL)?;
    lockgate.add_direct("teams")?; // or `add_component("teams", &std::fs::read("teams.wasm")?)`
    let _telling = lockgate.on_outcome(|entry| println!("task {} of {}: {}", entry.task, entry.connector, entry.outcome.as_str()))?;

    let team = r#"{"object": {"type": "cms.role", "code_name": "team-7", "display_name": "Editors"}}"#;
    let task = lockgate.submit(Change::internal("teams", team).subject("7").key("team-7, change 1"))?;
    match lockgate.wait(task, Duration::from_secs(10))? {
        Some(ended) => println!("{}", ended.outcome.as_str()),
        None => println!("still {:?}", lockgate.task(task)?.map(|task| task.state.as_str())),
    }
    let stored = lockgate.object("cms.role", "team-7")?.ok_or("it is not stored")?;
    println!("{}", stored.display_name);
    Ok(())
}
