//! A chart as a self-contained SVG that reads well on a light and on a dark ground.

use super::Chart;
use std::fmt::Write;

/// Size of the picture, and of the margins around the curve's field.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 72.0;
const BOTTOM: f64 = 56.0;

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

/// Renders the chart.
pub fn render(chart: &Chart) -> String {
    let (x_axis, y_axis) = (chart.x_axis(7), chart.y_axis(6));
    let x = |value: f64| LEFT + x_axis.place(value) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| TOP + (1.0 - y_axis.place(value)) * (HEIGHT - TOP - BOTTOM);
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let mut parts = vec![
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\" aria-labelledby=\"title\">"
        ),
        format!("<title id=\"title\">{}</title>", escape(&chart.title)),
        STYLE.to_owned(),
        format!("<rect class=\"ground\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>"),
        text(LEFT, 26.0, "start", "title", &chart.title),
    ];
    for tick in &y_axis.ticks {
        let at = y(*tick);
        parts.push(line("grid", LEFT, at, right, at));
        parts.push(text(
            LEFT - 8.0,
            at + 4.0,
            "end",
            "label",
            &format!("{} %", y_axis.label(*tick)),
        ));
    }
    for tick in &x_axis.ticks {
        let at = x(*tick);
        parts.push(line("axis", at, bottom, at, bottom + 5.0));
        parts.push(text(at, bottom + 20.0, "middle", "label", &x_axis.label(*tick)));
    }
    parts.push(line("axis", LEFT, bottom, right, bottom));
    parts.push(line("axis", LEFT, TOP, LEFT, bottom));
    parts.push(text(
        (LEFT + right) / 2.0,
        HEIGHT - 14.0,
        "middle",
        "label",
        &chart.x_label,
    ));
    parts.push(text(LEFT, TOP - 28.0, "start", "label", &chart.y_label));
    for (i, mark) in chart.marks.iter().enumerate() {
        let at = x(mark.x);
        parts.push(line("mark", at, TOP, at, bottom));
        // Names take turns on two lines, so that neighbours do not overlap.
        let anchor = if at > right - 90.0 {
            "end"
        } else if at < LEFT + 60.0 {
            "start"
        } else {
            "middle"
        };
        parts.push(text(at, TOP - 6.0 - 14.0 * (i % 2) as f64, anchor, "name", &mark.label));
    }
    parts.push(format!(
        "<path class=\"curve\" d=\"{}\"/>",
        path(chart, x, |value| y(value * 100.0))
    ));
    for mark in &chart.marks {
        if let Some(value) = mark.y {
            let (at, height) = (x(mark.x), y(value * 100.0));
            parts.push(format!(
                "<circle class=\"dot\" cx=\"{at:.2}\" cy=\"{height:.2}\" r=\"4.5\"/>"
            ));
        }
    }
    parts.push("</svg>\n".to_owned());
    parts.join("\n")
}

fn path(chart: &Chart, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    for (i, (across, up)) in chart.points.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(
            path,
            "{}{:.2} {:.2}",
            if i == 0 { "M" } else { "L" },
            x(*across),
            y(*up)
        );
    }
    path
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
