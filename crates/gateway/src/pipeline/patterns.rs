//! Requests that differ from earlier ones in their values, and in nothing else: they need not be
//! read, planned, permitted and rendered again.

use super::{
    RawRequest,
    known::{Basis, Ticket},
    observed::Journey,
    task::Task,
};
use crate::{Gateway, access::Visitor, error::GatewayError};
use auth::Permit;
use bytes::Bytes;
use cache::Memo;
use query::{
    ApiRequest, Operation, Plan,
    pattern::{Cut, Members, Pattern},
    request,
};
use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Memory for all of them together.
const ROOM: u64 = 16 << 20;
/// What each costs beside its body, its plan and its statement.
const OVERHEAD: usize = 1 << 10;
/// A plan and its statement, by the bytes of the statement's text, in which every column is named.
const BY_TEXT: usize = 12;
/// So many kinds of requests are told apart while it is not known whether they come again.
const PLACES: usize = 4 << 10;

pub(crate) struct Patterns {
    learnt: Memo<Ticket, Learnt>,
    /// Which kind of request came last in each place.
    seen: Box<[AtomicU64]>,
    hasher: RandomState,
}

struct Learnt {
    basis: Basis,
    /// Nothing where the statement depends on the values.
    pattern: Option<Pattern>,
    /// Without the values of the request it was learnt from.
    plan: Arc<Plan>,
    permit: Arc<Permit>,
    text_bytes: usize,
}

/// What is known of a request's like.
pub(super) enum Repeated {
    /// How it is done, with its own values.
    Task(Task),
    /// It is done the whole way, and nothing more is to be learnt of it.
    Planned,
    New,
}

/// A request without its literals.
pub(super) struct Sketch<'a> {
    ticket: Ticket,
    cut: Cut<'a>,
}

impl<'a> Sketch<'a> {
    pub(super) fn of(visitor: &Visitor, raw: &RawRequest, body: &'a Bytes) -> Option<Self> {
        let members = match raw.operation {
            Operation::Fetch => Members::Compared,
            Operation::Insert | Operation::Update => Members::Written,
            Operation::Delete => return None,
        };
        let rest = |cut: &Cut<'_>| Bytes::copy_from_slice(cut.rest());
        let mut made = None;
        let ticket = Ticket::naming(visitor, raw, || {
            let cut = made.insert(Cut::of(body, members)?);
            Some(rest(cut))
        })?;
        Some(Self { ticket, cut: made? })
    }
}

