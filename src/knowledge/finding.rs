//! What is wrong in the folder, said so that the person who writes articles can mend it.

use serde::Serialize;

/// One problem. Ordered by file, line and column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    /// Stable, snake_case: `unknown_key`, `near_duplicate_phrase`, …
    pub code: &'static str,
    /// Relative to the folder, with `/` between its parts. Empty when it is about the folder itself.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What is wrong and what to do.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file as it stands is not used.
    Error,
    /// The article answers all the same.
    Warning,
}

/// A place in a file: line, and column in characters, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub line: u32,
    pub column: u32,
}

impl Mark {
    pub const START: Self = Self { line: 1, column: 1 };
}

impl Finding {
    pub(super) fn error(code: &'static str, file: &str, at: Mark, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, file, at, message)
    }

    pub(super) fn warning(code: &'static str, file: &str, at: Mark, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, file, at, message)
    }

    fn new(severity: Severity, code: &'static str, file: &str, at: Mark, message: impl Into<String>) -> Self {
        Self { severity, code, file: file.to_owned(), line: at.line, column: at.column, message: message.into() }
    }
}

/// More than a person reads in a day; the rest shows once these are mended.
pub(super) const MAX_FINDINGS: usize = 1000;

/// At most `MAX_FINDINGS` of `all`, errors before warnings, then in order of place; a last one says how many more there are.
pub(super) fn bounded(mut all: Vec<Finding>) -> Vec<Finding> {
    if all.len() > MAX_FINDINGS {
        all.sort_by_key(|finding| finding.severity);
        let n_more = all.len() - MAX_FINDINGS;
        let severity = all[MAX_FINDINGS].severity;
        all.truncate(MAX_FINDINGS);
        sort(&mut all);
        let message = format!("and {n_more} more findings: mend these first, then check again");
        all.push(Finding::new(severity, "more_findings", "", Mark::START, message));
    } else {
        sort(&mut all);
    }
    all
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_an_end_and_errors_stay_in_it() {
        let warning = |i: usize| Finding::warning("w", &format!("{i:05}.md"), Mark::START, "w");
        let mut all: Vec<_> = (0..MAX_FINDINGS + 41).map(warning).collect();
        all.push(Finding::error("e", "zz.md", Mark::START, "e"));
        let kept = bounded(all);
        assert_eq!(kept.len(), MAX_FINDINGS + 1);
        assert!(kept.iter().any(|f| f.severity == Severity::Error));
        assert!(kept[MAX_FINDINGS].message.starts_with("and 42 more"), "{}", kept[MAX_FINDINGS].message);
        assert_eq!(kept[MAX_FINDINGS].severity, Severity::Warning);
        assert_eq!(bounded(vec![warning(1), warning(0)])[0].file, "00000.md");
    }
}
