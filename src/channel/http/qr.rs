//! Addresses as QR codes (ISO/IEC 18004), drawn by whoever shows them.

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;
use std::fmt::Write;
use utoipa::ToSchema;

/// A QR code as one SVG path.
#[derive(Serialize, ToSchema)]
pub struct Qr {
    /// Of each side in modules, the quiet zone of four included: the `viewBox` is `0 0 size size`.
    size: usize,
    /// The `d` of a path that fills the dark modules.
    path: String,
}

/// What the standard wants around it.
const QUIET: usize = 4;

/// `None`: too long for one; a code of 128 bits in a link is far below.
pub fn of(text: &str) -> Option<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for y in 0..width {
        let mut x = 0;
        while x < width {
            let dark = (x..width).take_while(|at| code[(*at, y)] == Color::Dark).count();
            if dark > 0 {
                let _ = write!(path, "M{},{}h{dark}v1h-{dark}z", x + QUIET, y + QUIET);
            }
            x += dark.max(1);
        }
    }
    Some(Qr { size: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_path() {
        let qr = of("https://t.me/shop_bot?start=0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(qr.size, 33 + 8, "version 4 holds 62 bytes at level M");
        // The first row of the first finder pattern, seven modules wide.
        assert!(qr.path.starts_with("M4,4h7v1h-7z"), "{}", qr.path);
        assert!(of(&"x".repeat(5_000)).is_none());
    }
}
