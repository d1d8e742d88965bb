//! The console over a real database: the demo company, small.

mod own;
mod second_step;
mod sqlite;

use super::{FrontDoor, Hall, Library};
use crate::{clients::Prepared, demo};
use api_types::console::{FieldInput, FieldValue, FilterOp, FilterTerm, ListQuery, SignInInput};
use api_types::{ClientName, Problem, RecordKey};
use app::port::{Console, Door, Entered, SessionCookie};
use auth::Peppers;
use gateway::{
    Access, Gateway, GatewaySettings, Keyring,
    admin::{
        audit::Actor,
        people::{People, PersonWanted},
    },
};
use http::HeaderMap;
use secrets::{KeySource, Kms, LocalKms};
use settings::{Environment, Overrides, Secret, Settings};
use std::sync::Arc;
use store::Store;
use test_support::TestDatabase;

const KEY: &str = "a long admin key";

struct House {
    door: FrontDoor,
    store: Store,
    client: ClientName,
    _databases: (TestDatabase, TestDatabase),
}

async fn house() -> House {
    let key = KeySource::given(&"11".repeat(32), None).unwrap();
    house_with(Some(Arc::new(LocalKms::new(key).unwrap()))).await
}

async fn house_with(vault: Option<Arc<dyn Kms>>) -> House {
    let (rows, own) = tokio::join!(TestDatabase::create(), TestDatabase::create());
    demo::ensure(rows.uri(), 60).await.unwrap();
    let store = Store::open(own.uri()).unwrap();
    store.migrate().await.unwrap();
    let hall = Arc::new(Hall::new(store.clone()).with_vault(vault));
    hall.prepare(Some(&Secret::new(KEY))).await.unwrap();
    let empty = tempfile::NamedTempFile::new().unwrap();
    let overrides = Overrides { config: Some(empty.path().into()), ..Overrides::default() };
    let settings = Settings::load(&overrides, &Environment::default()).ok().unwrap();
    let engine = Gateway::new(GatewaySettings::default(), Access::open());
    let demo = Prepared::demo(rows.uri(), &settings).unwrap().register(&engine);
    let client = demo.0.clone();
    let library = Arc::new(Library::new([demo].into()));
    House { door: FrontDoor { hall, engine, library }, store, client, _databases: (rows, own) }
}

impl House {
    async fn sign_in(&self, email: &str, password: &str) -> Result<SessionCookie, Problem> {
        let input = SignInInput { email: email.to_owned(), password: password.to_owned() };
        self.door.sign_in(input, peer()).await.map(session)
    }

    async fn console(&self) -> Arc<dyn Console> {
        let cookie = self.sign_in("admin@localhost", KEY).await.unwrap();
        self.door.open(&cookie).await.unwrap().unwrap()
    }
}

fn peer() -> Option<String> {
    Some("198.51.100.1".to_owned())
}

/// In, without a second step.
fn session(entered: Entered) -> SessionCookie {
    match entered {
        Entered::Session(cookie) => cookie,
        Entered::Half(_) => panic!("a second step is asked for"),
    }
}

fn text(column: &str, text: &str) -> FieldInput {
    FieldInput { column: column.to_owned(), value: FieldValue::Text(text.to_owned()) }
}

fn code<T>(result: Result<T, Problem>) -> (u16, String) {
    let problem = result.err().unwrap();
    (problem.status, problem.code)
}

fn fields(problem: &Problem) -> Vec<&str> {
    problem.fields.iter().map(|field| field.field.as_str()).collect()
}

#[tokio::test]
async fn the_admin_key_signs_in_and_signing_out_ends_the_session_at_once() {
    let house = house().await;
    let cookie = house.sign_in(" Admin@localhost ", KEY).await.unwrap();
    let console = house.door.open(&cookie).await.unwrap().unwrap();
    assert_eq!(console.viewer().email, "admin@localhost");
    assert!(house.door.open(&cookie).await.unwrap().is_some());
    console.sign_out().await.unwrap();
    assert!(house.door.open(&cookie).await.unwrap().is_none());
    let forged = SessionCookie("0".repeat(64));
    assert!(house.door.open(&forged).await.unwrap().is_none());
    assert!(house.door.open(&SessionCookie("x".to_owned())).await.unwrap().is_none());
}

