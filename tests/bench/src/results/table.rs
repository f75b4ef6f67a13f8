//! The table, for README and people.

use std::fmt::Write as _;

use super::{PARTS, Results, Row};

/// What is aimed at, by key: the sign says which side is good.
pub const GOALS: &[(&str, &str, f64)] = &[
    ("fresh_over_reused", "≤", 1.6),
    ("sandboxed_over_native", "≥", 0.7),
    ("drained_tasks_per_s", "≥", 60_000.0),
    ("http_single_tasks_per_s", "≥", 15_000.0),
    ("http_batch_tasks_per_s", "≥", 80_000.0),
    ("submit_to_stored_p99_ms", "<", 25.0),
    ("cost_10m_over_10k", "≤", 1.5),
    ("start_500_connectors_s", "<", 1.0),
    ("idle_10_connectors_mib", "<", 60.0),
    ("start_after_kill_s", "<", 1.0),
    ("over_best_peer", "≥", 3.0),
    ("over_extism_fresh", "≥", 10.0),
];

impl Results {
    /// As Markdown.
    pub fn table(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "{}. Medians; A/A is by how much two runs of the same, one after the other, typically differ.\n",
            self.machine.line()
        );
        self.goals(&mut text);
        for part in PARTS {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.part == part).collect();
            if rows.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n| {part} | | A/A | |\n|---|--:|--:|---|");
            for row in rows {
                let value = row.value.map_or("absent".to_owned(), |value| format!("{} {}", number(value), row.unit));
                let _ = writeln!(text, "| {} | {} | {} | {} |", row.name, value.trim(), row.noise.map_or(String::new(), percent), row.note);
            }
        }
        text
    }

    fn goals(&self, text: &mut String) {
        let _ = writeln!(text, "| key of `latest.json` | goal | measured | A/A | met |\n|---|--:|--:|--:|---|");
        for (key, sign, goal) in GOALS {
            let Some(value) = self.number(key) else {
                let _ = writeln!(text, "| `{key}` | {sign} {} | not measured | | |", number(*goal));
                continue;
            };
            let met = match *sign {
                "≤" => value <= *goal,
                "<" => value < *goal,
                _ => value >= *goal,
            };
            let noise = self.noise.get(*key).map_or(String::new(), |noise| percent(*noise));
            let _ =
                writeln!(text, "| `{key}` | {sign} {} | {} | {noise} | {} |", number(*goal), number(value), if met { "yes" } else { "no" });
        }
        if let Some(best) = self.keys.get("best_peer").and_then(|best| best.as_str()) {
            let _ = writeln!(text, "| `best_peer` | | {best} | | |");
        }
    }
}

/// With as many digits as say something, and commas between thousands.
pub fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let plain = format!("{value:.digits$}");
    let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left.is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &rest
}

/// A share as people read it.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_short() {
        assert_eq!(number(51_400.4), "51,400");
        assert_eq!(number(1_000_000.0), "1,000,000");
        assert_eq!(number(1.6), "1.60");
        assert_eq!(number(-123.0), "-123");
        assert_eq!(number(27.64), "27.6");
    }

    #[test]
    fn a_goal_that_is_missed_says_no_and_one_not_measured_is_shown() {
        let mut results = Results::default();
        results.key("fresh_over_reused", 2.0, 0.01);
        results.key("sandboxed_over_native", 0.8, 0.01);
        results.absent("peers", "bullmq", "no redis");
        let table = results.table();
        assert!(table.contains("| `fresh_over_reused` | ≤ 1.60 | 2.00 | 1.0 % | no |"), "{table}");
        assert!(table.contains("| `sandboxed_over_native` | ≥ 0.70 | 0.80 | 1.0 % | yes |"), "{table}");
        assert!(table.contains("| `cost_10m_over_10k` | ≤ 1.50 | not measured | | |"), "{table}");
        assert!(table.contains("| bullmq | absent |  | no redis |"), "{table}");
    }
}
