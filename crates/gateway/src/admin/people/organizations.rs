//! Organisations, and who belongs to them.

use super::{People, PeopleError, told::organization_told, unknown};
use crate::admin::{
    audit::{Actor, Deed},
    keys::checked::{id_of, name, text},
};
use auth::Scope;
use serde_json::json;
use store::{MemberRecord, OrganizationChanged, OrganizationRecord};
use uuid::Uuid;

const SCOPES_LIMIT: usize = 200;

impl People {
    /// Organisations, by name.
    pub async fn organizations(&self) -> Result<Vec<OrganizationRecord>, PeopleError> {
        Ok(self.store.organizations().await?)
    }

    pub async fn create_organization(
        &self,
        actor: &Actor,
        typed: &str,
        company_id: Option<String>,
    ) -> Result<OrganizationRecord, PeopleError> {
        let (name, company_id) = (name(typed)?, text("company_id", company_id)?);
        let made = self.store.create_organization(&name, company_id.as_deref()).await?;
        let made = made.ok_or(PeopleError::NameTaken { name })?;
        let deed = Deed::done("organization.created", &made.id).to(organization_told(&made));
        self.audit.tell(actor, &deed).await;
        Ok(made)
    }

    /// What is not named stays; null empties the company.
    pub async fn change_organization(
        &self,
        actor: &Actor,
        id: &str,
        typed: Option<String>,
        company_id: Option<Option<String>>,
    ) -> Result<OrganizationRecord, PeopleError> {
        let id = id_of(id)?;
        let name = typed.as_deref().map(name).transpose()?;
        let company_id = company_id.map(|it| text("company_id", it)).transpose()?;
        let company_id = company_id.as_ref().map(Option::as_deref);
        match self.store.change_organization(id, name.as_deref(), company_id).await? {
            OrganizationChanged::Done(record) => {
                let deed = Deed::done("organization.changed", id).to(organization_told(&record));
                self.audit.tell(actor, &deed).await;
                Ok(record)
            }
            OrganizationChanged::NameTaken => {
                Err(PeopleError::NameTaken { name: name.unwrap_or_default() })
            }
            OrganizationChanged::Unknown => Err(no_organization(id)),
        }
    }

    /// Its members stay people without it.
    pub async fn delete_organization(
        &self,
        actor: &Actor,
        id: &str,
    ) -> Result<String, PeopleError> {
        let id = id_of(id)?;
        let gone = self.store.delete_organization(id).await?.ok_or_else(|| no_organization(id))?;
        let deed = Deed::done("organization.deleted", id).from(organization_told(&gone));
        self.audit.tell(actor, &deed).await;
        Ok(gone.id)
    }

    pub async fn members(&self, organization: &str) -> Result<Vec<MemberRecord>, PeopleError> {
        Ok(self.store.members(id_of(organization)?).await?)
    }

    /// Make somebody a member, or say anew what a member may do.
    pub async fn set_member(
        &self,
        actor: &Actor,
        organization: &str,
        person: &str,
        scopes: &[String],
    ) -> Result<Vec<String>, PeopleError> {
        let (organization, person) = (id_of(organization)?, id_of(person)?);
        let scopes = known(scopes)?;
        self.store.person(person).await?.ok_or_else(|| unknown(person))?;
        if !self.store.set_member(organization, person, &scopes).await? {
            return Err(no_organization(organization));
        }
        let deed = Deed::done("member.set", format!("{organization}/{person}"));
        self.audit.tell(actor, &deed.to(json!({ "scopes": scopes }))).await;
        Ok(scopes)
    }

    pub async fn remove_member(
        &self,
        actor: &Actor,
        organization: &str,
        person: &str,
    ) -> Result<(), PeopleError> {
        let (organization, person) = (id_of(organization)?, id_of(person)?);
        if !self.store.remove_member(organization, person).await? {
            return Err(PeopleError::NoMember { person: person.to_string() });
        }
        let deed = Deed::done("member.removed", format!("{organization}/{person}"));
        self.audit.tell(actor, &deed).await;
        Ok(())
    }
}

fn no_organization(id: Uuid) -> PeopleError {
    PeopleError::UnknownOrganization { id: id.to_string() }
}

/// Every misspelt scope is named at once.
fn known(scopes: &[String]) -> Result<Vec<String>, PeopleError> {
    if scopes.len() > SCOPES_LIMIT {
        return Err(PeopleError::TooManyScopes { limit: SCOPES_LIMIT });
    }
    let parsed = scopes.iter().map(|text| Scope::parse(text));
    let (known, wrong): (Vec<_>, Vec<_>) = parsed.partition(Result::is_ok);
    if !wrong.is_empty() {
        let wrong = wrong.into_iter().filter_map(Result::err).map(|error| error.0);
        return Err(PeopleError::UnknownScopes(wrong.collect()));
    }
    let mut known: Vec<String> = known.into_iter().flatten().map(|it| it.to_string()).collect();
    known.sort_unstable();
    known.dedup();
    Ok(known)
}
