//! What is drawn of the figures: a reliability diagram and risk against coverage.

use super::calibration::{Bin, StrangerShare, bins, ece, has_both_kinds, weighed};
use super::diagram::{Diagram, across, line, up};
use super::figures::{Cut, cuts};
use super::{EvalError, Judged};
use crate::domain::{Language, Policy};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Makes the folder if need be and replaces what is there.
pub fn write_plots(folder: &Path, judged: &[Judged], policy: &Policy, share: StrangerShare) -> Result<(), EvalError> {
    let unwritable = |file: &Path, source| EvalError::Unwritable { file: file.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
    let drawn = [("reliability.svg", reliability(judged, share)), ("risk-coverage.svg", risk_coverage(judged, policy))];
    for (name, svg) in drawn {
        let file = folder.join(name);
        std::fs::write(&file, svg).map_err(|source| unwritable(&file, source))?;
    }
    Ok(())
}

/// Mean confidence against the share right, over the bins of `ece` and with its weights.
fn reliability(judged: &[Judged], share: StrangerShare) -> String {
    let judged: Vec<&Judged> = judged.iter().collect();
    let bins = bins(&weighed(&judged, share));
    let weights =
        if has_both_kinds(&judged) { format!("strangers weigh {share}") } else { "all weigh the same".to_owned() };
    let most = bins.iter().map(|bin| bin.n).max().unwrap_or(1);
    let mut marks = line("ideal", &[(0.0, 0.0), (1.0, 1.0)]);
    for bin in &bins {
        marks += &bin_mark(bin, most);
    }
    let caption = format!("ECE {:.3} over {} bins of {} cases; {weights}", ece(&bins), bins.len(), judged.len());
    Diagram {
        id: "reliability",
        title: "Reliability: is confidence the share that is right?",
        desc: format!(
            "{caption}. From the lowest confidence: {}",
            bins.iter().map(told).collect::<Vec<_>>().join("; ")
        ),
        axes: ["mean confidence of a bin; larger dots hold more cases", "share whose first candidate is right"],
        top: 1.0,
        marks,
        legend: vec![("ideal", "as it should be".to_owned()), ("bar", "95 % interval".to_owned())],
        caption,
    }
    .svg()
}

fn told(bin: &Bin) -> String {
    let (low, high) = bin.interval();
    let Bin { n, confidence, right, .. } = bin;
    format!("n = {n}, confidence {confidence:.3}, right {right:.3} ({low:.3} to {high:.3})")
}

/// The dot's area grows with the number of cases, up to `most`.
fn bin_mark(bin: &Bin, most: usize) -> String {
    let (low, high) = bin.interval();
    let (x, y, radius) = (across(bin.confidence), up(bin.right), 8.0 * (bin.n as f64 / most as f64).sqrt());
    let (low, high) = (up(low), up(high));
    let bar = format!("M{x:.1} {low:.1}V{high:.1}m-4 0h8M{:.1} {low:.1}h8", x - 4.0);
    format!(
        "<g><title>{}</title><path class=\"bar\" d=\"{bar}\"/>\
         <circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/></g>\n",
        told(bin)
    )
}

/// The share of wrong answers against the share answered, while one threshold over confidence goes down. Raw counts.
fn risk_coverage(judged: &[Judged], policy: &Policy) -> String {
    let all = Curve::new("all", "all", &judged.iter().collect::<Vec<_>>());
    let thin = by_language(judged);
    let curves: Vec<&Curve> = [&all].into_iter().chain(&thin).collect();
    let highest = curves.iter().flat_map(|curve| &curve.cuts).map(Cut::risk).fold(0.0, f64::max);
    let top = [0.1, 0.2, 0.5].into_iter().find(|top| highest <= *top).unwrap_or(1.0);
    // What comes last lies above the others.
    let mut marks: String = curves.iter().rev().map(|curve| curve.line(top)).collect();
    let at = policy.answer_at;
    let standing = all.cuts.iter().rfind(|cut| cut.at >= at).map(|cut| (all.coverage(cut), cut.risk()));
    let caption = match standing {
        Some((coverage, risk)) => format!("ring: answering from {at:.2} on, coverage {coverage:.3}, risk {risk:.3}"),
        None => format!("no case reaches the answer threshold, {at:.2}"),
    };
    if let Some((x, y)) = standing {
        let _ = writeln!(marks, "<circle class=\"ring\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"6\"/>", across(x), up(y / top));
    }
    let explained: &[&Curve] = if thin.is_empty() { &[] } else { &curves };
    Diagram {
        id: "risk-coverage",
        title: "Risk and coverage: what would a lower threshold cost?",
        desc: format!(
            "One threshold over confidence; the margin over the second candidate is left out. {caption}. If all is \
             answered, the risk is: {}",
            curves.iter().map(|curve| curve.told()).collect::<Vec<_>>().join("; ")
        ),
        axes: ["coverage: share of cases answered", "risk: share of answers that are wrong"],
        top,
        marks,
        legend: explained.iter().map(|curve| (curve.class, curve.label.clone())).collect(),
        caption,
    }
    .svg()
}

/// None where there is one language only: it would repeat the curve of all.
fn by_language(judged: &[Judged]) -> Vec<Curve> {
    let mut by_language: BTreeMap<Language, Vec<&Judged>> = BTreeMap::new();
    for one in judged {
        by_language.entry(one.language).or_default().push(one);
    }
    if by_language.len() < 2 {
        return vec![];
    }
    by_language.iter().map(|(language, ones)| Curve::new(class(*language), language.tag(), ones)).collect()
}

struct Curve {
    class: &'static str,
    label: String,
    cuts: Vec<Cut>,
    n: usize,
}

impl Curve {
    fn new(class: &'static str, name: &str, judged: &[&Judged]) -> Self {
        let scored: Vec<_> = judged.iter().map(|one| (one.confidence, one.is_right())).collect();
        Self { class, label: format!("{name} ({})", judged.len()), cuts: cuts(&scored), n: judged.len() }
    }

    fn coverage(&self, cut: &Cut) -> f64 {
        cut.n as f64 / self.n as f64
    }

    fn line(&self, top: f64) -> String {
        line(self.class, &self.cuts.iter().map(|cut| (self.coverage(cut), cut.risk() / top)).collect::<Vec<_>>())
    }

    fn told(&self) -> String {
        format!("{} {:.3}", self.label, self.cuts.last().map_or(0.0, Cut::risk))
    }
}

/// How a language's line looks stands in the diagram's style.
fn class(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::ZhHans => "hans",
        Language::ZhHant => "hant",
        Language::Ru => "ru",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The elements of a document by name, in order. Panics where XML 1.0 would not be well-formed: ends in another
    /// order than beginnings, attributes without quotes or twice, bare signs in text, a second root.
    fn elements(svg: &str) -> Vec<&str> {
        let (mut open, mut seen) = (vec![], vec![]);
        let mut pieces = svg.split('<');
        assert_eq!(pieces.next(), Some(""), "the root comes first");
        for piece in pieces {
            let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("no end of {piece:?}"));
            assert!(!text.contains(['>', '&']), "a bare sign in {text:?}");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "{piece:?} ends something else");
            } else {
                let body = tag.strip_suffix('/').unwrap_or(tag);
                let (name, attributes) = body.split_once(' ').unwrap_or((body, ""));
                check_attributes(attributes);
                assert!(seen.is_empty() || !open.is_empty(), "{name} is a second root");
                seen.push(name);
                open.extend((body == tag).then_some(name));
            }
            assert!(!open.is_empty() || text.trim().is_empty(), "{text:?} stands outside of the root");
        }
        assert!(open.is_empty(), "never ended: {open:?}");
        seen
    }

    fn check_attributes(attributes: &str) {
        let parts: Vec<&str> = attributes.split('"').collect();
        let (last, pairs) = parts.split_last().expect("splitting gives at least one part");
        assert!(last.is_empty() && pairs.len() % 2 == 0, "quotes in {attributes:?}");
        let mut names = std::collections::HashSet::new();
        for pair in pairs.chunks(2) {
            let name = pair[0].trim().strip_suffix('=').unwrap_or_else(|| panic!("no = in {attributes:?}"));
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{name:?}");
            assert!(names.insert(name), "{name} twice in {attributes:?}");
            assert!(!pair[1].contains('&'), "{attributes:?}");
        }
    }

    /// Whatever is drawn: well-formed, for screen readers too, and without numbers that are none.
    fn check(svg: &str) -> Vec<&str> {
        let elements = elements(svg);
        assert_eq!(elements[..4], ["svg", "title", "desc", "style"]);
        assert!(elements.iter().all(|name| !["script", "image", "use", "a"].contains(name)), "{elements:?}");
        assert_eq!(svg.matches("http").count(), 1, "the namespace is the only address");
        assert!(svg.contains("@media (prefers-color-scheme:dark)"));
        assert!(["NaN", "inf", "-0.0"].iter().all(|odd| !svg.contains(odd)), "{svg}");
        elements
    }

    fn trials() -> Vec<Judged> {
        vec![
            Judged::trial(Language::En, 0.9, &["refund-time"]),
            Judged::trial(Language::En, 0.8, &["returns"]),
            Judged::trial(Language::Ru, 0.7, &["refund-time"]),
            Judged::trial(Language::Ru, 0.2, &[]),
        ]
    }

    #[test]
    fn reliability_shows_every_bin() {
        let svg = reliability(&trials(), StrangerShare::default());
        assert_eq!(check(&svg).iter().filter(|name| **name == "circle").count(), 4);
        // Strangers 0.8 of 4 in mass, the others 16/15 each.
        assert!(svg.contains("ECE 0.360 over 4 bins of 4 cases; strangers weigh 0.2"), "{svg}");
        // 0.9 across, all right, and one case with its interval down to 0.207.
        assert!(svg.contains("<circle class=\"dot\" cx=\"460.0\" cy=\"48.0\" r=\"8.0\"/>"), "{svg}");
        assert!(svg.contains("n = 1, confidence 0.900, right 1.000 (0.207 to 1.000)"), "{svg}");
        let svg = reliability(&trials()[..3], StrangerShare::default());
        assert!(svg.contains("ECE 0.400 over 3 bins of 3 cases; all weigh the same"), "{svg}");
    }

    #[test]
    fn risk_coverage_shows_every_language_and_the_threshold() {
        let policy = Policy { answer_at: 0.8, ..Policy::default() };
        let svg = risk_coverage(&trials(), &policy);
        check(&svg);
        assert!(svg.contains("coverage 0.500, risk 0.500"), "{svg}");
        // Russian begins rightly, English too; half wrong is the highest risk and so the top.
        assert!(
            svg.contains("<path class=\"line all\" d=\"M174.0 488.0L174.0 488.0L284.0 48.0L394.0 194.7L504.0 48.0\"/>")
        );
        assert!(svg.contains("<circle class=\"ring\" cx=\"284.0\" cy=\"48.0\" r=\"6\"/>"), "{svg}");
        for words in ["all (4)", "en (2)", "ru (2)"] {
            assert!(svg.contains(&format!(">{words}</text>")), "no {words:?} in the legend:\n{svg}");
        }
        // One language needs no legend.
        let svg = risk_coverage(&trials()[..2], &policy);
        check(&svg);
        assert_eq!(svg.matches("class=\"line").count(), 1, "{svg}");
    }

    #[test]
    fn little_to_draw() {
        check(&reliability(&[], StrangerShare::default()));
        check(&risk_coverage(&[], &Policy::default()));
        let unsure = [Judged::trial(Language::En, 0.1, &[])];
        let svg = risk_coverage(&unsure, &Policy::default());
        check(&svg);
        assert!(svg.contains("no case reaches the answer threshold, 0.80") && !svg.contains("<circle"), "{svg}");
    }

    #[test]
    fn files_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let write = |inside: &str| {
            write_plots(&folder.path().join(inside), &trials(), &Policy::default(), StrangerShare::default())
        };
        write("new/plots").unwrap();
        write("new/plots").unwrap();
        for name in ["reliability.svg", "risk-coverage.svg"] {
            check(&std::fs::read_to_string(folder.path().join("new/plots").join(name)).unwrap());
        }
        let taken = folder.path().join("taken");
        std::fs::create_dir_all(taken.join("risk-coverage.svg")).unwrap();
        let error = write("taken").unwrap_err().to_string();
        assert!(error.contains("risk-coverage.svg: cannot be written"), "{error}");
        let error = write("new/plots/reliability.svg/deeper").unwrap_err().to_string();
        assert!(error.contains("reliability.svg/deeper: cannot be written"), "{error}");
    }
}
