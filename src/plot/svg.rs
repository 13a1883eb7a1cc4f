//! A chart as a self-contained SVG that reads well on a light and on a dark ground.

use super::{Axis, Chart, Mark};
use std::fmt::Write;

/// Size of the picture, and the edges of the curve's field in it.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 736.0;
const TOP: f64 = 72.0;
const BOTTOM: f64 = 384.0;

/// Points that make a curve smooth at this size.
pub const POINTS: usize = 481;

/// Colours follow the reader's preference; the contrast of text is above 4.5 to 1 in both. No variables: not every renderer has them.
const STYLE: &str = "\
<style>
text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2933}
.title{font-size:15px;font-weight:600}.label{fill:#5b6773}.name{fill:#a84300;font-size:12px}
.ground{fill:#ffffff}.grid{stroke:#e1e6eb}.axis{stroke:#6b7785}
.mark{stroke:#a84300;stroke-dasharray:4 4}.dot{fill:#a84300;stroke:#ffffff;stroke-width:1.5}
.curve{fill:none;stroke:#0b63ce;stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}
@media (prefers-color-scheme:dark){
text{fill:#e8edf2}.label{fill:#9aa7b4}.name{fill:#ffa665}
.ground{fill:#14181d}.grid{stroke:#2c343d}.axis{stroke:#9aa7b4}
.mark{stroke:#ffa665}.dot{fill:#ffa665;stroke:#14181d}.curve{stroke:#6cb0ff}}
</style>";

/// The chart's axes on the picture.
struct Field {
    x_axis: Axis,
    y_axis: Axis,
}

impl Field {
    fn x(&self, value: f64) -> f64 {
        LEFT + self.x_axis.place(value) * (RIGHT - LEFT)
    }

    /// Of a value in per cent.
    fn y(&self, value: f64) -> f64 {
        TOP + (1.0 - self.y_axis.place(value)) * (BOTTOM - TOP)
    }

    fn axes(&self, chart: &Chart) -> Vec<String> {
        let mut parts = Vec::new();
        for tick in &self.y_axis.ticks {
            let at = self.y(*tick);
            let label = format!("{} %", self.y_axis.label(*tick));
            parts.push(line("grid", LEFT, at, RIGHT, at));
            parts.push(text(LEFT - 8.0, at + 4.0, "end", "label", &label));
        }
        for tick in &self.x_axis.ticks {
            let at = self.x(*tick);
            parts.push(line("axis", at, BOTTOM, at, BOTTOM + 5.0));
            parts.push(text(at, BOTTOM + 20.0, "middle", "label", &self.x_axis.label(*tick)));
        }
        parts.push(line("axis", LEFT, BOTTOM, RIGHT, BOTTOM));
        parts.push(line("axis", LEFT, TOP, LEFT, BOTTOM));
        let middle = (LEFT + RIGHT) / 2.0;
        parts.push(text(middle, HEIGHT - 14.0, "middle", "label", &chart.x_label));
        parts.push(text(LEFT, TOP - 28.0, "start", "label", &chart.y_label));
        parts
    }

    /// A vertical line; names take turns on two lines, so that neighbours do not overlap.
    fn mark(&self, mark: &Mark, place: usize) -> [String; 2] {
        let at = self.x(mark.x);
        let anchor = if at > RIGHT - 90.0 {
            "end"
        } else if at < LEFT + 60.0 {
            "start"
        } else {
            "middle"
        };
        let height = TOP - 6.0 - 14.0 * (place % 2) as f64;
        [
            line("mark", at, TOP, at, BOTTOM),
            text(at, height, anchor, "name", &mark.label),
        ]
    }

    fn curve(&self, chart: &Chart) -> String {
        let mut path = String::new();
        for (i, (x, y)) in chart.points.iter().enumerate() {
            let command = if i == 0 { "M" } else { "L" };
            // Writing to a string cannot fail.
            let _ = write!(path, "{command}{:.2} {:.2}", self.x(*x), self.y(y * 100.0));
        }
        format!("<path class=\"curve\" d=\"{path}\"/>")
    }

    /// The dot of a mark on the curve.
    fn dot(&self, mark: &Mark) -> Option<String> {
        let (x, y) = (self.x(mark.x), self.y(mark.y? * 100.0));
        Some(format!("<circle class=\"dot\" cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"4.5\"/>"))
    }
}

/// Renders the chart.
pub fn render(chart: &Chart) -> String {
    let field = Field {
        x_axis: chart.x_axis(7),
        y_axis: chart.y_axis(6),
    };
    let mut parts = vec![
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\" aria-labelledby=\"title\">"
        ),
        format!("<title id=\"title\">{}</title>", escape(&chart.title)),
        STYLE.to_owned(),
        format!("<rect class=\"ground\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>"),
        text(LEFT, 26.0, "start", "title", &chart.title),
    ];
    parts.extend(field.axes(chart));
    for (place, mark) in chart.marks.iter().enumerate() {
        parts.extend(field.mark(mark, place));
    }
    parts.push(field.curve(chart));
    parts.extend(chart.marks.iter().filter_map(|mark| field.dot(mark)));
    parts.push("</svg>\n".to_owned());
    parts.join("\n")
}

fn line(class: &str, x1: f64, y1: f64, x2: f64, y2: f64) -> String {
    format!("<line class=\"{class}\" x1=\"{x1:.2}\" y1=\"{y1:.2}\" x2=\"{x2:.2}\" y2=\"{y2:.2}\"/>")
}

fn text(x: f64, y: f64, anchor: &str, class: &str, content: &str) -> String {
    format!(
        "<text x=\"{x:.2}\" y=\"{y:.2}\" text-anchor=\"{anchor}\" class=\"{class}\">{}</text>",
        escape(content)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
