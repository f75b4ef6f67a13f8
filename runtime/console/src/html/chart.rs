//! Charts, drawn by the server.

use maud::{Markup, html};

/// Width and height of what is drawn in.
const SIZE: (f64, f64) = (600.0, 120.0);

/// A course over time.
pub(crate) struct Chart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// Oldest first; `None`: it is not known.
    pub values: &'a [Option<f64>],
    /// Of which time each is, as it is shown.
    pub times: &'a [String],
    /// How a value is written.
    pub write: fn(f64) -> String,
}

/// Bars with the highest value named, and a table of the numbers for whom bars say nothing.
pub(crate) fn chart(of: &Chart<'_>) -> Markup {
    let highest = of.values.iter().flatten().copied().fold(0.0, f64::max);
    let last = of.values.last().copied().flatten();
    let step = SIZE.0 / of.values.len().max(1) as f64;
    let height = |value: f64| if highest > 0.0 { value / highest * (SIZE.1 - 4.0) } else { 0.0 };
    let label = format!(
        "{}: {} now, {} at most",
        of.title,
        last.map_or("unknown".to_owned(), of.write),
        if highest > 0.0 { (of.write)(highest) } else { "nothing".to_owned() }
    );
    html! {
        figure.chart {
            figcaption { (of.title) strong { (last.map_or("–".to_owned(), of.write)) } span.faint { "at most " ((of.write)(highest)) } }
            svg viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } preserveAspectRatio="none" role="img" aria-label=(label) {
                @for line in [0.25, 0.5, 0.75] { line.grid x1="0" x2=(SIZE.0) y1=(SIZE.1 * line) y2=(SIZE.1 * line) {} }
                @for (at, value) in of.values.iter().enumerate() {
                    @if let Some(value) = value {
                        rect x=(round(at as f64 * step + step * 0.1)) width=(round(step * 0.8)) y=(round(SIZE.1 - height(*value).max(if *value > 0.0 { 2.0 } else { 0.5 })))
                            height=(round(height(*value).max(if *value > 0.0 { 2.0 } else { 0.5 }))) rx="1" {}
                    }
                }
            }
            div.axis aria-hidden="true" { span { (of.times.first().map_or("", String::as_str)) } span { "now" } }
            details {
                summary { "Numbers" }
                div.scroll tabindex="0" role="group" aria-label={ (of.title) ", numbers" } {
                    table {
                        thead { tr { th scope="col" { "From" } th.right scope="col" { (of.title) } } }
                        tbody {
                            @for (time, value) in of.times.iter().zip(of.values) {
                                tr { td { (time) } td.right { (value.map_or("–".to_owned(), of.write)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
