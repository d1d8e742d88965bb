//! Codes of an authenticator app: beginning with one, checking one, and doing without.

use super::{Hall, own::id_of, picture, too_many, unavailable, wrong_code, wrong_password};
use crate::console::throttle::FREE_FOR_EMAIL;
use api_types::Problem;
use api_types::account::{SecondStep, SecondStepSetup};
use api_types::console::Viewer;
use auth::{RecoveryCode, SessionTokenHash, TotpCode, TotpSecret};
use gateway::{
    Gateway,
    admin::audit::{Actor, Audit, Deed},
};
use secrets::{Cleartext, Kms, Place, SecretError};
use std::time::{Duration, Instant, SystemTime};
use store::{SealedRow, TotpConfirmed, TotpRow};
use uuid::Uuid;

/// The namespace of these secrets; the key is the person's id.
const NAMESPACE: &str = "console_totp";
/// Who an app says the code is for.
const ISSUER: &str = "Athena";
/// How long a secret waits for its first code.
const DRAFT: Duration = Duration::from_secs(60 * 60);

/// What somebody typed to show that it is them.
pub(super) enum Proof {
    App(TotpCode),
    Recovery(RecoveryCode),
    Neither,
}

impl Proof {
    pub(super) fn parse(typed: &str) -> Self {
        if let Some(code) = TotpCode::parse(typed) {
            return Self::App(code);
        }
        RecoveryCode::parse(typed).map_or(Self::Neither, Self::Recovery)
    }
}

/// A secret that waits for its first code, with the recovery codes that go with it.
struct Draft {
    secret: TotpSecret,
    recovery: Vec<RecoveryCode>,
}

impl Draft {
    fn generate() -> Self {
        let recovery = (0..RecoveryCode::AT_ONCE).map(|_| RecoveryCode::generate());
        Self { secret: TotpSecret::generate(), recovery: recovery.collect() }
    }

    /// The secret, and below it a code on each line.
    fn to_text(&self) -> Cleartext {
        let mut text = self.secret.reveal().to_string();
        for code in &self.recovery {
            text.push('\n');
            text.push_str(&code.reveal());
        }
        Cleartext::new(text)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let secret = TotpSecret::parse(lines.next()?)?;
        Some(Self { secret, recovery: lines.map(RecoveryCode::parse).collect::<Option<_>>()? })
    }
}

impl Hall {
    pub async fn second_step(&self, person: &Viewer) -> Result<SecondStep, Problem> {
        let found = self.row(id_of(person)?).await?.filter(|row| row.is_confirmed);
        Ok(found.map_or(SecondStep::Off, |row| SecondStep::On {
            recovery_left: u32::try_from(row.recovery_left).unwrap_or(u32::MAX),
        }))
    }

    /// Make a secret. It asks nobody for anything before a code has confirmed it.
    pub async fn begin_second_step(&self, person: &Viewer) -> Result<(), Problem> {
        let id = id_of(person)?;
        let place = Place {
            namespace: NAMESPACE.to_owned(),
            key: id.to_string(),
            id: format!("sec_{}", Uuid::new_v4().simple()),
        };
        let vault = self.vault.as_deref().ok_or_else(no_key_to_begin)?;
        let sealed = vault.encrypt(&place, &Draft::generate().to_text()).await;
        let sealed = sealed.map_err(|error| unsealed(&error))?;
        let Place { namespace, key, id: secret_id } = place;
        let row = SealedRow { id: secret_id, namespace, key, sealed };
        match self.store.begin_totp(id, &row).await.map_err(unavailable)? {
            true => Ok(()),
            false => Err(is_on()),
        }
    }

    /// What the app needs; nothing when there is no draft.
    pub async fn second_step_setup(
        &self,
        person: &Viewer,
    ) -> Result<Option<SecondStepSetup>, Problem> {
        let row = self.row(id_of(person)?).await?.filter(|row| !row.is_confirmed);
        let Some(row) = row else { return Ok(None) };
        let draft = self.open(&row).await?;
        let uri = draft.secret.uri(ISSUER, &person.email);
        Ok(Some(SecondStepSetup {
            secret: draft.secret.reveal().to_string(),
            picture: picture::of(&uri)?,
            uri: uri.to_string(),
            recovery_codes: draft.recovery.iter().map(RecoveryCode::reveal).collect(),
        }))
    }

    /// The app has the secret: from now on it is asked for, and every other session ends.
    pub async fn confirm_second_step(
        &self,
        person: &Viewer,
        this: &SessionTokenHash,
        typed: &str,
    ) -> Result<(), Problem> {
        let id = id_of(person)?;
        let row = self.row(id).await?.ok_or_else(no_draft)?;
        if row.is_confirmed {
            return Err(is_on());
        }
        let draft = self.open(&row).await?;
        let code = TotpCode::parse(typed).ok_or_else(wrong_code)?;
        let step = draft.secret.find(&code, SystemTime::now()).ok_or_else(wrong_code)?;
        let alone = Cleartext::new(draft.secret.reveal().to_string());
        let sealed = self.vault()?.encrypt(&place(&row.secret), &alone).await;
        let hashes: Vec<String> =
            draft.recovery.iter().map(|code| code.hash(&id.to_string())).collect();
        let confirmed = TotpConfirmed {
            secret_id: &row.secret.id,
            sealed: &sealed.map_err(|error| unsealed(&error))?,
            step: column(step.0),
            recovery_hashes: &hashes,
            session: this.as_str(),
        };
        if !self.store.confirm_totp(id, &confirmed).await.map_err(unavailable)? {
            return Err(no_draft());
        }
        self.doubt();
        self.tell(id, "totp.enabled").await;
        Ok(())
    }

