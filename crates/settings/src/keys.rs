//! API keys: where they are read, what their hashes are made with, and which uses are written down.

use crate::{
    Environment, Mistake, Network, Secret,
    fields::{Fields, commas},
    node::Node,
};

/// What holds for API keys.
pub struct Keys {
    /// Also from `?api_key=`, although addresses end up in logs.
    pub in_address: bool,
    /// The server's part in the hashes of keys, the newest of several first. From a file in the
    /// data folder when there is none.
    pub pepper: Option<Secret>,
    pub log: KeyLog,
    /// Rows of good uses, of one key in each second; refusals are always written.
    pub log_per_second: u32,
    /// Whether everybody may read while keys could not be looked up since the start.
    pub fails_open: bool,
}

/// Which uses of keys are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLog {
    All,
    Refusals,
    None,
}

impl KeyLog {
    const EVERY: [Self; 3] = [Self::All, Self::Refusals, Self::None];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Refusals => "refusals",
            Self::None => "none",
        }
    }
}

#[derive(Default)]
pub(crate) struct RawKeys {
    in_address: Option<bool>,
    pepper: Option<Secret>,
    log: Option<String>,
    log_per_second: Option<u32>,
}

/// As many as `auth::Pepper` wants.
const PEPPER_CHARS: usize = 32;

impl RawKeys {
    pub(crate) fn read(mut fields: Fields<'_, '_>) -> Self {
        let raw = Self {
            in_address: fields.flag("in_address"),
            pepper: fields.secret("pepper"),
            log: fields.text("log"),
            log_per_second: fields.small("log_per_second", 0..=1_000_000),
        };
        fields.finish();
        raw
    }

    pub(crate) fn resolve(
        self,
        fail_mode: Option<&str>,
        environment: &Environment,
        mistakes: &mut Vec<Mistake>,
    ) -> Keys {
        if !matches!(fail_mode, None | Some("fail_closed" | "fail_open")) {
            let text = "gateway.api_key_fail_mode must be fail_closed or fail_open";
            mistakes.push(Mistake::new(text));
        }
        let log = match self.log.as_deref() {
            None => Some(KeyLog::All),
            Some(word) => KeyLog::EVERY.into_iter().find(|log| log.as_str() == word),
        };
        if log.is_none() {
            mistakes.push(Mistake::new("keys.log must be all, refusals or none"));
        }
        let pepper = environment.get("ATHENA_KEY_PEPPER").map(Secret::new).or(self.pepper);
        let pepper = pepper.filter(|pepper| !pepper.expose().trim().is_empty());
        if pepper.as_ref().is_some_and(|pepper| !is_long_enough(pepper)) {
            let text = "keys.pepper (ATHENA_KEY_PEPPER) must have 32 characters or more";
            mistakes.push(Mistake::new(text));
        }
        Keys {
            in_address: self.in_address.unwrap_or(false),
            pepper,
            log: log.unwrap_or(KeyLog::All),
            log_per_second: self.log_per_second.unwrap_or(100),
            fails_open: fail_mode == Some("fail_open"),
        }
    }
}

fn is_long_enough(pepper: &Secret) -> bool {
    let mut each = pepper.expose().split(',').map(str::trim).filter(|text| !text.is_empty());
    each.all(|text| text.chars().count() >= PEPPER_CHARS)
}

/// The networks of trusted proxies, from the environment or the file.
pub(crate) fn networks(
    raw: Option<Vec<String>>,
    environment: &Environment,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Network> {
    let said = environment.get("ATHENA_TRUSTED_PROXIES").map(commas).or(raw).unwrap_or_default();
    let networks = said.iter().map(|text| {
        let network = Network::parse(text);
        if network.is_none() {
            let text: String = text.chars().take(64).collect();
            mistakes.push(Mistake::new(format!(
                "server.trusted_proxies: {text:?} is neither an address nor a network such as 10.0.0.0/8"
            )));
        }
        network
    });
    networks.flatten().collect()
}

/// `keys:` of the file.
pub(crate) fn read(node: &Node, mistakes: &mut Vec<Mistake>) -> RawKeys {
    RawKeys::read(Fields::of(node, "keys", mistakes))
}
