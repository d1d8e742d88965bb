//! From settings to a server that answers, and back down again.

mod from_settings;

use crate::{
    anchor::Anchor,
    assets::Site,
    clients::Prepared,
    console::{FrontDoor, Hall, Library},
    datasources, demo,
    foundation::Foundation,
    later, listen, pepper, routes, shutdown,
    starting::Threshold,
    stored, targets, telemetry, vault,
};
use anyhow::Context;
use api::ApiState;
use embedded::{Progress, Report};
use from_settings::{api_settings, engine, kept, proxies, retention};
use gateway::{
    Access, AuthLog, AuthTrail, DeferredWorker, Desk, Gateway, Keyring, federation::Mismatches,
    observe::OperationSink,
};
use settings::{KeyLog, LogFormat, Settings};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use store::{
    AdmissionLog, ChangeFeed, LogSettings, OperationLog, RequestLog, RequestSettings, Store,
    StoreError, Topic, Upkeep,
};
use tokio_util::sync::CancellationToken;

/// Pauses between attempts to reach a store that is not there yet.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Everything that runs, in the order in which it is stopped.
#[derive(Default)]
struct Running {
    worker: Option<DeferredWorker>,
    engine: Option<Gateway>,
    keyring: Option<Keyring>,
    log: Option<OperationLog>,
    requests: Option<RequestLog>,
    upkeep: Option<Upkeep>,
    anchor: Option<Anchor>,
    admission_log: Option<AdmissionLog>,
    uses: Option<AuthLog>,
    store: Option<Store>,
    foundation: Option<Foundation>,
}

