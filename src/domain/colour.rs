//! A site's own colour, made readable: WCAG 2.2 asks for a contrast of 4.5 between words and what they stand on.

use std::fmt;

/// sRGB, 0 to 255 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// The widget's grounds; `tokens.css` has the same.
const LIGHT: Colour = Colour([255, 255, 255]);
const DARK: Colour = Colour([23, 30, 28]);
const BLACK: Colour = Colour([0, 0, 0]);
/// As words the accent also stands on its own soft ground, so there is a little to spare.
const WANTED_CONTRAST: f64 = 5.5;
const READABLE_CONTRAST: f64 = 4.5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    Light,
    Dark,
}

/// What is derived from a site's colour on one ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accents {
    pub accent: Colour,
    /// Pressed or pointed at.
    pub strong: Colour,
    /// Words on the accent.
    pub on_accent: Colour,
    pub soft: Colour,
    /// Words on the soft ground.
    pub on_soft: Colour,
}

impl Colour {
    /// `#rgb` or `#rrggbb`, as CSS Color 4 has them.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#').filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let long = match hex.len() {
            3 => hex.chars().flat_map(|c| [c, c]).collect(),
            6 => hex.to_owned(),
            _ => return None,
        };
        let part = |i: usize| u8::from_str_radix(&long[2 * i..2 * i + 2], 16).ok();
        Some(Self([part(0)?, part(1)?, part(2)?]))
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2).
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|part| {
            let share = f64::from(part) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// 1 to 21 (WCAG 2.2).
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn mix(self, other: Self, share: f64) -> Self {
        let part = |i: usize| {
            let (from, to) = (f64::from(self.0[i]), f64::from(other.0[i]));
            (from + (to - from) * share).round() as u8
        };
        Self([part(0), part(1), part(2)])
    }

    /// As close to the wish as can be read on the ground.
    pub fn accents(self, ground: Ground) -> Accents {
        let (below, away) = match ground {
            Ground::Light => (LIGHT, BLACK),
            Ground::Dark => (DARK, LIGHT),
        };
        let steps = (0..=20).map(|step| self.mix(away, f64::from(step) / 20.0));
        let accent = steps.into_iter().find(|one| one.contrast(below) >= WANTED_CONTRAST).unwrap_or(away);
        let on_accent = if accent.contrast(LIGHT) >= READABLE_CONTRAST { LIGHT } else { BLACK };
        Accents {
            accent,
            strong: accent.mix(away, 0.2),
            on_accent,
            soft: accent.mix(below, 0.9),
            on_soft: accent.mix(away, 0.25),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_as_css_writes_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Colour::parse(text).map(|c| c.to_string()).as_deref(), expected, "{text}");
        };
        check("#0b6b58", Some("#0b6b58"));
        check("#FA0", Some("#ffaa00"));
        for wrong in ["", "#", "fa0", "#fa", "#ffaa0", "#ggg", "#ффф", "red", "#0b6b5 "] {
            check(wrong, None);
        }
    }

    #[test]
    fn contrast_as_wcag_counts_it() {
        let contrast = |a: &str, b: &str| Colour::parse(a).unwrap().contrast(Colour::parse(b).unwrap());
        assert!((contrast("#000", "#fff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777", "#fff") - 4.478).abs() < 1e-3);
        assert!((contrast("#fff", "#fff") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn every_colour_becomes_readable_on_both_grounds() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let wish = Colour([r as u8, g as u8, b as u8]);
                    for (ground, below) in [(Ground::Light, LIGHT), (Ground::Dark, DARK)] {
                        let made = wish.accents(ground);
                        let all = [
                            (made.accent, below),
                            (made.on_accent, made.accent),
                            (made.on_soft, made.soft),
                            (made.accent, made.soft),
                        ];
                        for (words, under) in all {
                            let contrast = words.contrast(under);
                            assert!(
                                contrast >= READABLE_CONTRAST,
                                "{wish} {ground:?}: {words} on {under} is {contrast}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_readable_wish_is_kept() {
        let green = Colour::parse("#0b6b58").unwrap();
        assert_eq!(green.accents(Ground::Light).accent, green);
        assert_ne!(green.accents(Ground::Dark).accent, green);
    }
}
