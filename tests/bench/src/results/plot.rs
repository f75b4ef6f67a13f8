//! The plot: what a translation costs, how many tasks a second, and what growth does to a task.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Results;
use super::table::number;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const SIZE: (u32, u32) = (1_000, 900);
const COLOUR: RGBColor = RGBColor(52, 101, 164);

/// Rows of the plot: caption, unit and the rows' names by what they begin with, of a part.
const PANELS: [(&str, &str, &str, &[&str]); 3] = [
    ("One translation, p50", "sandbox", "µs", &["fresh instance, ", "reused instance", "native"]),
    ("Queue to stored, and submission", "", "tasks/s", &[""]),
    ("One task as the store grows", "growth", "µs/task", &["new objects", "changes all over"]),
];

impl Results {
    /// As SVG.
    pub fn plot(&self) -> Result<String> {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            area.fill(&WHITE).map_err(not_drawn)?;
            for (panel, (caption, part, unit, names)) in area.split_evenly((3, 1)).iter().zip(PANELS) {
                let bars: Vec<(&str, f64)> = self
                    .rows
                    .iter()
                    .filter(|row| (part.is_empty() || row.part == part) && row.unit == unit)
                    .filter(|row| names.iter().any(|name| row.name.starts_with(name)) && !row.name.contains("again"))
                    .filter_map(|row| Some((row.name.as_str(), row.value?)))
                    .collect();
                if !bars.is_empty() {
                    draw(panel, &format!("{caption} ({unit})"), &bars)?;
                }
            }
            area.present().map_err(not_drawn)?;
        }
        Ok(svg)
    }
}

/// Bars lying on their sides, the first on top, each with its name and value.
fn draw(area: &Area<'_>, caption: &str, bars: &[(&str, f64)]) -> Result<()> {
    let most = bars.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let count = i32::try_from(bars.len())?;
    let mut chart = ChartBuilder::on(area)
        .caption(caption, ("sans-serif", 18))
        .margin(8)
        .set_label_area_size(LabelAreaPosition::Left, 300)
        .set_label_area_size(LabelAreaPosition::Bottom, 24)
        .build_cartesian_2d(0.0..most * 1.15, 0..count)
        .map_err(not_drawn)?;
    chart.configure_mesh().disable_y_mesh().disable_y_axis().x_labels(6).x_label_formatter(&|x| number(*x)).draw().map_err(not_drawn)?;
    let plotting = chart.plotting_area();
    for (at, (name, value)) in (0..).zip(bars) {
        let row = count - 1 - at;
        let bar = Rectangle::new([(0.0, row), (*value, row + 1)], COLOUR.filled());
        plotting.draw(&bar).map_err(not_drawn)?;
        let (x, top) = plotting.map_coordinate(&(*value, row + 1));
        let (left, bottom) = plotting.map_coordinate(&(0.0, row));
        plotting.draw(&Rectangle::new([(0.0, row), (*value, row + 1)], WHITE.stroke_width(2))).map_err(not_drawn)?;
        let (base, middle) = (area.get_base_pixel(), (top + bottom) / 2);
        let text = |side| ("sans-serif", 13).into_font().into_text_style(area).pos(Pos::new(side, VPos::Center));
        area.draw_text(&number(*value), &text(HPos::Left), (x - base.0 + 4, middle - base.1)).map_err(not_drawn)?;
        area.draw_text(name, &text(HPos::Right), (left - base.0 - 6, middle - base.1)).map_err(not_drawn)?;
    }
    Ok(())
}

fn not_drawn<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> anyhow::Error {
    anyhow!("the plot cannot be drawn: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_has_its_name_and_value() {
        let mut results = Results::default();
        results.once("sandbox", "native, 974 B", 4.6, "µs", "");
        results.once("http", "batches", 81_000.0, "tasks/s", "");
        let svg = results.plot().unwrap();
        for text in ["native, 974 B", "4.60", "batches", "81,000"] {
            assert!(svg.contains(text), "{text}");
        }
    }
}
