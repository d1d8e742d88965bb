use super::*;
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};

const SECRET: &str = "reallyreallyreallyreallyverysafe";
const NOW: u64 = 1_700_000_000;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed_as(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let text = format!("{}.{}", encoded(header), encoded(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn signed(claims: &Value) -> String {
    signed_as(&json!({"alg": "HS256", "typ": "JWT"}), claims, SECRET.as_bytes())
}

fn verifier(audience: Option<&str>) -> JwtVerifier {
    let audience = audience.map(str::to_owned);
    JwtVerifier::new(SECRET, false, audience, RoleClaim::default()).unwrap()
}

fn refusal(claims: &Value) -> Option<(&'static str, String)> {
    let error = verifier(Some("us")).verify(&signed(claims), now()).err()?;
    Some((error.code(), error.to_string()))
}

#[test]
fn a_token_signed_with_the_secret_names_its_role() {
    let claims = verifier(None).verify(&signed(&json!({"role": "editor", "sub": "7"})), now());
    let claims = claims.unwrap();
    assert_eq!(claims.role(), Some("editor"));
    assert_eq!(claims.to_json(Some("editor")), r#"{"role":"editor","sub":"7"}"#);
    assert_eq!(Claims::none().to_json(Some("anon")), r#"{"role":"anon"}"#);
}

#[test]
fn every_claim_is_looked_at_with_half_a_minute_to_spare() {
    let at = |seconds: i64| json!(i64::try_from(NOW).unwrap() + seconds);
    for (claims, expected) in [
        (json!({"exp": at(-29), "nbf": at(29), "iat": at(29)}), None),
        (json!({"exp": at(-31)}), Some("JWT expired")),
        (json!({"nbf": at(31)}), Some("JWT not yet valid")),
        (json!({"iat": at(31)}), Some("JWT issued at future")),
        (json!({"nbf": NOW as f64 + 29.5, "iat": NOW as f64 - 0.5}), None),
        (json!({"nbf": NOW as f64 + 30.5}), Some("JWT not yet valid")),
        (json!({"iat": NOW as f64 + 30.5}), Some("JWT issued at future")),
        (json!({"iat": u64::MAX}), Some("JWT issued at future")),
        (json!({"nbf": 1e300}), Some("JWT not yet valid")),
        (json!({"exp": NOW as f64 + 30.5}), Some("JWT expired")),
        (json!({"exp": "tomorrow"}), Some("The JWT 'exp' claim must be a number")),
        (json!({"nbf": []}), Some("The JWT 'nbf' claim must be a number")),
        (json!({"aud": "us"}), None),
        (json!({"aud": null}), None),
        (json!({"aud": []}), None),
        (json!({"aud": ["them", "us"]}), None),
        (json!({"aud": "them"}), Some("JWT not in audience")),
        (json!({"aud": ["them"]}), Some("JWT not in audience")),
        (json!({"aud": 7}), Some("The JWT 'aud' claim must be a string or an array of strings")),
        (json!([]), Some("Parsing claims failed")),
    ] {
        let expected = expected.map(|text| ("PGRST303", text.to_owned()));
        assert_eq!(refusal(&claims), expected, "{claims}");
    }
}

#[test]
fn what_is_not_signed_by_a_key_of_ours_does_not_count() {
    let claims = json!({"role": "editor"});
    let good = signed(&claims);
    let header = |alg: &str| json!({"alg": alg});
    let other = signed_as(&header("HS256"), &claims, b"another secret of the proper length!!");
    let unsigned = format!("{}.{}.", encoded(&header("none")), encoded(&claims));
    let altered = good.replacen(&encoded(&claims), &encoded(&json!({"role": "admin"})), 1);
    for (token, message, details) in [
        (String::new(), "Empty JWT is sent in Authorization header", None),
        ("a.b".to_owned(), "Expected 3 parts in JWT; got 2", None),
        ("a.b.c".to_owned(), "JWT couldn't be decoded", None),
        (
            other,
            "No suitable key or wrong key type",
            Some("None of the keys was able to decode the JWT"),
        ),
        (
            altered,
            "No suitable key or wrong key type",
            Some("None of the keys was able to decode the JWT"),
        ),
        (
            signed_as(&header("RS256"), &claims, SECRET.as_bytes()),
            "No suitable key or wrong key type",
            Some("No suitable key was found to decode the JWT"),
        ),
        (
            unsigned,
            "Wrong or unsupported encoding algorithm",
            Some("JWT is unsecured but expected 'alg' was not 'none'"),
        ),
    ] {
        let error = verifier(None).verify(&token, now()).unwrap_err();
        assert_eq!((error.code(), error.status()), ("PGRST301", 401), "{token}");
        assert_eq!((error.to_string().as_str(), error.details()), (message, details));
        let told = format!("Bearer error=\"invalid_token\", error_description=\"{message}\"");
        assert_eq!(error.challenge(), Some(told));
    }
}

#[test]
fn a_key_of_a_set_is_found_by_its_id_and_kind() {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random);
    let pair = pair.unwrap();
    let point = pair.public_key().as_ref();
    let set = json!({"keys": [
        {"kty": "oct", "kid": "old", "k": URL_SAFE_NO_PAD.encode(SECRET)},
        {"kty": "EC", "crv": "P-256", "kid": "new", "alg": "ES256",
         "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..])},
        {"kty": "EC", "crv": "of tomorrow"},
    ]});
    let verifier = JwtVerifier::new(&set.to_string(), false, None, RoleClaim::default()).unwrap();
    let ec = |kid: &str| {
        let header = encoded(&json!({"alg": "ES256", "kid": kid}));
        let text = format!("{header}.{}", encoded(&json!({"role": "editor"})));
        let signature = pair.sign(&random, text.as_bytes()).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    assert!(verifier.verify(&ec("new"), now()).is_ok());
    assert!(verifier.verify(&signed(&json!({})), now()).is_ok());
    let unknown = verifier.verify(&ec("another"), now()).unwrap_err();
    assert_eq!(unknown.details(), Some("No suitable key was found to decode the JWT"));
}

#[test]
fn a_secret_may_be_base64_and_must_be_long() {
    let setup = |secret: &str, is_base64| {
        JwtVerifier::new(secret, is_base64, None, RoleClaim::default()).err()
    };
    let encoded = base64::engine::general_purpose::STANDARD.encode(SECRET);
    assert_eq!(setup(&encoded, true), None);
    let verifier = JwtVerifier::new(&encoded, true, None, RoleClaim::default()).unwrap();
    assert!(verifier.verify(&signed(&json!({})), now()).is_ok());
    assert_eq!(setup("short", false), Some(JwtSetupError::TooShort));
    assert_eq!(setup("%%%", true), Some(JwtSetupError::NotBase64));
    assert_eq!(setup("{\"keys\": []}", false), Some(JwtSetupError::NoKey));
    let short = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("short")}).to_string();
    assert_eq!(setup(&short, false), Some(JwtSetupError::NoKey));
    let public = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n";
    let list = "[{\"kty\": \"RSA\", \"n\": \"AQAB\", \"e\": \"AQAB\"}]";
    for no_secret in [public, list] {
        assert_eq!(setup(no_secret, false), Some(JwtSetupError::NoKey), "{no_secret}");
    }
}

#[test]
fn the_role_stands_where_the_path_says() {
    let claims = json!({"https://x.example/y": {"roles": ["first", "second"]}, "n": 7});
    let claims = claims.as_object().unwrap();
    let find = |path: &str| RoleClaim::parse(path).unwrap().find(claims);
    assert_eq!(find(".\"https://x.example/y\".roles[1]").as_deref(), Some("second"));
    assert_eq!(find(".n").as_deref(), Some("7"));
    assert_eq!(find(".role"), None);
    for odd in ["", "role", ".", ".a[", ".a[x]", "..a"] {
        assert_eq!(RoleClaim::parse(odd), Err(JwtSetupError::RoleClaim), "{odd}");
    }
}

#[test]
fn a_token_is_told_from_a_key_by_its_form() {
    assert!(looks_like_jwt(&signed(&json!({}))));
    for other in ["", "ath_abc.def", "a.b.c", "eyJ.b", "eyJ.b.c.d", "eyJ.b.", "eyJ.b.ü"] {
        assert!(!looks_like_jwt(other), "{other}");
    }
}