/// Listen, get ready, answer until told to stop, stop.
pub async fn serve(settings: Settings, print_link: bool) -> anyhow::Result<()> {
    let began = Instant::now();
    let format = match settings.log.format {
        LogFormat::Pretty => telemetry::Format::Pretty,
        LogFormat::Json => telemetry::Format::Json,
    };
    let _lines = telemetry::start(format, &settings.log.level)?;
    let prepared = prepare(&settings)?;
    let stop = shutdown::on_signal()?;
    let listener = listen::bind(&settings.server.host, settings.server.port).await?;
    let address = listener.local_addr()?;
    let threshold = Threshold::default();
    let serving = tokio::spawn(listen::serve(listener, threshold.clone(), stop.clone()));
    let mut running = Running::default();
    let raised = Box::pin(raise(&settings, prepared, &threshold, &mut running, &stop)).await;
    let outcome = match raised {
        Ok(Some(hall)) => {
            let url = listen::shown(address);
            tracing::info!("ready at {url} after {} ms", began.elapsed().as_millis());
            remember(&settings, address);
            if print_link { say_link(&hall, &url).await } else { Ok(()) }
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        stop.cancel();
    }
    let served = serving.await.context("the listener ended badly")?;
    running.stop().await;
    outcome.and(served.context("the listener failed"))
}

/// Everything about the clients that can be wrong is found before anything starts.
fn prepare(settings: &Settings) -> anyhow::Result<Vec<Prepared>> {
    Ok(settings
        .clients
        .iter()
        .map(|client| Prepared::of(client, settings))
        .collect::<Result<_, _>>()?)
}

/// Bring everything up and open the door; `None` when told to stop on the way.
async fn raise(
    settings: &Settings,
    mut prepared: Vec<Prepared>,
    threshold: &Threshold,
    running: &mut Running,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Arc<Hall>>> {
    if settings.embedded.is_needed {
        let report = tell(threshold.clone());
        running.foundation = Some(Foundation::lay(stored::cluster(settings), report).await?);
    }
    let foundation = running.foundation.as_ref();
    let store = stored::open(settings, foundation)?;
    running.store = Some(store.clone());
    let (migrated, demo) = tokio::join!(
        migrate(&store, threshold, stop),
        ensure_demo(settings, foundation, threshold)
    );
    if !migrated? || stop.is_cancelled() {
        return Ok(None);
    }
    prepared.extend(demo?);
    threshold.tell("reading keys and people");
    let vault = vault::open(settings, &store).await;
    let hall = Arc::new(Hall::new(store.clone()).with_vault(vault.clone()));
    let peppers = pepper::peppers(settings)?;
    let keyring = Keyring::peppered(store.clone(), peppers.clone());
    let (keyring, people) = tokio::join!(keyring, hall.prepare(settings.admin_key.as_ref()));
    running.keyring = Some(keyring.clone());
    people?;
    let log = OperationLog::start(store.clone(), LogSettings::default());
    running.log = Some(log.clone());
    running.uses = uses(settings, &store);
    let trail = running.uses.clone().map(|log| AuthTrail::new(log, &peppers, kept(settings)));
    let requests = requests(settings, &store);
    running.requests.clone_from(&requests);
    running.upkeep = Some(Upkeep::start(store.clone(), retention(settings)));
    running.anchor = Some(Anchor::start(store.clone(), settings));
    let feed = ChangeFeed::start(store.clone());
    hear_of_people(&hall, &feed);
    let desk = Desk::new(store.clone(), feed.clone());
    let admission_log = AdmissionLog::start(store.clone());
    running.admission_log = Some(admission_log.clone());
    let access = access(settings, &keyring, log, trail, requests)
        .admitting(later::admission(settings, &store, &feed, admission_log)?)
        .deferring(later::deferred(settings, &store, &feed))
        .administering(desk.clone())
        .remembering(store);
    let engine = engine(settings, access)?;
    running.engine = Some(engine.clone());
    if let Some(jdbc) = &settings.gateway.jdbc {
        engine.open_to_targets(targets::rules(jdbc), targets::connector(settings, jdbc));
    }
    let sources = datasources::keep(&engine, prepared, settings, desk, vault).await?;
    federate(&engine, settings, threshold).await?;
    let door = FrontDoor {
        hall: Arc::clone(&hall),
        engine: engine.clone(),
        library: Arc::new(Library::new(sources)),
    };
    running.worker = DeferredWorker::start(&engine);
    let state = ApiState::new(engine, api_settings(settings)?);
    let proxies = Arc::new(proxies(settings));
    threshold.open(routes::join(api::surface(state), Arc::new(door), Site::built_in(), proxies));
    Ok(Some(hall))
}

/// Show what was imported of databases that belong to others, and refuse to start where they are no
/// longer that.
async fn federate(
    engine: &Gateway,
    settings: &Settings,
    threshold: &Threshold,
) -> anyhow::Result<()> {
    threshold.tell("comparing external databases with what was imported of them");
    if let Err(error) = engine.federate().await {
        // Some of it is known; that the rest is fine is not claimed.
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, "not every imported resource could be read");
    }
    let mismatches =
        if settings.allow_schema_mismatch { Mismatches::Allow } else { Mismatches::Refuse };
    engine.validate_at_boot(mismatches).await?;
    engine.watch_drift();
    Ok(())
}

/// Wait for the store as long as it takes; false when told to stop.
async fn migrate(
    store: &Store,
    threshold: &Threshold,
    stop: &CancellationToken,
) -> Result<bool, StoreError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match store.migrate().await {
            Ok(()) => return Ok(true),
            // Waiting does not help against another version.
            Err(error @ (StoreError::Newer { .. } | StoreError::Altered { .. })) => {
                return Err(error);
            }
            Err(error) => error,
        };
        threshold.tell("waiting for the control store");
        tracing::warn!(error = &error as &dyn std::error::Error, "the control store is not ready");
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            () = stop.cancelled() => return Ok(false),
        }
    }
}

/// The demo as a client, unless it is switched off, was dropped, or its name is taken.
async fn ensure_demo(
    settings: &Settings,
    foundation: Option<&Foundation>,
    threshold: &Threshold,
) -> anyhow::Result<Option<Prepared>> {
    let is_taken = settings.clients.iter().any(|client| client.name == demo::NAME);
    let Some(foundation) = foundation.filter(|_| settings.embedded.demo && !is_taken) else {
        return Ok(None);
    };
    threshold.tell("making the demo company");
    match foundation.ensure_demo(settings.embedded.demo_invoices).await? {
        demo::Demo::Dropped => return Ok(None),
        demo::Demo::Present => {}
        demo::Demo::Made { took } => {
            tracing::info!("the demo company was made in {} ms", took.as_millis());
        }
    }
    Ok(Some(Prepared::demo(&foundation.uri(demo::NAME), settings)?))
}

