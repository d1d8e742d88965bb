//! A QR code as a path that a page draws.

use api_types::Problem;
use api_types::account::QrPicture;
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;

/// What scanners want free around the code.
const QUIET: i32 = 4;

pub(super) fn of(text: &str) -> Result<QrPicture, Problem> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_too_long| {
        Problem::new(500, "internal_error", "The address does not fit into a picture.")
    })?;
    let side = code.size() + 2 * QUIET;
    let path = (0..code.size()).fold(String::new(), |path, y| row(path, &code, y));
    Ok(QrPicture { side: u32::try_from(side).unwrap_or_default(), path })
}

/// Dark squares side by side are one oblong.
fn row(mut path: String, code: &QrCode, y: i32) -> String {
    let mut x = 0;
    while x < code.size() {
        let width = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
        let width = i32::try_from(width).unwrap_or_default();
        if width > 0 {
            let (left, top) = (x + QUIET, y + QUIET);
            // Writing into a string cannot fail.
            let _done = write!(path, "M{left} {top}h{width}v1h-{width}z");
        }
        x += width.max(1);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_square_is_drawn_once() {
        let text = "otpauth://totp/Athena:ann%40example%2Ecom?secret=GEZDGNBVGY3TQOJQ";
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark = all.filter(|(x, y)| code.get_module(*x, *y)).count();
        let picture = of(text).unwrap();
        let widths = picture.path.split('h').filter_map(|part| part.split('v').next());
        let drawn: usize = widths.filter_map(|width| width.parse::<usize>().ok()).sum();
        assert_eq!(drawn, dark);
        assert_eq!(picture.side, u32::try_from(code.size() + 8).unwrap());
        assert!(picture.path.starts_with("M4 4h7v1h-7z"), "{}", picture.path);
    }
}
