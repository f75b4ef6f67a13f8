//! One test for each file in `cases/`, and the tests of the collection itself. Runs one case after
//! the other in one process: memory is measured.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use lockgate_hostile_tests::case::Case;
use lockgate_hostile_tests::discover::{cases, folder, run};
use lockgate_hostile_tests::table::{Row, table};
use lockgate_hostile_tests::world::World;

/// Numbers of the list that must be covered.
const NUMBERS_MIN: usize = 70;

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "compile-child") {
        return Ok(lockgate_sandbox::compile_child(arguments));
    }
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let rows: Arc<Mutex<Vec<Row>>> = Arc::default();
    let failures: Arc<Mutex<Vec<String>>> = Arc::default();
    let all = cases()?;
    let mut trials = vec![
        of_the_collection("at_least_seventy_of_the_list_are_covered", all.clone(), covered),
        of_the_collection("the_readme_lists_what_is_covered_and_what_is_not", all.clone(), listed),
    ];
    for case in all {
        let rows = rows.clone();
        let failures = failures.clone();
        trials.push(Trial::test(case.name.clone(), move || {
            let begun = Instant::now();
            let row = world().and_then(|world| run(world, &case)).map_err(|error| {
                let why = format!("{}: {error:#}", case.what);
                failures.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{} ({:.1?}): {why}", case.name, begun.elapsed()));
                Failed::from(why)
            })?;
            rows.lock().unwrap_or_else(PoisonError::into_inner).push(Row { whole: begun.elapsed(), ..row });
            Ok(())
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        println!("times in ms\n{}", table(&rows.lock().unwrap_or_else(PoisonError::into_inner)));
    }
    // Again, and last: the end of a log is what people are shown.
    for failure in failures.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        println!("FAILED {failure}");
    }
    Ok(conclusion.exit_code())
}

/// Made when the first case needs it.
fn world() -> Result<&'static World> {
    static WORLD: OnceLock<Result<World, String>> = OnceLock::new();
    let world = WORLD.get_or_init(|| World::new().map_err(|error| format!("{error:#}")));
    world.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn of_the_collection(name: &str, cases: Vec<Case>, check: fn(&[Case]) -> Result<()>) -> Trial {
    Trial::test(name, move || check(&cases).map_err(|error| Failed::from(format!("{error:#}"))))
}

fn covered(cases: &[Case]) -> Result<()> {
    let numbers: BTreeSet<u32> = cases.iter().map(|case| case.number).collect();
    ensure!(numbers.len() >= NUMBERS_MIN, "{} of the list are covered, at least {NUMBERS_MIN} are wanted", numbers.len());
    Ok(())
}

/// The README has a line `| G30 | …` for each number of the list, which either names how many files
/// there are, or gives the reason why there is none after `left out:`.
fn listed(cases: &[Case]) -> Result<()> {
    let readme = std::fs::read_to_string(folder().join("README.md"))?;
    let list = (1..=18).chain(20..=24).chain(30..=40).chain(45..=59).chain(65..=80).chain(85..=94);
    for number in list {
        let begin = format!("| G{number} |");
        let line = readme.lines().find(|line| line.starts_with(&begin)).with_context(|| format!("{begin} is not in the README"))?;
        let files = cases.iter().filter(|case| case.number == number).count();
        let said = if files == 0 { "left out:".to_owned() } else { format!("| {files} |") };
        ensure!(line.contains(&said), "{begin} has {files} files, and the README says: {line}");
    }
    Ok(())
}