#[tokio::test]
async fn wrong_passwords_are_refused_and_then_slowed_down() {
    let house = house().await;
    let refused = house.sign_in("nobody@example.com", KEY).await;
    assert_eq!(code(refused), (401, "wrong_password".to_owned()));
    for _ in 0..5 {
        let refused = house.sign_in("admin@localhost", "wrong").await;
        assert_eq!(code(refused), (401, "wrong_password".to_owned()));
    }
    let refused = house.sign_in("admin@localhost", KEY).await;
    assert_eq!(code(refused), (429, "too_many_attempts".to_owned()));
}

#[tokio::test]
async fn an_admin_key_that_was_changed_or_taken_away_opens_nothing() {
    let house = house().await;
    let cookie = house.sign_in("admin@localhost", KEY).await.unwrap();
    house.door.hall.prepare(Some(&Secret::new("another admin key"))).await.unwrap();
    assert_eq!(code(house.sign_in("admin@localhost", KEY).await).0, 401);
    assert!(house.door.open(&cookie).await.unwrap().is_none());
    assert!(house.sign_in("admin@localhost", "another admin key").await.is_ok());
    house.door.hall.prepare(None).await.unwrap();
    assert_eq!(code(house.sign_in("admin@localhost", "another admin key").await).0, 401);
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let house = house().await;
    let link = house.door.hall.make_link("http://localhost:1").await.unwrap();
    let token = link.strip_prefix("http://localhost:1/console/sign-in?link=").unwrap();
    let cookie = session(house.door.redeem_link(token, peer()).await.unwrap());
    assert!(house.door.open(&cookie).await.unwrap().is_some());
    assert_eq!(code(house.door.redeem_link(token, peer()).await), (410, "link_spent".to_owned()));
    assert_eq!(
        code(house.door.redeem_link("nonsense", peer()).await),
        (410, "link_spent".to_owned())
    );
}

/// A member's console, with these scopes.
async fn member(house: &House, scopes: &[&str]) -> Arc<dyn Console> {
    let (store, actor) = (house.store.clone(), Actor::System);
    let people = People::new(store);
    let wanted = PersonWanted { email: "ann@example.com".to_owned(), ..PersonWanted::default() };
    let ann = people.create(&actor, wanted).await.unwrap();
    let books = people.create_organization(&actor, "Books", None).await.unwrap();
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    people.set_member(&actor, &books.id, &ann.id, &scopes).await.unwrap();
    let invited = people.invite(&actor, &ann.id, None).await.unwrap();
    let cookie = session(house.door.redeem_link(&invited.token, peer()).await.unwrap());
    house.door.open(&cookie).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_member_sees_what_they_may_read_and_does_what_their_scopes_name() {
    let house = house().await;
    let console = member(&house, &["read:invoices", "update:invoices", "read:customers"]).await;
    let client = &house.client;
    let navigation = console.navigation(client).await.unwrap();
    let mut seen: Vec<String> = navigation
        .categories
        .iter()
        .flat_map(|category| category.resources.iter().map(|resource| resource.key.clone()))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, ["customers", "invoices"]);
    let invoices = console.resource(client, "invoices").await.unwrap();
    assert!(!invoices.can_create && invoices.read_only.is_none());
    let customers = console.resource(client, "customers").await.unwrap();
    assert!(!customers.can_create && customers.read_only.is_some());
    let page = console.list(client, "invoices", ListQuery::default()).await.unwrap();
    let key = page.rows[0].key.clone().unwrap();
    let refused = |code: (u16, String)| assert_eq!(code, (403, "missing_scope".to_owned()));
    refused(code(console.list(client, "payments", ListQuery::default()).await));
    refused(code(console.create(client, "invoices", Vec::new()).await));
    refused(code(console.delete(client, "invoices", &key).await));
    refused(code(console.create(client, "customers", vec![text("name", "x")]).await));
    let note = FieldValue::Text("seen".to_owned());
    console.update_cell(client, "invoices", &key, "reference", note).await.unwrap();
}

#[tokio::test]
async fn who_belongs_nowhere_sees_nothing_and_who_is_signed_out_is_out_once_that_is_heard() {
    let house = house().await;
    let people = People::new(house.store.clone());
    let wanted = PersonWanted { email: "bob@example.com".to_owned(), ..PersonWanted::default() };
    let bob = people.create(&Actor::System, wanted).await.unwrap();
    let invited = people.invite(&Actor::System, &bob.id, None).await.unwrap();
    let cookie = session(house.door.redeem_link(&invited.token, peer()).await.unwrap());
    let console = house.door.open(&cookie).await.unwrap().unwrap();
    assert!(console.navigation(&house.client).await.unwrap().categories.is_empty());
    let refused = console.list(&house.client, "invoices", ListQuery::default()).await;
    assert_eq!(code(refused), (403, "missing_scope".to_owned()));
    people.end_sessions(&Actor::System, &bob.id).await.unwrap();
    house.door.hall.doubt();
    assert!(house.door.open(&cookie).await.unwrap().is_none());
}

