use super::*;
use std::sync::Arc;

fn settings() -> ResilienceSettings {
    ResilienceSettings { breaker_failures: 3, max_waiting: 2, ..ResilienceSettings::default() }
}

fn left(gate: &Arc<Gate>) -> Duration {
    match gate.enter() {
        Err(TurnedAway::Paused { left }) => left,
        Err(other) => panic!("{other:?}"),
        Ok(_) => Duration::ZERO,
    }
}

fn fail(gate: &Arc<Gate>, times: usize) {
    for _ in 0..times {
        gate.enter().expect("the breaker is closed").failed();
    }
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_open_the_breaker_and_one_probe_closes_it() {
    let gate = Arc::new(Gate::new(&settings()));
    fail(&gate, 3);
    assert_eq!(left(&gate), settings().breaker_pause);
    tokio::time::sleep(settings().breaker_pause).await;
    let mut probe = gate.enter().expect("a probe");
    assert!(left(&gate) > Duration::ZERO, "only one request at a time finds out");
    probe.succeeded();
    drop(probe);
    assert_eq!(left(&gate), Duration::ZERO);
    fail(&gate, 2);
    assert_eq!(left(&gate), Duration::ZERO, "the count began anew");
}

#[tokio::test(start_paused = true)]
async fn a_success_between_failures_keeps_the_breaker_closed() {
    let gate = Arc::new(Gate::new(&settings()));
    for _ in 0..10 {
        fail(&gate, 2);
        gate.enter().ok().unwrap().succeeded();
    }
    assert_eq!(left(&gate), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn failures_far_apart_do_not_open_the_breaker() {
    let gate = Arc::new(Gate::new(&settings()));
    for _ in 0..10 {
        fail(&gate, 1);
        tokio::time::sleep(settings().breaker_window + Duration::from_secs(1)).await;
    }
    assert_eq!(left(&gate), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_opens_the_breaker_again_and_an_abandoned_one_lets_the_next_try() {
    let gate = Arc::new(Gate::new(&settings()));
    fail(&gate, 3);
    tokio::time::sleep(settings().breaker_pause).await;
    drop(gate.enter());
    gate.enter().expect("the next probe").failed();
    assert_eq!(left(&gate), settings().breaker_pause);
    gate.breaker().may_recover();
    assert_eq!(left(&gate), Duration::ZERO, "the catalog could be read");
}

#[tokio::test(start_paused = true)]
async fn what_was_let_in_before_says_nothing_of_an_open_breaker() {
    let gate = Arc::new(Gate::new(&settings()));
    let mut early = gate.enter().ok().unwrap();
    fail(&gate, 3);
    early.succeeded();
    drop(early);
    assert_eq!(left(&gate), settings().breaker_pause);
}

#[tokio::test(start_paused = true)]
async fn more_than_the_limit_are_turned_away_at_once() {
    let gate = Arc::new(Gate::new(&settings()));
    let (first, second) = (gate.enter().ok(), gate.enter().ok());
    assert!(first.is_some() && second.is_some());
    assert_eq!(gate.enter().err(), Some(TurnedAway::Crowded { limit: 2 }));
    drop(first);
    assert!(gate.enter().is_ok());
}

#[test]
fn pauses_double_and_stay_bounded() {
    let settings = ResilienceSettings::default();
    for repeated in 0..100 {
        let pause = backoff(settings.first_backoff, settings.longest_backoff, repeated);
        assert!(pause >= settings.first_backoff / 2 && pause <= settings.longest_backoff);
    }
    assert!(backoff(settings.first_backoff, settings.longest_backoff, 0) <= settings.first_backoff);
    assert!(
        backoff(settings.first_backoff, settings.longest_backoff, 60)
            >= settings.longest_backoff / 2
    );
}

#[test]
fn a_conflict_between_writers_is_no_outage() {
    let database = |sqlstate: &str| {
        let sqlstate = sqlstate.to_owned();
        BackendError::Database(Box::new(backend::DatabaseError {
            sqlstate,
            ..backend::DatabaseError::default()
        }))
    };
    for sqlstate in ["40001", "40P01", "23505", "57014", "42601"] {
        assert!(!is_outage(&database(sqlstate)), "{sqlstate}");
    }
    for sqlstate in ["08006", "57P01", "57P03", "53300"] {
        assert!(is_outage(&database(sqlstate)), "{sqlstate}");
    }
    assert!(!is_outage(&BackendError::PoolTimeout) && !is_outage(&BackendError::Timeout));
}
