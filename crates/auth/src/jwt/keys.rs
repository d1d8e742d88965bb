//! The keys that a client's tokens are signed with.

use super::{JwtError, JwtSetupError};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use ring::{hmac, signature};
use serde::Deserialize;
use std::sync::Arc;

const NO_KEY: &str = "No suitable key was found to decode the JWT";
const NONE_FITS: &str = "None of the keys was able to decode the JWT";
const UNSIGNED: &str = "JWT is unsecured but expected 'alg' was not 'none'";
const UNKNOWN: &str = "The algorithm of the JWT is not supported";

/// A shorter secret can be guessed.
const SHORTEST: usize = 32;

#[derive(Clone)]
pub(super) struct Keys(Arc<[Key]>);

struct Key {
    id: Option<String>,
    /// The only algorithm it is for.
    algorithm: Option<String>,
    material: Material,
}

enum Material {
    Secret(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Jwk>,
}

/// As RFC 7517 writes a public key, or a secret one.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    k: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    pub(super) fn parse(secret: &str, is_base64: bool) -> Result<Self, JwtSetupError> {
        if secret.trim_start().starts_with('{') {
            return Self::of_json(secret);
        }
        // A public key is no secret: whoever knows it could sign with it.
        if secret.trim_start().starts_with("-----BEGIN") || secret.trim_start().starts_with('[') {
            return Err(JwtSetupError::NoKey);
        }
        let secret = match is_base64 {
            true => from_base64(secret).ok_or(JwtSetupError::NotBase64)?,
            false => secret.as_bytes().to_vec(),
        };
        if secret.len() < SHORTEST {
            return Err(JwtSetupError::TooShort);
        }
        let material = Material::Secret(secret);
        let key = Key { id: None, algorithm: Some("HS256".to_owned()), material };
        Ok(Self(Arc::from([key])))
    }

    fn of_json(text: &str) -> Result<Self, JwtSetupError> {
        let set = serde_json::from_str::<JwkSet>(text).map(|set| set.keys);
        let jwks = set.or_else(|_no_set| serde_json::from_str(text).map(|jwk| vec![jwk]));
        let jwks = jwks.map_err(|_| JwtSetupError::NoKey)?;
        let keys: Arc<[Key]> = jwks.into_iter().filter_map(Jwk::key).collect();
        if keys.is_empty() { Err(JwtSetupError::NoKey) } else { Ok(Self(keys)) }
    }

    /// Whether one of the keys made this signature.
    pub(super) fn check(
        &self,
        algorithm: &str,
        id: Option<&str>,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), JwtError> {
        if algorithm.eq_ignore_ascii_case("none") {
            return Err(JwtError::Algorithm(UNSIGNED));
        }
        if !ALGORITHMS.contains(&algorithm) {
            return Err(JwtError::Algorithm(UNKNOWN));
        }
        let mut suitable = self.0.iter().filter(|key| key.suits(algorithm, id)).peekable();
        if suitable.peek().is_none() {
            return Err(JwtError::Key(NO_KEY));
        }
        match suitable.any(|key| key.material.made(algorithm, signed, signature)) {
            true => Ok(()),
            false => Err(JwtError::Key(NONE_FITS)),
        }
    }
}

const ALGORITHMS: [&str; 12] = [
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
    "ES384", "EdDSA",
];

impl Key {
    fn suits(&self, algorithm: &str, id: Option<&str>) -> bool {
        let is_named = match (id, &self.id) {
            (Some(wanted), Some(own)) => wanted == own,
            _ => true,
        };
        let is_kind = match self.material {
            Material::Secret(_) => algorithm.starts_with("HS"),
            Material::Rsa { .. } => algorithm.starts_with("RS") || algorithm.starts_with("PS"),
            Material::P256(_) => algorithm == "ES256",
            Material::P384(_) => algorithm == "ES384",
            Material::Ed25519(_) => algorithm == "EdDSA",
        };
        is_named && is_kind && self.algorithm.as_deref().is_none_or(|own| own == algorithm)
    }
}

impl Material {
    fn made(&self, algorithm: &str, signed: &[u8], made: &[u8]) -> bool {
        use signature as s;
        let verify = |how: &'static dyn s::VerificationAlgorithm, key: &[u8]| {
            s::UnparsedPublicKey::new(how, key).verify(signed, made).is_ok()
        };
        match self {
            Self::Secret(secret) => {
                let how = match algorithm {
                    "HS256" => hmac::HMAC_SHA256,
                    "HS384" => hmac::HMAC_SHA384,
                    _ => hmac::HMAC_SHA512,
                };
                hmac::verify(&hmac::Key::new(how, secret), signed, made).is_ok()
            }
            Self::Rsa { n, e } => {
                let how = match algorithm {
                    "RS256" => &s::RSA_PKCS1_2048_8192_SHA256,
                    "RS384" => &s::RSA_PKCS1_2048_8192_SHA384,
                    "RS512" => &s::RSA_PKCS1_2048_8192_SHA512,
                    "PS256" => &s::RSA_PSS_2048_8192_SHA256,
                    "PS384" => &s::RSA_PSS_2048_8192_SHA384,
                    _ => &s::RSA_PSS_2048_8192_SHA512,
                };
                s::RsaPublicKeyComponents { n, e }.verify(how, signed, made).is_ok()
            }
            Self::P256(point) => verify(&s::ECDSA_P256_SHA256_FIXED, point),
            Self::P384(point) => verify(&s::ECDSA_P384_SHA384_FIXED, point),
            Self::Ed25519(key) => verify(&s::ED25519, key),
        }
    }
}

impl Jwk {
    /// A key of a kind we know, for signatures.
    fn key(self) -> Option<Key> {
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let material = self.material()?;
        Some(Key { id: self.kid, algorithm: self.alg, material })
    }

    fn material(&self) -> Option<Material> {
        let bytes = |text: &Option<String>| from_base64(text.as_deref()?);
        let point = |size: usize| {
            let (x, y) = (bytes(&self.x)?, bytes(&self.y)?);
            (x.len() == size && y.len() == size).then(|| [&[4], x.as_slice(), &y].concat())
        };
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("oct", _) => Some(Material::Secret(bytes(&self.k).filter(|k| k.len() >= SHORTEST)?)),
            ("RSA", _) => Some(Material::Rsa { n: bytes(&self.n)?, e: bytes(&self.e)? }),
            ("EC", Some("P-256")) => Some(Material::P256(point(32)?)),
            ("EC", Some("P-384")) => Some(Material::P384(point(48)?)),
            ("OKP", Some("Ed25519")) => Some(Material::Ed25519(bytes(&self.x)?)),
            _ => None,
        }
    }
}

/// Either alphabet, with or without padding.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let padding =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard: String = text
        .trim()
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            '.' => '=',
            other => other,
        })
        .collect();
    GeneralPurpose::new(&STANDARD, padding).decode(standard).ok()
}
