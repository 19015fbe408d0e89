//! A diagram as SVG that needs nothing else: no script, no font; light or dark as the reader's screen is.

use std::fmt::Write;

/// A square of data with axes and grid, a legend beside it, a caption below.
pub(super) struct Diagram {
    pub id: &'static str,
    pub title: &'static str,
    pub desc: String,
    /// Across, up.
    pub axes: [&'static str; 2],
    /// Where the upward axis ends; the other ends at 1.
    pub top: f64,
    pub marks: String,
    /// Class and words.
    pub legend: Vec<(&'static str, String)>,
    pub caption: String,
}

// Pixels. The square begins at `LEFT` and `TOP`.
const SIDE: f64 = 440.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = TOP + SIDE;
const RIGHT: f64 = LEFT + SIDE;

pub(super) fn across(share: f64) -> f64 {
    LEFT + share * SIDE
}

pub(super) fn up(share: f64) -> f64 {
    BOTTOM - share * SIDE
}

/// From the first point on, which is drawn even when it is the only one.
pub(super) fn line(class: &str, points: &[(f64, f64)]) -> String {
    let Some((x, y)) = points.first() else { return String::new() };
    let mut path = format!("<path class=\"line {class}\" d=\"M{:.1} {:.1}", across(*x), up(*y));
    for (x, y) in points {
        let _ = write!(path, "L{:.1} {:.1}", across(*x), up(*y));
    }
    path + "\"/>\n"
}

impl Diagram {
    /// Every text is one of ours: numbers, tags, fixed sentences. So nothing needs escaping.
    pub(super) fn svg(&self) -> String {
        let Self { id, title, desc, marks, caption, .. } = self;
        let (width, height) = (RIGHT + 176.0, BOTTOM + 84.0);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n\
             <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{desc}</desc>\n\
             <style>{STYLE}</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n\
             <text class=\"head\" x=\"{LEFT}\" y=\"28\">{title}</text>\n{}{marks}{}\
             <text x=\"{LEFT}\" y=\"{}\">{caption}</text>\n</svg>\n",
            self.grid(),
            self.key(),
            BOTTOM + 68.0
        )
    }

    fn grid(&self) -> String {
        let mut grid = String::new();
        for step in 0..=5 {
            let share = f64::from(step) / 5.0;
            let (x, y) = (across(share), up(share));
            // Rounded, since 0.6 times 0.1 is not quite 0.06.
            let value = (share * self.top * 100.0).round() / 100.0;
            let _ = writeln!(grid, "<path class=\"grid\" d=\"M{x:.1} {TOP}V{BOTTOM}M{LEFT} {y:.1}H{RIGHT}\"/>");
            let _ = writeln!(grid, "<text class=\"mid\" x=\"{x:.1}\" y=\"{}\">{share}</text>", BOTTOM + 18.0);
            let _ = writeln!(grid, "<text class=\"end\" x=\"{}\" y=\"{:.1}\">{value}</text>", LEFT - 8.0, y + 4.0);
        }
        let [x, y] = self.axes;
        let (middle_x, middle_y) = (across(0.5), up(0.5));
        let _ = writeln!(grid, "<text class=\"mid\" x=\"{middle_x}\" y=\"{}\">{x}</text>", BOTTOM + 40.0);
        let _ = writeln!(grid, "<text class=\"mid\" transform=\"translate(18 {middle_y})rotate(-90)\">{y}</text>");
        grid
    }

    fn key(&self) -> String {
        let mut key = String::new();
        for (row, (class, words)) in self.legend.iter().enumerate() {
            let (x, y) = (RIGHT + 16.0, TOP + 12.0 + 22.0 * row as f64);
            let _ = writeln!(key, "<path class=\"line {class}\" d=\"M{x} {y}h28\"/>");
            let _ = writeln!(key, "<text x=\"{}\" y=\"{}\">{words}</text>", x + 36.0, y + 4.0);
        }
        key
    }
}

/// Lines differ by dashes too, because not everybody sees the colours. Those are mostly of `web/shared/tokens.css`,
/// written out: many programs that show SVG know neither variables nor `light-dark`.
const STYLE: &str = "
text{font:13px system-ui,sans-serif;fill:#16211e}.head{font-size:15px;font-weight:600}
.mid{text-anchor:middle}.end{text-anchor:end}.page{fill:#fff}
path{fill:none}.grid{stroke:#dde4e1}.bar{stroke:#55645f;stroke-width:1.5}
.line{stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}.ideal{stroke:#55645f;stroke-dasharray:4 5}
.all{stroke:#0b6b58;stroke-width:3}.en{stroke:#1f5fae}.hans{stroke:#b3261e;stroke-dasharray:7 4}
.hant{stroke:#8a5300;stroke-dasharray:1 4}.ru{stroke:#7b3fa0;stroke-dasharray:9 4 1 4}
.dot{fill:#0b6b58;fill-opacity:.7}.ring{fill:none;stroke:#16211e;stroke-width:2}
@media (prefers-color-scheme:dark){
text{fill:#e8efec}.page{fill:#171e1c}.grid{stroke:#2e3937}.bar,.ideal{stroke:#a2b2ad}
.all{stroke:#4cc5a6}.en{stroke:#82b6f5}.hans{stroke:#ff9a8f}.hant{stroke:#f0b458}.ru{stroke:#cfa2f0}
.dot{fill:#4cc5a6}.ring{stroke:#e8efec}}
";
