//! Why somebody cannot be made, changed, or given something to do.

use crate::admin::keys::KeysError;
use api_types::Problem;
use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("the store of people failed")]
    Store(#[from] StoreError),
    /// A field that keys have, too.
    #[error(transparent)]
    Field(#[from] KeysError),
    #[error("{text} is no e-mail address")]
    BadEmail { text: String },
    #[error("{text} is no role")]
    BadRole { text: String },
    #[error("there is somebody with the address {email} already")]
    EmailTaken { email: String },
    #[error("there is nobody with the id {id}")]
    UnknownPerson { id: String },
    #[error("{id} may not sign in")]
    Inactive { id: String },
    #[error("an invitation waits for at most {limit} seconds")]
    BadInvitation { limit: u64 },
    #[error("there is no session {id}")]
    UnknownSession { id: String },
    #[error("the sign-in of {person} has no second step")]
    NoSecondStep { person: String },
    #[error("there is an organisation {name} already")]
    NameTaken { name: String },
    #[error("there is no organisation {id}")]
    UnknownOrganization { id: String },
    #[error("{person} is no member")]
    NoMember { person: String },
    #[error("there are no scopes {0:?}")]
    UnknownScopes(Vec<String>),
    #[error("more than {limit} scopes")]
    TooManyScopes { limit: usize },
}

impl PeopleError {
    pub fn problem(&self) -> Problem {
        match self {
            Self::Store(_) => {
                Problem::new(503, "auth_store_unavailable", "The store of people is unavailable")
            }
            Self::Field(error) => error.problem(),
            Self::BadEmail { text } => {
                Problem::new(400, "invalid_field", "email must be an e-mail address")
                    .with_detail("field", "email")
                    .with_detail("value", shown(text))
            }
            Self::BadRole { text } => {
                Problem::new(400, "invalid_field", "role must be admin or member")
                    .with_detail("field", "role")
                    .with_detail("value", shown(text))
            }
            Self::EmailTaken { email } => {
                Problem::new(409, "person_exists", "There is somebody with this e-mail address")
                    .with_detail("email", shown(email))
            }
            Self::UnknownPerson { id } => {
                Problem::new(404, "unknown_person", "There is nobody with this id")
                    .with_detail("id", id.as_str())
            }
            Self::Inactive { id } => {
                Problem::new(409, "person_inactive", "This person may not sign in")
                    .with_detail("id", id.as_str())
                    .with_hint("Set is_active to true first.")
            }
            Self::BadInvitation { limit } => {
                let text = format!("expires_in_seconds must be from 1 to {limit}");
                Problem::new(400, "invalid_field", text).with_detail("field", "expires_in_seconds")
            }
            Self::UnknownSession { id } => {
                Problem::new(404, "unknown_session", "There is no such session, or it is over")
                    .with_detail("id", id.as_str())
            }
            Self::NoSecondStep { person } => {
                let text = "The sign-in of this person has no second step";
                Problem::new(404, "no_second_step", text).with_detail("id", person.as_str())
            }
            Self::NameTaken { name } => {
                Problem::new(409, "organization_exists", "There is an organization of this name")
                    .with_detail("name", shown(name))
            }
            Self::UnknownOrganization { id } => {
                Problem::new(404, "unknown_organization", "There is no organization with this id")
                    .with_detail("id", id.as_str())
            }
            Self::NoMember { person } => {
                Problem::new(404, "unknown_member", "This person is no member")
                    .with_detail("person_id", person.as_str())
            }
            Self::UnknownScopes(scopes) => {
                let text = format!("Unknown scopes: {}", scopes.join(", "));
                Problem::new(400, "unknown_scope", text)
                    .with_detail("unknown_scopes", scopes.clone())
                    .with_hint(
                        "A scope is create:invoices, read:*, update:billing.invoices or alike.",
                    )
            }
            Self::TooManyScopes { limit } => {
                let text = format!("A member has at most {limit} scopes");
                Problem::new(400, "invalid_field", text).with_detail("field", "scopes")
            }
        }
    }
}

/// Enough of what was typed to recognise it by.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
