//! A host's name that leads somewhere else later.

use super::{Ground, Node, Wishes};
use async_trait::async_trait;
use gateway::registry::{ConnectPolicy, Goal, NoWay};
use serde_json::json;
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use test_support::TestDatabase;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    task::JoinSet,
};

const NAME: &str = "db.shop.invalid";

/// Everything may be connected to, until the name leads where it must not.
struct Names(Mutex<Result<SocketAddr, NoWay>>);

impl Names {
    fn lead(&self, way: Result<SocketAddr, NoWay>) {
        *self.0.lock().unwrap() = way;
    }
}

#[async_trait]
impl ConnectPolicy for Names {
    async fn judge(&self, _goal: &Goal) -> Result<(), String> {
        Ok(())
    }

    async fn resolve(&self, host: &str, _port: u16) -> Result<Vec<SocketAddr>, NoWay> {
        assert_eq!(host, NAME);
        self.0.lock().unwrap().clone().map(|address| vec![address])
    }
}

/// The test's PostgreSQL at an address, whose connections can be cut.
struct Server {
    address: SocketAddr,
    taken: Arc<AtomicUsize>,
    open: Arc<Mutex<JoinSet<()>>>,
}

impl Server {
    async fn before(database: &TestDatabase) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let folder = super::postgres(database)["host"].as_str().unwrap().to_owned();
        let port = std::fs::read_dir(&folder).unwrap().find_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            (name.starts_with(".s.PGSQL.") && !name.ends_with(".lock")).then_some(name)
        });
        let socket = PathBuf::from(folder).join(port.unwrap());
        let (taken, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(JoinSet::new())));
        let (count, connections) = (Arc::clone(&taken), Arc::clone(&open));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, SeqCst);
                let socket = socket.clone();
                connections.lock().unwrap().spawn(async move {
                    let mut database = UnixStream::connect(socket).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut database).await;
                });
            }
        });
        Self { address, taken, open }
    }

    fn cut(&self) {
        self.open.lock().unwrap().abort_all();
    }
}

#[tokio::test]
async fn a_name_is_judged_again_at_every_connection_and_the_client_is_blocked_when_it_must_not() {
    let (ground, data) = (Ground::lay().await, TestDatabase::create().await);
    data.run("create table t (v text); insert into t values ('here')").await;
    let server = Server::before(&data).await;
    let names = Arc::new(Names(Mutex::new(Ok(server.address))));
    let policy = Arc::clone(&names) as _;
    let node = Node::start(&ground, Wishes { policy, ..Wishes::default() }).await;
    let user = super::postgres(&data)["username"].clone();
    let config = json!({ "host": NAME, "port": server.address.port(), "username": user, "database": data.name() });
    node.made(json!({ "name": "shop", "driver": "postgres", "config": config })).await;
    node.until("shop", "ok").await;
    let key = node.key(&["gateway.read"]).await;
    assert_eq!(node.fetch("shop", &key).await.status, 200);

    names.lead(Err(NoWay::Denied("it is a machine's metadata service".to_owned())));
    let before = server.taken.load(SeqCst);
    server.cut();
    let refused = node.fetch("shop", &key).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(!refused.text.contains("metadata") && !refused.text.contains(NAME), "{refused:?}");
    let shown = node.until("shop", "blocked").await;
    assert_eq!(shown["statusReason"], "it is a machine's metadata service");
    assert_eq!(server.taken.load(SeqCst), before, "nobody went there");
    let tried = node.call(http::Method::POST, "/api/v1/datasources/shop/test", json!({})).await;
    let report = &tried.body["data"];
    assert!(report.to_string().contains("metadata service"), "{tried:?}");

    names.lead(Ok(server.address));
    node.until("shop", "ok").await;
    assert_eq!(node.fetch("shop", &key).await.status, 200);
    node.stop().await;
}