    /// Do without, for whoever shows a code or the password.
    pub async fn end_second_step(
        &self,
        person: &Viewer,
        code: &str,
        password: String,
        engine: &Gateway,
    ) -> Result<(), Problem> {
        let id = id_of(person)?;
        let name = Self::code_name(id);
        self.throttle.admit(&[(&name, FREE_FOR_EMAIL)], Instant::now()).map_err(too_many)?;
        if code.trim().is_empty() {
            let stored = self.store.password_of(id).await.map_err(unavailable)?;
            if !self.is_password(&person.email, password, stored, engine).await {
                return Err(wrong_password());
            }
        } else if !self.is_right(id, Proof::parse(code)).await? {
            return Err(wrong_code());
        }
        self.throttle.forgive(&name, "");
        if !self.store.remove_totp(id).await.map_err(unavailable)? {
            return Err(is_off());
        }
        self.tell(id, "totp.disabled").await;
        Ok(())
    }

    /// Whether this proves it; a right code is used up by it.
    ///
    /// Without the key nothing of an app's is right. Recovery codes need no key.
    pub(super) async fn is_right(&self, person: Uuid, proof: Proof) -> Result<bool, Problem> {
        match proof {
            Proof::App(code) => {
                let row = self.row(person).await?.filter(|row| row.is_confirmed);
                let Some(row) = row else { return Ok(false) };
                let secret = self.open(&row).await?.secret;
                let Some(step) = secret.find(&code, SystemTime::now()) else { return Ok(false) };
                self.store.spend_totp_step(person, column(step.0)).await.map_err(unavailable)
            }
            Proof::Recovery(code) => {
                let hash = code.hash(&person.to_string());
                self.store.spend_recovery_code(person, &hash).await.map_err(unavailable)
            }
            Proof::Neither => Ok(false),
        }
    }

    /// What wrong codes of somebody are counted under, wherever they are typed.
    pub(super) fn code_name(person: Uuid) -> String {
        format!("code {person}")
    }

    async fn row(&self, person: Uuid) -> Result<Option<TotpRow>, Problem> {
        self.store.totp_of(person, SystemTime::now() - DRAFT).await.map_err(unavailable)
    }

    async fn open(&self, row: &TotpRow) -> Result<Draft, Problem> {
        let opened = self.vault()?.decrypt(&place(&row.secret), &row.secret.sealed).await;
        let text = opened.map_err(|error| unsealed(&error))?;
        Draft::parse(text.expose()).ok_or_else(|| unsealed(&SecretError::Malformed))
    }

    fn vault(&self) -> Result<&dyn Kms, Problem> {
        self.vault.as_deref().ok_or_else(no_key)
    }

    async fn tell(&self, person: Uuid, action: &'static str) {
        let actor = Actor::Person(person.to_string().into());
        Audit::new(self.store.clone()).tell(&actor, &Deed::done(action, person)).await;
    }
}

fn place(row: &SealedRow) -> Place {
    Place { namespace: row.namespace.clone(), key: row.key.clone(), id: row.id.clone() }
}

/// Steps fit into the column until long after the sun.
fn column(step: u64) -> i64 {
    i64::try_from(step).unwrap_or(i64::MAX)
}

fn no_key() -> Problem {
    let text = "Codes cannot be checked, because this server has no key for secrets.";
    Problem::new(503, "second_step_unavailable", text).with_hint(
        "A recovery code works without it. Whoever runs the server sets ATHENA_SECRET_KEY.",
    )
}

fn no_key_to_begin() -> Problem {
    let text = "A second step cannot be set up, because this server has no key for secrets.";
    Problem::new(503, "second_step_unavailable", text)
        .with_hint("Whoever runs the server sets ATHENA_SECRET_KEY.")
}

fn unsealed(error: &SecretError) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "a second step cannot be opened");
    Problem::new(503, "second_step_unavailable", "Codes cannot be checked right now.")
        .with_hint("A recovery code works meanwhile.")
}

fn is_on() -> Problem {
    Problem::new(409, "second_step_on", "Your sign-in has a second step already.")
        .with_hint("Switch it off to begin anew.")
}

fn is_off() -> Problem {
    Problem::new(409, "second_step_off", "Your sign-in has no second step.")
}

fn no_draft() -> Problem {
    Problem::new(410, "second_step_expired", "This secret waited too long, or was replaced.")
        .with_hint("Begin anew on the account page.")
}
