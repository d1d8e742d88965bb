//! Codes of an authenticator app (RFC 6238): SHA-1, six digits, thirty seconds. SHA-1 is what every app knows.
//! The HMAC is one we have already; what is left are twenty lines, and no reason for a crate.

use crate::random;
use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use std::time::{SystemTime, UNIX_EPOCH};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// What an app and we share. It cannot be printed by accident.
pub struct TotpSecret(Zeroizing<Vec<u8>>);

/// Which span of thirty seconds a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotpStep(pub u64);

/// Six digits, as somebody typed them.
pub struct TotpCode([u8; DIGITS]);

const SECONDS: u64 = 30;
const DIGITS: usize = 6;
/// RFC 4226 recommends as many bytes as the hash has.
const BYTES: usize = 20;

impl TotpSecret {
    pub fn generate() -> Self {
        Self(Zeroizing::new(random::<BYTES>().to_vec()))
    }

    /// From base32, as [`reveal`](Self::reveal) writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE32_NOPAD.decode(text.as_bytes()).ok()?);
        (bytes.len() == BYTES).then_some(Self(bytes))
    }

    /// In base32, for whoever types it into an app, and for sealing.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }

    /// What an app reads from a picture.
    pub fn uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let escape = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let (issuer, account, secret) = (escape(issuer), escape(account), self.reveal());
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={SECONDS}",
            secret.as_str()
        ))
    }

    /// The step whose code this is: the present one, or one beside it, for clocks that are not quite right.
    ///
    /// All three are computed and compared in full, so that time tells nothing.
    pub fn find(&self, code: &TotpCode, now: SystemTime) -> Option<TotpStep> {
        let present = step_at(now).0;
        let (mut is_any, mut found) = (Choice::from(0), 0);
        for step in [present.saturating_sub(1), present, present.saturating_add(1)] {
            let is_it = self.code(TotpStep(step)).0.ct_eq(&code.0);
            found.conditional_assign(&step, is_it);
            is_any |= is_it;
        }
        bool::from(is_any).then_some(TotpStep(found))
    }

    /// What an app shows at this moment.
    pub fn shown_at(&self, now: SystemTime) -> String {
        self.code(step_at(now)).0.iter().map(|digit| char::from(*digit)).collect()
    }

    fn code(&self, step: TotpStep) -> TotpCode {
        let number = self.truncated(step) % 10_u32.pow(DIGITS as u32);
        let mut digits = [b'0'; DIGITS];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).expect("a digit is below ten");
            rest /= 10;
        }
        TotpCode(digits)
    }

    /// RFC 4226, 5.3: four bytes from where the last half byte points, without their sign.
    fn truncated(&self, step: TotpStep) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.0.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 0x0f);
        let word = tag[offset..offset + 4].try_into().expect("four bytes are four bytes");
        u32::from_be_bytes(word) & 0x7fff_ffff
    }
}

impl TotpCode {
    /// Apps show a gap in the middle, so spaces are nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = [0; DIGITS];
        let mut typed = text.bytes().filter(|byte| *byte != b' ');
        for digit in &mut digits {
            *digit = typed.next().filter(u8::is_ascii_digit)?;
        }
        typed.next().is_none().then_some(Self(digits))
    }
}

fn step_at(moment: SystemTime) -> TotpStep {
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    TotpStep(seconds / SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn rfc() -> TotpSecret {
        TotpSecret(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn code(text: &str) -> TotpCode {
        TotpCode::parse(text).unwrap()
    }

    // Appendix B has eight digits; six are the last six of them.
    const VECTORS: [(u64, &str); 6] = [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ];

    #[test]
    fn the_vectors_of_the_rfc_are_met() {
        for (seconds, eight) in VECTORS {
            let found = rfc().find(&code(&eight[2..]), at(seconds));
            assert_eq!(found, Some(TotpStep(seconds / 30)), "{seconds}");
            assert_eq!(rfc().shown_at(at(seconds)), &eight[2..], "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_not_two() {
        let (seconds, step) = (1_111_111_109, TotpStep(1_111_111_109 / 30));
        let typed = code("081804");
        for near in [seconds - 30, seconds, seconds + 30] {
            assert_eq!(rfc().find(&typed, at(near)), Some(step), "{near}");
        }
        for far in [seconds - 60, seconds + 60, seconds + 3600] {
            assert_eq!(rfc().find(&typed, at(far)), None, "{far}");
        }
        assert_eq!(rfc().find(&code("081805"), at(seconds)), None);
    }

    #[test]
    fn a_code_is_six_digits_with_or_without_a_gap() {
        assert!(TotpCode::parse("081 804").is_some() && TotpCode::parse(" 081804 ").is_some());
        for text in ["", "08180", "0818045", "o81804", "-81804", "０８１８０４"] {
            assert!(TotpCode::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_secret_reads_back_and_stands_in_its_address() {
        let secret = TotpSecret::generate();
        let again = TotpSecret::parse(&secret.reveal()).unwrap();
        assert_eq!(again.0, secret.0);
        assert_eq!(secret.reveal().len(), 32);
        for text in ["", "AAAA", "not base32", &"A".repeat(31), &secret.reveal().to_lowercase()] {
            assert!(TotpSecret::parse(text).is_none(), "{text}");
        }
        assert_eq!(
            rfc().uri("Athena", "ann+x@example.com").as_str(),
            "otpauth://totp/Athena:ann%2Bx%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Athena&algorithm=SHA1&digits=6&period=30"
        );
    }
}
