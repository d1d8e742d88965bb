//! The surface's own description: what the caller's role may use, as OpenAPI 2.0.

use super::{
    Exposed, RestAddress, RestAnswer, RestRefusal, RestRequest, RestVisitor, frame, refused,
};
use crate::{Gateway, error::GatewayError, pipeline::observed::Journey, timings::Stage};
use auth::Permit;
use backend::{RestEnd, RestFrame, RestParam, RestRow, RestScript, RestStatement, RestStep};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use postgrest::{
    DocumentPlan, OpenApiMode, RestError,
    openapi::{self, ACCESS_SQL, Access as Privileges, Surface},
};
use query::Access;

/// Descriptions are shown to those who may see what there is.
const RIGHT: &str = "schema.read";

impl Gateway {
    pub(super) async fn describe(
        &self,
        journey: &mut Journey,
        visitor: &RestVisitor,
        request: &RestRequest,
        (plan, exposed): (&DocumentPlan, &Exposed),
        address: &RestAddress,
    ) -> Result<RestAnswer, RestRefusal> {
        let permit = permit(visitor)?;
        let upstream = &visitor.upstream;
        let info = upstream.info();
        let options = &info.rest.options;
        let schema = plan.schema.as_str();
        let cache = upstream.rest_schema(&exposed.known).await?;
        journey.finish(Stage::Plan);
        let privileges = match options.openapi_mode {
            OpenApiMode::FollowPrivileges => {
                self.privileges(visitor, request, schema, &permit).await?
            }
            OpenApiMode::IgnorePrivileges => Privileges::everything(&cache, schema),
            OpenApiMode::Disabled => return Err(RestError::DocumentOff.into()),
        };
        journey.finish(Stage::Execute);
        let surface = Surface {
            version: address.version.to_owned(),
            scheme: address.scheme.clone(),
            host: address.host.clone(),
            base_path: address.base_path.clone(),
            asks_for_token: upstream.info().rest.verifier.is_some(),
        };
        let document = openapi::document(&cache, schema, &privileges, &surface);
        journey.finish(Stage::Build);
        let mut headers = HeaderMap::new();
        let openapi = HeaderValue::from_static("application/openapi+json; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, openapi);
        if plan.is_profiled
            && let Ok(name) = HeaderValue::try_from(schema)
        {
            headers.insert("content-profile", name);
        }
        let body = match plan.only_headers {
            true => Bytes::new(),
            false => Bytes::from(document.to_string()),
        };
        Ok(RestAnswer { status: 200, headers, body, code: None })
    }

    async fn privileges(
        &self,
        visitor: &RestVisitor,
        request: &RestRequest,
        schema: &str,
        permit: &Permit,
    ) -> Result<Privileges, RestRefusal> {
        let settings = frame::settings(visitor, request, schema, None);
        let info = visitor.upstream.info();
        let before = info.rest.before.as_ref();
        let frame = RestFrame {
            access: Access::ReadOnly,
            isolation: None,
            settings: &settings,
            before,
            leaves_traces: before.is_some(),
        };
        let mut question = Question { schema, answer: None };
        let asked = self.exchange(&visitor.upstream, permit, frame, &mut question).await;
        asked.map_err(|error| refused(visitor, error))?;
        let answer = question.answer.ok_or(GatewayError::Abandoned)?;
        Ok(Privileges::parse(&answer).map_err(|_odd| GatewayError::Abandoned)?)
    }
}

pub(super) fn permit(visitor: &RestVisitor) -> Result<Permit, RestRefusal> {
    let (caller, client) = (visitor.visitor.caller(), visitor.visitor.client());
    Ok(Permit::for_right(caller, client, RIGHT)?)
}

/// What may this role use?
struct Question<'a> {
    schema: &'a str,
    answer: Option<Bytes>,
}

impl RestScript for Question<'_> {
    fn next(&mut self, rows: Option<Vec<RestRow>>) -> RestStep {
        let Some(rows) = rows else {
            let params = vec![RestParam::Text(self.schema.to_owned())];
            let statement = RestStatement { sql: ACCESS_SQL.to_owned(), params };
            return RestStep::Last(statement, RestEnd::Commit);
        };
        self.answer = rows.into_iter().next().and_then(|row| row.into_iter().next()?);
        RestStep::End(RestEnd::Commit)
    }
}
