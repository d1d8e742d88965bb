//! A whole request: its address, its headers and its body, answered by the surface with no database
//! behind it. Nothing is a 500, every refusal has a code, and what is called JSON is JSON.

use crate::schema::SCHEMA;
use api::{ApiSettings, ApiState, Surface};
use api_types::ClientName;
use axum::body::Body;
use backend::{Backend, fake::FakeBackend};
use gateway::{
    Access, CacheSettings, ClientInfo, Gateway, GatewaySettings,
    registry::{AdHocError, AdHocRules, Connector, Target},
};
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use serde_json::Value;
use std::{
    cell::RefCell,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// The backend remembers what it was asked, so it is made anew from time to time.
const REQUESTS: usize = 2_000;

/// The only database that a header may name. Names are refused before anybody looks them up.
const ALLOWED: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);

struct Nowhere;

impl Connector for Nowhere {
    fn connect(&self, _: &Target, address: SocketAddr) -> Result<Arc<dyn Backend>, AdHocError> {
        assert_eq!(address.ip(), IpAddr::V4(ALLOWED));
        Err(AdHocError::Unreachable)
    }
}

struct Door {
    surface: Surface,
    runtime: Runtime,
    asked: usize,
}

impl Door {
    fn open() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let surface = runtime.block_on(async {
            let (settings, cache) = (GatewaySettings::default(), CacheSettings::default());
            let gateway = Gateway::caching(settings, Access::open(), &cache).expect("no Redis");
            let name = ClientName::parse("shop").expect("a name");
            let backend = Arc::new(FakeBackend::new(SCHEMA.clone()));
            let upstream = gateway.registry().add(name, backend, ClientInfo::default());
            upstream.schema().await.expect("the schema is there");
            let allowed_hosts = vec![ALLOWED.to_string()];
            let rules = AdHocRules { allowed_hosts, allow_private_hosts: false };
            gateway.open_to_targets(rules, Arc::new(Nowhere));
            api::surface(ApiState::new(gateway, ApiSettings::default()))
        });
        Self { surface, runtime, asked: 0 }
    }
}

pub fn check(data: &[u8]) {
    thread_local!(static DOOR: RefCell<Door> = RefCell::new(Door::open()));
    let Some(request) = request(data) else { return };
    let knows_answers = request.headers().contains_key("if-none-match");
    DOOR.with_borrow_mut(|door| {
        if door.asked == REQUESTS {
            *door = Door::open();
        }
        door.asked += 1;
        let surface = door.surface.clone();
        let (response, body) = door.runtime.block_on(async {
            let response = surface.oneshot(request).await.unwrap_or_else(|never| match never {});
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.expect("the body ends");
            (Response::from_parts(parts, ()), body)
        });
        answered(&response, &body, knows_answers);
    });
}

/// `METHOD address`, headers, an empty line, the body.
fn request(data: &[u8]) -> Option<Request<Body>> {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, address) = first.split_once(' ')?;
    let mut request = Request::builder()
        .method(method.parse::<Method>().ok()?)
        .uri(address.parse::<Uri>().ok()?)
        .header("x-athena-client", "shop");
    let mut rest = lines.next().unwrap_or_default();
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        if line.is_empty() {
            return request.body(Body::from(rest.to_vec())).ok();
        }
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        request = request.header(name, HeaderValue::from_bytes(&line[colon + 1..]).ok()?);
    }
}

fn answered(response: &Response<()>, body: &[u8], knows_answers: bool) {
    let status = response.status().as_u16();
    // 501 names what cannot be done here, 502 and 503 what is not there.
    assert!(status < 500 || matches!(status, 501..=503), "{response:?} {body:?}");
    assert!(status != 304 || (knows_answers && body.is_empty()), "{response:?}");
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) || body.is_empty() {
        return;
    }
    let body: Value = serde_json::from_slice(body).expect("JSON");
    if status >= 400 {
        assert!(body["code"].is_string() && body["status_code"] == status, "{body}");
    }
}