#[tokio::test]
async fn the_admin_key_of_the_moment_is_the_password_and_the_one_before_it_is_not() {
    let house = house().await;
    let peppers = Peppers::parse(&"pepper ".repeat(8)).unwrap();
    let ring = Keyring::peppered(house.store.clone(), peppers).await;
    let access = Access::with_keyring(&ring).administered(KEY);
    let engine = Gateway::new(GatewaySettings::default(), access);
    let library = Arc::clone(&house.door.library);
    let door = FrontDoor { hall: Arc::clone(&house.door.hall), engine: engine.clone(), library };
    let sign_in = async |password: &str| {
        let email = "admin@localhost".to_owned();
        door.sign_in(SignInInput { email, password: password.to_owned() }, None).await.is_ok()
    };
    assert!(sign_in(KEY).await);
    let mut headers = HeaderMap::new();
    headers.insert("x-athena-key", KEY.parse().unwrap());
    let proof = engine.administrator(&engine.presented(&headers, None)).unwrap();
    let made = engine.rotate_admin_key(&proof, 0).await.unwrap();
    assert!(sign_in(&made.admin_key).await && !sign_in(KEY).await);
}

#[tokio::test]
async fn a_list_shows_labels_counts_and_what_was_filtered() {
    let house = house().await;
    let console = house.console().await;
    let paid = FilterTerm {
        column: "status".to_owned(),
        op: FilterOp::Eq,
        values: vec!["paid".to_owned()],
    };
    let query = ListQuery {
        filters: vec![paid],
        page_size: 5,
        columns: ["status", "customer_id"].map(str::to_owned).into(),
        ..ListQuery::default()
    };
    let page = console.list(&house.client, "invoices", query).await.unwrap();
    assert_eq!(page.rows.len(), 5);
    for row in &page.rows {
        assert_eq!(row.cells[0].value.as_deref(), Some("paid"));
        assert!(row.cells[1].label.is_some(), "a customer has a name: {row:?}");
        assert!(row.key.is_some());
    }
    assert!(page.has_next);
    let unknown = ListQuery { columns: vec!["nothing".to_owned()], ..ListQuery::default() };
    let refused = console.list(&house.client, "invoices", unknown).await;
    assert_eq!(code(refused), (400, "unknown_column".to_owned()));
}

#[tokio::test]
async fn what_does_not_exist_is_a_404_that_names_it() {
    let house = house().await;
    let console = house.console().await;
    let nowhere = ClientName::parse("nowhere").unwrap();
    let refused = console.navigation(&nowhere).await;
    assert_eq!(code(refused), (404, "unknown_client".to_owned()));
    let refused = console.resource(&nowhere, "invoices").await;
    assert_eq!(code(refused), (404, "unknown_client".to_owned()));
    let refused = console.resource(&house.client, "no_such").await;
    assert_eq!(code(refused), (404, "unknown_table".to_owned()));
    let key = RecordKey::new(vec!["999999".to_owned()]);
    let refused = console.record(&house.client, "invoices", &key).await;
    assert_eq!(code(refused), (404, "unknown_record".to_owned()));
}

#[tokio::test]
async fn a_record_has_its_title_and_the_rows_that_point_at_it() {
    let house = house().await;
    let console = house.console().await;
    let key = RecordKey::new(vec!["1".to_owned()]);
    let page = console.record(&house.client, "invoices", &key).await.unwrap();
    assert!(page.title.starts_with("INV-"), "{}", page.title);
    assert!(!page.sections.is_empty());
    let lines = page.related.iter().find(|related| related.page.resource.key == "invoice_lines");
    assert!(!lines.unwrap().page.rows.is_empty());
}

