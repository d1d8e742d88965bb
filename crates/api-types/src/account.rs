//! What a person's own page shows of how they sign in and for whom they work.

use serde::{Deserialize, Serialize};

/// The second step of somebody's sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SecondStep {
    Off,
    On { recovery_left: u32 },
}

/// What an authenticator app needs, until a code of it confirms that it has it. Cannot be printed.
#[derive(Clone, Serialize, Deserialize)]
pub struct SecondStepSetup {
    /// Base32.
    pub secret: String,
    /// The same as `otpauth:`, with who and for what.
    pub uri: String,
    /// The same as a picture.
    pub picture: QrPicture,
    /// Each lets the person in once without the app.
    pub recovery_codes: Vec<String>,
}

/// A QR code as one path of squares whose sides are one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrPicture {
    /// With the quiet zone around it.
    pub side: u32,
    pub path: String,
}

/// An organization that somebody belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnOrganization {
    pub id: String,
    pub name: String,
    /// Whether this session works for it.
    pub is_chosen: bool,
}
