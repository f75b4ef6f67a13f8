//! The tables, for people.

use std::fmt::Write as _;

use crate::languages::report::{Measured, Report, Row};
use crate::results::{number, percent};

/// How a figure is written.
type Shown = fn(f64) -> String;
/// A column: its key, its heading, and how its figures are written.
type Column = (&'static str, &'static str, Shown);
/// What a cell says of its figure.
type Cell<'c> = dyn Fn(&Measured, Shown) -> String + 'c;

const COST: &[Column] = &[
    ("component_bytes", "component", bytes),
    ("compile_s", "compiled in", |s| time(s * 1e6)),
    ("load_ms", "loaded in", |ms| time(ms * 1e3)),
    ("instantiate_us", "instance", time),
    ("fresh_us", "translation", time),
    ("reused_us", "on a reused instance", time),
    ("memory_bytes", "memory", bytes),
    ("tasks_per_s", "tasks/s", number),
    ("cpu_us_per_task", "processor a task", time),
    ("over_native", "of native", percent),
];
const REUSE: &[Column] = &[
    ("fresh_us", "fresh instance", time),
    ("reused_us", "reused instance", time),
    ("fresh_over_reused", "fresh / reused", number),
    ("reused_memory_bytes_after_1", "memory after 1 translation", bytes),
    ("reused_memory_bytes_after_10000", "after 10,000", bytes),
];
/// Under the table.
const MEANING: &str = "\
* **component**: its file. **compiled in**: what `lockgate connector add` waits for, once, in a process of its own. **loaded in**: from the
  kept artefact, when a server starts or a connector is first used.
* **instance**: made and dropped, without a call. **translation**: 974 B of JSON with 16 fields, prepare and the params of two references,
  p50, on a fresh instance as every task has it, and on one that has done others before.
* **memory**: linear memory of an instance after one translation, which is what `memory_bytes_max` limits. Pages that it has not written
  are shared with all others of its component.
* **tasks/s**: from the queue to stored, durable, one connector, a fresh instance for each task. **processor a task**: of that, over all
  threads. **of native**: these tasks/s over those of the same translation without a sandbox.
";

/// What each language costs, with where it was measured: the table that documents show.
pub fn cost(report: &Report) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{}. Medians.\n", report.machine.line());
    rows(&mut text, report, COST, &|figure, shown| shown(figure.value));
    let _ = writeln!(text, "\n{MEANING}");
    for (row, note) in report.languages.iter().flat_map(|row| row.notes.iter().map(move |note| (row, note))) {
        let _ = writeln!(text, "* {}: {note}", row.name);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The same, with its noise, and with what an instance for many tasks would gain.
pub fn whole(report: &Report) -> String {
    let mut text = cost(report);
    let _ = writeln!(text, "\nA/A noise: by how much two runs of the same, one after the other, typically differ.\n");
    rows(&mut text, report, COST, &|figure, _| figure.noise.map_or_else(String::new, percent));
    let _ = writeln!(
        text,
        "\nWhat one instance for many tasks would gain, and what its memory does meanwhile. Lockgate makes a fresh one for every task.\n\
         Rust's is built without the SDK's allocator here, which never frees.\n"
    );
    let languages = report.languages.iter().filter(|row| row.key != "native").cloned().collect();
    rows(&mut text, &Report { languages, ..Report::default() }, REUSE, &|figure, shown| shown(figure.value));
    text
}

/// A line for each language; one that is absent says why.
fn rows(text: &mut String, report: &Report, columns: &[Column], cell: &Cell<'_>) {
    let headings: Vec<&str> = columns.iter().map(|(_, heading, _)| *heading).collect();
    let _ = writeln!(text, "| | {} |\n|---|{}", headings.join(" | "), "--:|".repeat(columns.len()));
    for row in &report.languages {
        let cells: Vec<String> = match &row.absent {
            Some(why) => std::iter::once(format!("absent: {why}")).chain(columns.iter().skip(1).map(|_| String::new())).collect(),
            None => columns.iter().map(|(key, _, shown)| figure(row, key, *shown, cell)).collect(),
        };
        let _ = writeln!(text, "| {} | {} |", row.name, cells.join(" | "));
    }
}

fn figure(row: &Row, key: &str, shown: Shown, cell: &Cell<'_>) -> String {
    row.measured.get(key).map_or_else(String::new, |figure| cell(figure, shown))
}

/// Microseconds, in the unit that suits them.
fn time(us: f64) -> String {
    match us {
        us if us < 1e3 => format!("{} µs", number(us)),
        us if us < 1e6 => format!("{} ms", number(us / 1e3)),
        us => format!("{} s", number(us / 1e6)),
    }
}

/// Thousands and millions of bytes.
fn bytes(count: f64) -> String {
    if count < 1e6 { format!("{} kB", number(count / 1e3)) } else { format!("{} MB", number(count / 1e6)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let measured = [("component_bytes", 184_320.0), ("compile_s", 0.41), ("fresh_us", 16.24), ("tasks_per_s", 34_400.0)];
        let measured = measured.map(|(key, value)| (key.to_owned(), Measured { value, noise: Some(0.012) }));
        let rust = Row { name: "Rust".to_owned(), measured: measured.into(), ..Row::default() };
        let go = Row { name: "Go".to_owned(), absent: Some("its toolchain cannot be installed".to_owned()), ..Row::default() };
        let notes = vec!["Installed with raised limits.".to_owned()];
        let python = Row { name: "Python".to_owned(), notes, ..Row::default() };
        Report { languages: vec![rust, go, python], ..Report::default() }
    }

    #[test]
    fn a_language_is_a_line_with_units_that_suit() {
        let table = cost(&report());
        assert!(table.contains("| Rust | 184 kB | 410 ms |  |  | 16.2 µs |  |  | 34,400 |  |  |\n"), "{table}");
    }

    #[test]
    fn a_language_that_is_absent_says_why_and_a_note_is_told() {
        let table = cost(&report());
        assert!(table.contains("| Go | absent: its toolchain cannot be installed |"), "{table}");
        assert!(table.contains("* Python: Installed with raised limits.\n"), "{table}");
        let columns = table.lines().filter(|line| line.starts_with('|')).map(|line| line.matches('|').count());
        assert!(columns.into_iter().all(|count| count == COST.len() + 2), "{table}");
    }

    #[test]
    fn noise_and_reuse_stand_in_the_whole_alone() {
        assert!(!cost(&report()).contains("1.2 %"));
        let whole = whole(&report());
        assert!(whole.contains("1.2 %") && whole.contains("| fresh / reused |"), "{whole}");
    }

    #[test]
    fn times_and_sizes_have_the_unit_that_suits() {
        assert_eq!([9.8, 1_204.0, 22_000_000.0].map(time), ["9.80 µs", "1.20 ms", "22.0 s"]);
        assert_eq!([27_600.0, 19_200_000.0].map(bytes), ["27.6 kB", "19.2 MB"]);
    }
}