#[tokio::test]
async fn a_new_row_is_written_or_every_field_at_fault_is_named() {
    let house = house().await;
    let console = house.console().await;
    let refused = console.create(&house.client, "organizations", Vec::new()).await.unwrap_err();
    assert_eq!(refused.status, 422);
    assert_eq!(fields(&refused), ["name", "slug", "country"]);
    let blank = vec![text("name", ""), text("slug", "ember"), text("country", "")];
    let refused = console.create(&house.client, "organizations", blank).await.unwrap_err();
    assert_eq!(fields(&refused), ["name", "country"]);
    let new = || vec![text("name", "Ember"), text("slug", "ember"), text("country", "DE")];
    let key = console.create(&house.client, "organizations", new()).await.unwrap().unwrap();
    let page = console.record(&house.client, "organizations", &key).await.unwrap();
    assert_eq!(page.title, "Ember");
    let twice = console.create(&house.client, "organizations", new()).await.unwrap_err();
    assert_eq!((twice.status, twice.code.as_str()), (409, "unique_violation"));
    assert_eq!(fields(&twice), ["slug"]);
}

#[tokio::test]
async fn a_cell_takes_a_value_null_or_its_default_and_refuses_the_rest() {
    let house = house().await;
    let console = house.console().await;
    let drafts = console.create(&house.client, "invoices", draft(&*console, &house).await).await;
    let key = drafts.unwrap().unwrap();
    let set = |column: &'static str, value: FieldValue| {
        let (console, client, key) = (&console, &house.client, &key);
        async move { console.update_cell(client, "invoices", key, column, value).await }
    };
    let typed = |text: &str| FieldValue::Text(text.to_owned());
    assert_eq!(set("amount", typed("77.50")).await.unwrap().value.as_deref(), Some("77.50"));
    assert_eq!(set("amount", FieldValue::Default).await.unwrap().value.as_deref(), Some("0.00"));
    assert_eq!(set("reference", typed("")).await.unwrap().value.as_deref(), Some(""));
    assert_eq!(set("reference", FieldValue::Null).await.unwrap().value, None);
    let refused = set("amount", typed("twelve")).await.unwrap_err();
    assert_eq!(refused.status / 100, 4, "{refused:?}");
    let refused = set("amount", typed("-5")).await.unwrap_err();
    assert_eq!(refused.code, "check_constraint_violation");
    assert_eq!(fields(&refused), ["amount"]);
    let refused = set("invoice_id", typed("7")).await.unwrap_err();
    assert_eq!(refused.status / 100, 4, "{refused:?}");
    console.delete(&house.client, "invoices", &key).await.unwrap();
    let gone = console.delete(&house.client, "invoices", &key).await;
    assert_eq!(code(gone), (404, "unknown_record".to_owned()));
}

/// What the form for an invoice needs, taken from an invoice that exists.
async fn draft(console: &dyn Console, house: &House) -> Vec<FieldInput> {
    let key = RecordKey::new(vec!["1".to_owned()]);
    let page = console.record(&house.client, "invoices", &key).await.unwrap();
    let columns = page.resource.columns.iter().zip(&page.cells);
    columns
        .filter(|(column, _)| column.required)
        .map(|(column, cell)| match column.name.as_str() {
            "number" => text("number", "INV-0000-000000"),
            // It is issued now, and due later than that.
            "due_date" => text("due_date", "2999-12-31"),
            name => text(name, cell.value.as_deref().unwrap()),
        })
        .collect()
}

#[tokio::test]
async fn a_table_without_a_key_cannot_be_changed() {
    let house = house().await;
    let console = house.console().await;
    let spec = console.resource(&house.client, "import_log").await.unwrap();
    assert!(spec.read_only.is_some());
    let key = RecordKey::new(vec!["1".to_owned()]);
    let refused =
        console.update_cell(&house.client, "import_log", &key, "message", FieldValue::Null).await;
    assert_eq!(code(refused), (403, "read_only".to_owned()));
    let refused = console.delete(&house.client, "import_log", &key).await;
    assert_eq!(code(refused), (403, "read_only".to_owned()));
}

#[tokio::test]
async fn choices_are_searched_by_label_and_enums_by_word() {
    let house = house().await;
    let console = house.console().await;
    let found = console.options(&house.client, "invoices", "status", "pai").await.unwrap();
    let values: Vec<_> = found.items.iter().map(|item| item.value.as_str()).collect();
    assert_eq!(values, ["partially_paid", "paid"]);
    let found = console.options(&house.client, "invoices", "customer_id", "").await.unwrap();
    assert_eq!((found.items.len(), found.has_more), (20, true));
    let label = found.items[3].label.clone();
    let found = console.options(&house.client, "invoices", "customer_id", &label).await.unwrap();
    assert!(found.items.iter().any(|item| item.label == label));
    let refused = console.options(&house.client, "invoices", "nothing", "").await;
    assert_eq!(code(refused), (400, "unknown_column".to_owned()));
}
