//! AES-256-GCM: a fresh nonce for each sealing, and the place a secret belongs to as associated data.

use crate::{Cleartext, MasterKey, Place, SecretError};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

const NONCE: usize = 12;
const TAG: usize = 16;

/// base64 of nonce, tag and ciphertext.
pub(crate) fn seal(
    key: &MasterKey,
    place: &Place,
    clear: &Cleartext,
) -> Result<String, SecretError> {
    let mut nonce = [0; NONCE];
    SystemRandom::new().fill(&mut nonce).map_err(|_unspecified| SecretError::Random)?;
    let mut bytes = Zeroizing::new(clear.expose().as_bytes().to_vec());
    let tag = cipher(key)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(bound(place)),
            &mut bytes,
        )
        .map_err(|_unspecified| SecretError::Seal)?;
    let mut blob = Vec::with_capacity(NONCE + TAG + bytes.len());
    blob.extend_from_slice(&nonce);
    blob.extend_from_slice(tag.as_ref());
    blob.extend_from_slice(&bytes);
    Ok(STANDARD.encode(blob))
}

pub(crate) fn open(key: &MasterKey, place: &Place, blob: &str) -> Result<Cleartext, SecretError> {
    let blob = STANDARD.decode(blob).map_err(|_not_base64| SecretError::Malformed)?;
    if blob.len() < NONCE + TAG {
        return Err(SecretError::Malformed);
    }
    let (nonce, rest) = blob.split_at(NONCE);
    let (tag, ciphertext) = rest.split_at(TAG);
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SecretError::Malformed)?;
    // The library wants the tag behind the ciphertext.
    let mut bytes = Zeroizing::new([ciphertext, tag].concat());
    let clear = cipher(key)
        .open_in_place(nonce, Aad::from(bound(place)), &mut bytes)
        .map_err(|_unspecified| SecretError::Refused)?;
    let text = std::str::from_utf8(clear).map_err(|_| SecretError::Malformed)?;
    Ok(Cleartext::new(text.to_owned()))
}

fn cipher(key: &MasterKey) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, key.bytes()).expect("a master key has 32 bytes");
    LessSafeKey::new(key)
}

/// Each part with its length in front, so that no two places look alike.
fn bound(place: &Place) -> Vec<u8> {
    let mut out = Vec::new();
    for part in [&place.namespace, &place.key, &place.id] {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(namespace: &str, key: &str, id: &str) -> Place {
        Place { namespace: namespace.to_owned(), key: key.to_owned(), id: id.to_owned() }
    }

    fn crm() -> Place {
        place("datasource", "crm", "sec_1")
    }

    fn sealed(key: &MasterKey) -> String {
        seal(key, &crm(), &Cleartext::new("hunter2".to_owned())).unwrap()
    }

    #[test]
    fn a_ciphertext_that_was_moved_to_another_place_does_not_open() {
        let key = MasterKey::generate().unwrap();
        let blob = sealed(&key);
        assert_eq!(open(&key, &crm(), &blob).ok().unwrap().expose(), "hunter2");
        for other in [
            place("datasource", "erp", "sec_1"),
            place("other", "crm", "sec_1"),
            place("datasource", "crm", "sec_2"),
            // The same letters, cut elsewhere.
            place("datasourc", "ecrm", "sec_1"),
            place("datasource", "crms", "ec_1"),
        ] {
            let refused = open(&key, &other, &blob).err().unwrap();
            assert!(matches!(refused, SecretError::Refused), "{other:?}");
        }
        let another = MasterKey::generate().unwrap();
        assert!(matches!(open(&another, &crm(), &blob).err(), Some(SecretError::Refused)));
    }

    #[test]
    fn a_tampered_byte_is_found_wherever_it_is() {
        let key = MasterKey::generate().unwrap();
        let blob = STANDARD.decode(sealed(&key)).unwrap();
        for at in 0..blob.len() {
            let mut bent = blob.clone();
            bent[at] ^= 1;
            let refused = open(&key, &crm(), &STANDARD.encode(bent)).err();
            assert!(matches!(refused, Some(SecretError::Refused)), "byte {at}");
        }
        for short in ["", "AAAA", "not base64!"] {
            assert!(matches!(open(&key, &crm(), short).err(), Some(SecretError::Malformed)));
        }
    }

    #[test]
    fn sealing_one_value_twice_gives_two_ciphertexts() {
        let key = MasterKey::generate().unwrap();
        let (one, other) = (sealed(&key), sealed(&key));
        assert_ne!(one, other);
        let nonce = |blob: &str| STANDARD.decode(blob).unwrap()[..NONCE].to_vec();
        assert_ne!(nonce(&one), nonce(&other));
    }
}
