//! Why a token does not count, in the words of PostgREST: programs compare them.

/// A token, or its absence, that keeps somebody out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("Server lacks JWT secret")]
    NoSecret,
    #[error("Empty JWT is sent in Authorization header")]
    Empty,
    #[error("Expected 3 parts in JWT; got {0}")]
    Parts(usize),
    #[error("No suitable key or wrong key type")]
    Key(&'static str),
    #[error("Wrong or unsupported encoding algorithm")]
    Algorithm(&'static str),
    #[error("JWT couldn't be decoded")]
    Undecodable,
    #[error("Anonymous access is disabled")]
    Required,
    #[error(transparent)]
    Claims(#[from] ClaimError),
}

/// A signed token that does not count here and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    #[error("JWT expired")]
    Expired,
    #[error("JWT not yet valid")]
    NotYetValid,
    #[error("JWT issued at future")]
    IssuedInFuture,
    #[error("JWT not in audience")]
    NotInAudience,
    #[error("Parsing claims failed")]
    Unreadable,
    #[error("The JWT '{0}' claim must be a number")]
    NotANumber(&'static str),
    #[error("The JWT 'aud' claim must be a string or an array of strings")]
    OddAudience,
}

impl JwtError {
    pub fn status(&self) -> u16 {
        match self {
            Self::NoSecret => 500,
            _ => 401,
        }
    }

    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSecret => "PGRST300",
            Self::Required => "PGRST302",
            Self::Claims(_) => "PGRST303",
            Self::Empty
            | Self::Parts(_)
            | Self::Key(_)
            | Self::Algorithm(_)
            | Self::Undecodable => "PGRST301",
        }
    }

    pub fn details(&self) -> Option<&'static str> {
        match self {
            Self::Key(details) | Self::Algorithm(details) => Some(details),
            _ => None,
        }
    }

    /// What the header `WWW-Authenticate` says.
    pub fn challenge(&self) -> Option<String> {
        match self {
            Self::NoSecret => None,
            Self::Required => Some("Bearer".to_owned()),
            invalid => {
                Some(format!("Bearer error=\"invalid_token\", error_description=\"{invalid}\""))
            }
        }
    }
}

/// Why keys cannot be used. Never quotes them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtSetupError {
    #[error("the JWT secret must be at least 32 characters long")]
    TooShort,
    #[error("the JWT secret is not base64")]
    NotBase64,
    #[error("the JWT secret looks like a JWK or a set of them, but holds no key that can be used")]
    NoKey,
    #[error("the role claim must be a path such as .role or .app.roles[0]")]
    RoleClaim,
}