/// Whoever is signed out, or may do something else from now on, is believed no longer.
fn hear_of_people(hall: &Arc<Hall>, feed: &ChangeFeed) {
    let (mut changes, hall) = (feed.watch(Topic::People), Arc::downgrade(hall));
    tokio::spawn(async move {
        while changes.changed().await.is_ok() {
            let Some(hall) = hall.upgrade() else { return };
            hall.doubt();
        }
    });
}

/// Where uses of keys are written down, if they are.
fn uses(settings: &Settings, store: &Store) -> Option<AuthLog> {
    (settings.keys.log != KeyLog::None)
        .then(|| AuthLog::start(store.clone(), LogSettings::default()))
}

/// Where requests are counted and written down, unless that is switched off.
fn requests(settings: &Settings, store: &Store) -> Option<RequestLog> {
    let logging = &settings.logging;
    let wanted = RequestSettings {
        per_second: logging.requests_per_second,
        body_bytes: logging.body_bytes,
        ..RequestSettings::default()
    };
    logging.requests.then(|| RequestLog::start(store.clone(), wanted))
}

fn access(
    settings: &Settings,
    keyring: &Keyring,
    log: OperationLog,
    trail: Option<AuthTrail>,
    requests: Option<RequestLog>,
) -> Access {
    let access = Access::with_keyring(keyring);
    let access = match settings.logging.operations {
        true => access.logged(Arc::new(OperationSink(log.clone()))).counting(log),
        false => access,
    };
    let access =
        access.reading_addresses(settings.keys.in_address).failing_open(settings.keys.fails_open);
    let access = match trail {
        Some(trail) => access.trailed(trail),
        None => access,
    };
    let access = match requests {
        Some(requests) => access.logging_requests(requests),
        None => access,
    };
    match &settings.admin_key {
        Some(key) => access.administered(key.expose()),
        None => access,
    }
}

/// Steps of the private PostgreSQL, for the log and for whoever asks before it is ready.
fn tell(threshold: Threshold) -> Report {
    Arc::new(move |step| {
        match step {
            Progress::Moved { .. } | Progress::Restarting { .. } => tracing::warn!("{step}"),
            _ => tracing::info!("{step}"),
        }
        threshold.tell(step.to_string());
    })
}

/// `athena link` prints the address we really listen on.
fn remember(settings: &Settings, address: SocketAddr) {
    let url = listen::shown(address);
    let kept = std::fs::create_dir_all(&settings.data_dir)
        .and_then(|()| std::fs::write(settings.data_dir.join(ADDRESS), url));
    if let Err(error) = kept {
        tracing::debug!(%error, "the address was not written down");
    }
}

/// In the data folder: where the last server was reached.
pub const ADDRESS: &str = "address";

async fn say_link(hall: &Hall, url: &str) -> anyhow::Result<()> {
    let link = hall.make_link(url).await?;
    println!("\nOpen this to sign in; it works once, for an hour:\n\n    {link}\n");
    Ok(())
}

impl Running {
    async fn stop(self) {
        if let Some(worker) = self.worker {
            worker.stop().await;
        }
        if let Some(engine) = self.engine {
            engine.close().await;
        }
        if let Some(keyring) = self.keyring {
            keyring.close().await;
        }
        if let Some(log) = self.log {
            log.close().await;
        }
        if let Some(log) = self.requests {
            log.close().await;
        }
        // After the logs, so that everything they hold is counted.
        if let Some(upkeep) = self.upkeep {
            upkeep.close().await;
        }
        if let Some(anchor) = self.anchor {
            anchor.stop().await;
        }
        if let Some(log) = self.admission_log {
            log.close().await;
        }
        if let Some(uses) = self.uses {
            uses.close().await;
        }
        if let Some(store) = self.store {
            store.close().await;
        }
        if let Some(foundation) = self.foundation {
            foundation.leave().await;
        }
    }
}
