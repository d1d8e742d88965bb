//! The decimal digits of a float: the fewest that lie strictly nearer to it than to any neighbour.
//!
//! A decimal exactly half way to a neighbour reads back the same too, by rounding to even, and other
//! programs print it; PostgreSQL does not, so `1e23` is `9.999999999999999e+22` there and here.

use std::fmt::LowerExp;

/// What the digits need to know of `f32` and `f64`.
pub(super) trait Binary: ryu::Float + LowerExp + Copy + PartialEq {
    /// The absolute value is `mantissa * 2^exponent`, exactly.
    fn parts(self) -> (u64, i32);
    /// The mantissa of a power of two, whose lower neighbour is only half as far away.
    const HIDDEN_BIT: u64;
    fn is_negative(self) -> bool;
    /// Whether this text reads back as the same absolute value.
    fn is_text(self, text: &str) -> bool;
}

impl Binary for f64 {
    const HIDDEN_BIT: u64 = 1 << 52;
    fn parts(self) -> (u64, i32) {
        let fraction = self.to_bits() & (Self::HIDDEN_BIT - 1);
        match (self.to_bits() >> 52 & 0x7ff) as i32 {
            0 => (fraction, -1074),
            power => (fraction | Self::HIDDEN_BIT, power - 1075),
        }
    }
    fn is_negative(self) -> bool {
        self.is_sign_negative()
    }
    fn is_text(self, text: &str) -> bool {
        text.parse() == Ok(self.abs())
    }
}

impl Binary for f32 {
    const HIDDEN_BIT: u64 = 1 << 23;
    fn parts(self) -> (u64, i32) {
        let fraction = u64::from(self.to_bits()) & (Self::HIDDEN_BIT - 1);
        match (self.to_bits() >> 23 & 0xff) as i32 {
            0 => (fraction, -149),
            power => (fraction | Self::HIDDEN_BIT, power - 150),
        }
    }
    fn is_negative(self) -> bool {
        self.is_sign_negative()
    }
    fn is_text(self, text: &str) -> bool {
        text.parse() == Ok(self.abs())
    }
}

/// Significant digits in ASCII, without zeros at either end; none at all is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digits {
    digits: [u8; 20],
    length: usize,
    exponent: i32,
}

impl Digits {
    pub(super) fn shortest<F: Binary>(value: F) -> Self {
        let shortest = Self::parse(ryu::Buffer::new().format_finite(value));
        if shortest.is_halfway(value) { Self::nearer(value, shortest.length) } else { shortest }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.digits[..self.length]
    }

    /// The power of ten of the first digit.
    pub(super) fn exponent(&self) -> i32 {
        self.exponent
    }

    /// From text like `12.5`, `-1e-7` or `1.25e20`.
    fn parse(text: &str) -> Self {
        let text = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, power) = match text.split_once('e') {
            Some((mantissa, power)) => (mantissa, power.parse::<i32>().unwrap_or(0)),
            None => (text, 0),
        };
        let (mut digits, mut length, mut leading_zeros) = ([0; 20], 0, 0);
        let mut before_point = mantissa.len();
        for (index, byte) in mantissa.bytes().enumerate() {
            match byte {
                b'.' => before_point = index,
                b'0' if length == 0 => leading_zeros += 1,
                // A float has at most 17 significant digits; zeros beyond them carry nothing.
                digit if length < digits.len() => {
                    digits[length] = digit;
                    length += 1;
                }
                _ => {}
            }
        }
        while length > 0 && digits[length - 1] == b'0' {
            length -= 1;
        }
        Self { digits, length, exponent: power + before_point as i32 - 1 - leading_zeros }
    }

    /// Whether the digits stand exactly between the value and one of its neighbours.
    fn is_halfway<F: Binary>(&self, value: F) -> bool {
        let (mantissa, exponent) = value.parts();
        // Rounding to even brings half-way digits back to even mantissas only.
        if mantissa % 2 == 1 || self.length == 0 {
            return false;
        }
        let upper = (2 * mantissa + 1, exponent - 1);
        let lower = if mantissa == F::HIDDEN_BIT {
            (4 * mantissa - 1, exponent - 2)
        } else {
            (2 * mantissa - 1, exponent - 1)
        };
        self.equals(upper) || self.equals(lower)
    }

    /// Whether the digits are `odd * 2^power`, compared by their odd parts and powers of two.
    fn equals(&self, (odd, power): (u64, i32)) -> bool {
        let number =
            self.as_slice().iter().fold(0_u64, |n, digit| n * 10 + u64::from(digit - b'0'));
        let tens = self.exponent + 1 - self.length as i32;
        let twos = number.trailing_zeros() as i32;
        let number = u128::from(number >> twos);
        let fives = 5_u128.checked_pow(tens.unsigned_abs());
        let is_same_odd_part = match fives {
            Some(fives) if tens >= 0 => number.checked_mul(fives) == Some(u128::from(odd)),
            Some(fives) => fives.checked_mul(u128::from(odd)) == Some(number),
            None => false,
        };
        is_same_odd_part && twos + tens == power
    }

    /// The next best digits: more of them, until they are strictly nearer to the value.
    #[cold]
    fn nearer<F: Binary>(value: F, too_short: usize) -> Self {
        for precision in too_short.saturating_sub(1)..17 {
            let text = format!("{value:.precision$e}");
            let digits = Self::parse(&text);
            let text = text.trim_start_matches('-');
            if value.is_text(text) && !digits.is_halfway(value) {
                return digits;
            }
        }
        // Seventeen digits always suffice; the loop has returned.
        Self::parse(&format!("{value:.16e}"))
    }
}