impl Patterns {
    pub(crate) fn new() -> Self {
        Self {
            learnt: Memo::new(ROOM, |ticket: &Ticket, learnt: &Learnt| {
                OVERHEAD + ticket.length() + BY_TEXT * learnt.text_bytes
            }),
            seen: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Whether such a one came before. What comes once is not worth learning.
    fn comes_again(&self, ticket: &Ticket) -> bool {
        let hash = self.hasher.hash_one(ticket);
        self.seen[hash as usize % PLACES].swap(hash, Ordering::Relaxed) == hash
    }
}

impl Gateway {
    /// The task of a request whose like was learnt.
    pub(super) async fn repeated(&self, journey: &mut Journey, sketch: &Sketch<'_>) -> Repeated {
        let Some(learnt) = self.patterns().learnt.get(&sketch.ticket).await else {
            return Repeated::New;
        };
        let Ok(upstream) = self.registry().get(journey.visitor().client()) else {
            return Repeated::New;
        };
        let Some(schema) = learnt.basis.schema_if_same(journey.visitor(), &upstream) else {
            self.patterns().learnt.forget(&sketch.ticket).await;
            return Repeated::New;
        };
        let pattern = learnt.pattern.as_ref();
        let Some(rows) = pattern.and_then(|pattern| pattern.filled(sketch.cut.literals())) else {
            return Repeated::Planned;
        };
        journey.touches(learnt.plan.table().name.name.clone());
        let time = self.time_for(&upstream);
        let (plan, permit) = (Arc::clone(&learnt.plan), Arc::clone(&learnt.permit));
        Repeated::Task(Task { upstream, schema, plan, permit, rows, count: None, time })
    }

    /// Remember how such a request is done, once it came twice.
    pub(super) async fn learn(
        &self,
        visitor: &Visitor,
        raw: &RawRequest,
        sketch: Sketch<'_>,
        task: &Task,
    ) {
        // What others' databases allow may change under a plan.
        let is_plain = task.upstream.terms().is_none() && task.count.is_none();
        if !is_plain || !self.patterns().comes_again(&sketch.ticket) {
            return;
        }
        let limits = self.limits(visitor);
        let other = |body: &[u8]| {
            let request = self.parsed(visitor, raw, body).ok()?;
            let plan = Plan::resolve(request, &task.schema, limits).ok()?;
            task.upstream.backend().render(&plan).ok()
        };
        let pattern = Pattern::learn(&task.plan, &task.rows, &sketch.cut, other);
        let gathered = || task.upstream.backend().render_gathered(&task.plan, &task.rows);
        let learnt = Learnt {
            basis: Basis::of(visitor, &task.upstream, &task.schema),
            pattern: pattern.map(|pattern| pattern.gathered_by(gathered())),
            plan: Arc::new(task.plan.without_values()),
            permit: Arc::clone(&task.permit),
            text_bytes: task.rows.text().len(),
        };
        self.patterns().learnt.keep(sketch.ticket, learnt).await;
    }

    /// The body as a request, with what the headers say of it.
    pub(super) fn parsed(
        &self,
        visitor: &Visitor,
        raw: &RawRequest,
        body: &[u8],
    ) -> Result<ApiRequest, GatewayError> {
        let options = self.parse_options(visitor.client());
        let mut request = request::parse(raw.operation, body, &options)?;
        request.set_profile(raw.profile);
        if raw.strip_nulls {
            request.strip_nulls();
        }
        if let Some(case) = raw.response_case {
            request.set_response_case(case);
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, GatewaySettings, observe::Act, registry::ClientInfo};
    use api_types::ClientName;
    use auth::Caller;
    use backend::fake::FakeBackend;
    use cache::Directive;
    use catalog::{
        Column, DataType, Generated, Ident, QualifiedName, SchemaCache, Table, TableKind, TypeKind,
    };
    use query::request::Profile;

    fn schema() -> SchemaCache {
        let ident = |name: &str| Ident::parse(name).unwrap();
        let kind = TypeKind::Base("numeric".to_owned());
        let price = Column {
            name: ident("price"),
            data_type: DataType { oid: 1, sql: "numeric".to_owned(), kind },
            nullable: true,
            default: None,
            generated: Generated::Never,
            comment: None,
        };
        let table = Table {
            name: QualifiedName::new(ident("public"), ident("goods")),
            kind: TableKind::Table,
            columns: vec![price],
            primary_key: vec![],
            unique_keys: vec![],
            foreign_keys: vec![],
            estimated_rows: None,
            comment: None,
            row_security: false,
        };
        SchemaCache::new("PostgreSQL 15".to_owned(), vec!["public".to_owned()], vec![table], vec![])
    }

    #[tokio::test]
    async fn a_shape_that_cannot_be_learnt_is_not_tried_again() {
        let gateway = Gateway::new(GatewaySettings::default(), Access::open());
        let client = ClientName::parse("shop").unwrap();
        let backend = Arc::new(FakeBackend::new(schema()));
        let upstream = gateway.registry().add(client.clone(), backend, ClientInfo::default());
        upstream.schema().await.unwrap();
        // A number may be any; a text must read as one, so not every text is a value.
        for (value, is_learnt) in [("5", true), ("\"1.50\"", false)] {
            let body = format!(
                r#"{{"table_name":"goods","conditions":[{{"operator":"eq","column":"price","value":{value}}}]}}"#
            );
            let raw = RawRequest {
                operation: Operation::Fetch,
                body: Bytes::from(body),
                strip_nulls: false,
                directive: Directive::Bypass,
                profile: Profile::Envelope,
                response_case: None,
                insert_window: None,
            };
            let visitor = Visitor::in_process(Caller::anonymous(), client.clone());
            let mut journey = Journey::begin(visitor.clone(), Act::Data(Operation::Fetch));
            for _ in 0..2 {
                let sketch = Sketch::of(&visitor, &raw, &raw.body).unwrap();
                assert!(matches!(gateway.repeated(&mut journey, &sketch).await, Repeated::New));
                gateway.task_of_raw(&mut journey, &raw).await.unwrap();
            }
            let sketch = Sketch::of(&visitor, &raw, &raw.body).unwrap();
            match gateway.repeated(&mut journey, &sketch).await {
                Repeated::Task(_) => assert!(is_learnt, "{value}"),
                Repeated::Planned => assert!(!is_learnt, "{value}"),
                Repeated::New => panic!("nothing is known of {value}"),
            }
        }
    }
}
