//! The connection to Redis: made in the background, watched, and given only while it is trusted.

use super::{names::Names, owed::Owed};
use crate::{error::CacheError, generations::Generations, scope::Scope};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo, ProtocolVersion, PushInfo,
    PushKind, RedisResult, Value, aio::MultiplexedConnection,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

/// In the background Redis may take this long for anything.
const PATIENCE: Duration = Duration::from_secs(1);
/// A connection that went dead without a word is noticed after this.
const PING_EVERY: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The node that sends a message does not need to hear it.
const SENDER: usize = 8;
const SCOPE: usize = 16;

pub(super) struct Link {
    client: Client,
    names: Arc<Names>,
    generations: Arc<Generations>,
    cooldown: Duration,
    node: [u8; SENDER],
    state: Mutex<State>,
    wake: Notify,
}

/// Both under one lock: there is a connection to use only while Redis is owed nothing, so nobody
/// here reads what this node has already written over.
#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    owed: Owed,
}

impl Link {
    pub(super) fn new(
        url: &str,
        names: Arc<Names>,
        generations: Arc<Generations>,
        cooldown: Duration,
    ) -> Result<Arc<Self>, CacheError> {
        let refused = |source| CacheError::RedisAddress { source };
        if url.starts_with("rediss:") || url.starts_with("valkeys:") {
            return Err(CacheError::RedisTls);
        }
        let info = url.into_connection_info().map_err(refused)?;
        if matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
            return Err(CacheError::RedisTls);
        }
        // Messages come on the connection that carries the commands, which takes RESP3.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings)).map_err(refused)?;
        let (node, state, wake) = (rand::random(), Mutex::default(), Notify::new());
        Ok(Arc::new(Self { client, names, generations, cooldown, node, state, wake }))
    }

    pub(super) fn connection(&self) -> Option<MultiplexedConnection> {
        self.state().connection.clone()
    }

    /// The connection to tell Redis what to forget, or a note that it is owed that.
    pub(super) fn connection_or_owe(&self, scopes: &[Scope]) -> Option<MultiplexedConnection> {
        let mut state = self.state();
        if state.connection.is_none() {
            state.owed.add(scopes);
        }
        state.connection.clone()
    }

    /// Do not use Redis until it has answered again and heard what it is owed.
    pub(super) fn suspend(&self, owed: Vec<Scope>) {
        let mut state = self.state();
        state.connection = None;
        state.owed.add(&owed);
        drop(state);
        self.wake.notify_one();
    }

    /// Delete the tokens of these scopes, then tell the other nodes.
    pub(super) async fn tell(
        &self,
        mut redis: MultiplexedConnection,
        scopes: &[Scope],
    ) -> RedisResult<()> {
        let tokens: Vec<_> = scopes.iter().map(|scope| self.names.token(*scope)).collect();
        let scopes = scopes.iter().flat_map(|scope| scope.bits().to_le_bytes());
        let message: Vec<u8> = self.node.into_iter().chain(scopes).collect();
        redis::pipe()
            .cmd("UNLINK")
            .arg(tokens)
            .ignore()
            .cmd("PUBLISH")
            .arg(self.names.channel())
            .arg(message)
            .ignore()
            .query_async(&mut redis)
            .await
    }

    /// Keep a connection for as long as the cache lives.
    pub(super) async fn tend(self: Arc<Self>) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.connect().await {
                Ok(connection) => {
                    tracing::info!("Redis is reached; the cache has its second level");
                    pause = FIRST_PAUSE;
                    self.serve(connection).await;
                    tracing::warn!("Redis is lost; the cache goes on with its first level");
                }
                // Said once at a level people see, not at every attempt.
                Err(error) if pause == FIRST_PAUSE => {
                    tracing::warn!(%error, "Redis cannot be reached; it is tried again and again");
                }
                Err(error) => tracing::debug!(%error, "Redis still cannot be reached"),
            }
            self.state().connection = None;
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(self: &Arc<Self>) -> RedisResult<MultiplexedConnection> {
        let link = Arc::downgrade(self);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_push_sender(move |push| hear(&link, push));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = timeout(2 * PATIENCE, connecting)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))?;
        connection.subscribe(self.names.channel()).await?;
        // Whatever was said while we did not listen, we have missed.
        self.generations.bump_everything();
        Ok(connection)
    }

    /// Until the connection is lost.
    async fn serve(&self, mut connection: MultiplexedConnection) {
        while self.settle(&connection).await {
            let is_tired = tokio::select! {
                () = self.wake.notified() => true,
                () = sleep(PING_EVERY) => false,
            };
            if !answers(&mut connection).await {
                return;
            }
            if is_tired {
                sleep(self.cooldown).await;
            }
        }
    }

    /// Pay what is owed, then give the connection out.
    async fn settle(&self, connection: &MultiplexedConnection) -> bool {
        loop {
            let owed = {
                let mut state = self.state();
                let owed = state.owed.take();
                if owed.is_empty() {
                    state.connection = Some(connection.clone());
                    return true;
                }
                owed
            };
            let told = timeout(PATIENCE, self.tell(connection.clone(), &owed)).await;
            if !matches!(told, Ok(Ok(()))) {
                self.state().owed.add(&owed);
                return false;
            }
        }
    }

    fn forget_what_was_told(&self, message: &[u8]) {
        let Some((sender, scopes)) = message.split_first_chunk::<SENDER>() else {
            return self.generations.bump_everything();
        };
        if *sender == self.node {
            return;
        }
        let (scopes, rest) = scopes.as_chunks::<SCOPE>();
        if !rest.is_empty() {
            return self.generations.bump_everything();
        }
        let scopes = scopes.iter().map(|bits| Scope::from_bits(u128::from_le_bytes(*bits)));
        self.generations.bump(&scopes.collect::<Vec<_>>());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic halfway through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answers(connection: &mut MultiplexedConnection) -> bool {
    let ping = redis::cmd("PING");
    matches!(timeout(PATIENCE, ping.query_async::<String>(connection)).await, Ok(Ok(_)))
}

/// A message of another node, or the end of the connection.
fn hear(link: &Weak<Link>, push: PushInfo) -> Result<(), redis::aio::SendError> {
    let link = link.upgrade().ok_or(redis::aio::SendError)?;
    match (push.kind, push.data.last()) {
        (PushKind::Disconnection, _) => link.suspend(Vec::new()),
        (PushKind::Message, Some(Value::BulkString(message))) => link.forget_what_was_told(message),
        (PushKind::Message, _) => link.generations.bump_everything(),
        _ => {}
    }
    Ok(())
}
