//! A chart in braille: each character holds two by four dots.

use super::{Axis, Chart};

/// Characters across and down, without the axes' labels.
const COLUMNS: usize = 72;
const ROWS: usize = 18;
/// Dots.
const WIDTH: usize = COLUMNS * 2;
const HEIGHT: usize = ROWS * 4;
/// Braille without dots.
const BLANK: u32 = 0x2800;

/// Points that a curve needs so that each column of dots has its own.
pub const POINTS: usize = WIDTH * 4;

struct Canvas([[u8; COLUMNS]; ROWS]);

impl Canvas {
    /// Sets a dot, counted from the upper left corner; one outside is not there.
    fn set(&mut self, x: usize, y: usize) {
        // Unicode numbers the dots down the left column, down the right, then the fourth row.
        const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        if let Some(cell) = self.0.get_mut(y / 4).and_then(|row| row.get_mut(x / 2)) {
            *cell |= DOTS[y % 4][x % 2];
        }
    }

    /// All dots between two heights in one column, so that a steep curve has no gaps.
    fn stroke(&mut self, x: usize, y0: usize, y1: usize) {
        for y in y0.min(y1)..=y0.max(y1) {
            self.set(x, y);
        }
    }

    fn row(&self, row: usize) -> String {
        let cells = self.0[row].iter().map(|dots| match dots {
            0 => ' ',
            dots => char::from_u32(BLANK + u32::from(*dots)).unwrap_or(' '),
        });
        cells.collect()
    }
}

/// Renders the chart as lines of text.
pub fn render(chart: &Chart) -> String {
    let (x_axis, y_axis) = (chart.x_axis(6), chart.y_axis(6));
    let row = |y: f64| ((1.0 - y_axis.place(y * 100.0)) * (HEIGHT - 1) as f64).round() as usize;
    let mut canvas = Canvas([[0; COLUMNS]; ROWS]);
    for mark in &chart.marks {
        for y in (0..HEIGHT).step_by(3) {
            canvas.set(column(&x_axis, mark.x), y);
        }
    }
    let mut before = None;
    for (x, y) in &chart.points {
        let (x, y) = (column(&x_axis, *x), row(*y));
        canvas.stroke(x, before.unwrap_or(y), y);
        before = Some(y);
    }
    let tick_rows: Vec<_> = y_axis
        .ticks
        .iter()
        .map(|tick| (row(tick / 100.0) / 4, y_axis.label(*tick)))
        .collect();
    let margin = tick_rows.iter().map(|(_, label)| label.len()).max().unwrap_or(0);
    let mut lines = vec![chart.title.clone(), format!("{:>margin$}   {}", "%", chart.y_label)];
    for i in 0..ROWS {
        let label = tick_rows
            .iter()
            .find(|(row, _)| *row == i)
            .map(|(_, label)| label.as_str());
        let edge = if label.is_some() { '┤' } else { '│' };
        lines.push(
            format!("{:>margin$} {edge}{}", label.unwrap_or_default(), canvas.row(i))
                .trim_end()
                .to_owned(),
        );
    }
    lines.extend(below(chart, &x_axis, margin));
    lines.join("\n")
}

/// The lower axis, its labels, and the names of the marks.
fn below(chart: &Chart, x_axis: &Axis, margin: usize) -> Vec<String> {
    let mut edge = ['─'; COLUMNS];
    let mut labels = Strip::new();
    for tick in &x_axis.ticks {
        let at = column(x_axis, *tick) / 2;
        edge[at.min(COLUMNS - 1)] = '┬';
        labels.write(at, &x_axis.label(*tick));
    }
    let indent = " ".repeat(margin + 2);
    let mut lines = vec![
        format!("{:>margin$} └{}", "", edge.iter().collect::<String>()),
        format!("{indent}{}", labels.text()),
    ];
    let mut names = vec![Strip::new()];
    for mark in &chart.marks {
        let (at, name) = (column(x_axis, mark.x) / 2, format!("^ {}", mark.label));
        // What finds no room gets a line of its own.
        if !names.iter_mut().any(|strip| strip.write_from(at, &name)) {
            let mut strip = Strip::new();
            strip.write_from(at, &name);
            names.push(strip);
        }
    }
    lines.extend(names.iter().map(|strip| format!("{indent}{}", strip.text())));
    lines.push(format!("{indent}{}", chart.x_label));
    lines
}

/// The column of dots of an x. `place` lies between 0 and 1 for what is on the axis; anything else saturates to a dot outside or
/// at the edge.
fn column(x_axis: &Axis, x: f64) -> usize {
    (x_axis.place(x) * (WIDTH - 1) as f64).round() as usize
}

/// A line under the chart on which labels find room or do not.
struct Strip(Vec<char>);

impl Strip {
    fn new() -> Self {
        Self(vec![' '; COLUMNS + 24])
    }

    /// Centred at a column.
    fn write(&mut self, at: usize, label: &str) -> bool {
        self.write_from(at.saturating_sub(label.chars().count() / 2), label)
    }

    /// From a column on, where it is free with a blank on either side.
    fn write_from(&mut self, from: usize, label: &str) -> bool {
        let end = from + label.chars().count();
        let neighbours = from.saturating_sub(1)..(end + 1).min(self.0.len());
        if end > self.0.len() || self.0[neighbours].iter().any(|c| *c != ' ') {
            return false;
        }
        for (cell, c) in self.0[from..end].iter_mut().zip(label.chars()) {
            *cell = c;
        }
        true
    }

    fn text(&self) -> String {
        self.0.iter().collect::<String>().trim_end().to_owned()
    }
}
