//! Everything that would be refused later, refused now: a request's journey as far as its statement.

use super::{
    RawRequest, RawSql,
    observed::Journey,
    script::{access, permit},
};
use crate::{Gateway, access::Visitor, error::GatewayError, observe::Act};
use query::{request, sql::Script};

impl Gateway {
    /// Whether this visitor may ask this, and whether it makes sense; answers the table it is about.
    ///
    /// A database that is away is no reason to refuse what is done later: then only the request's
    /// form and the rights over what it names are looked at.
    pub(crate) async fn check(
        &self,
        visitor: &Visitor,
        raw: &RawRequest,
    ) -> Result<Option<String>, GatewayError> {
        let mut journey = Journey::begin(visitor.clone(), Act::Data(raw.operation));
        let options = self.parse_options(visitor.client());
        let request = request::parse(raw.operation, &raw.body, &options)?;
        let table = request.relation().name.clone();
        match Box::pin(self.task(&mut journey, request, self.settings().limits)).await {
            Ok(_task) => Ok(Some(table)),
            Err(GatewayError::Unavailable { .. }) => Ok(Some(table)),
            Err(error) => Err(error),
        }
    }

    /// The same for SQL.
    pub(crate) async fn check_sql(
        &self,
        visitor: &Visitor,
        raw: &RawSql,
    ) -> Result<(), GatewayError> {
        let script = Script::parse(&raw.text)?;
        let mut journey = Journey::begin(visitor.clone(), raw.door.act());
        let limits = self.settings().limits;
        match Box::pin(self.recognised(&mut journey, raw, limits)).await {
            Ok(Some(_read)) => return Ok(()),
            Ok(None) | Err(GatewayError::Unavailable { .. }) => {}
            Err(error) => return Err(error),
        }
        permit(visitor, raw.door.right())?;
        self.registry().get(visitor.client())?;
        access(visitor, &script)?;
        Ok(())
    }
}
