//! Secrets are planted wherever the program takes one, and looked for in everything it gives away.

mod catch;
mod flock;
mod mistakes;
mod people;
mod secrets;
mod tour;
mod town;
mod upstreams;

use town::{Town, rows};

/// Words of those that were made to speak: the log in its finest level, the trail, the documents, the
/// databases that refuse, the kept answers, the console, the commands.
const HEARD: &[&str] = &[
    "DEBUG",
    "password authentication failed",
    "28P01",
    "client.created",
    "person.created",
    "athena is online",
    "openapi",
    "athena_session",
    "rust_version",
    "gateway_request_log: ",
    "api_key_auth_log: ",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_gets_out_by_any_door() {
    let mut town = Town::build().await;
    let mut program = town.serve();
    program.until_ready();
    let key = town.keys(&program);
    town.clients(&program).await;
    town.people(&program);
    let visited = town.tour(&program, &key);
    assert!(visited >= api::ROUTES.len() - 1, "{visited} routes");
    town.targets(&program, &key);
    town.spoken(&program, &key);
    town.later(&program, &key);
    town.another_admin_key(&program);
    program.signal("TERM");
    assert!(program.ended_well(), "{}", program.log());
    town.commands();
    for database in [&town.control, &town.shop] {
        town.heard(format!("rows of {}", database.name()), rows(database).await);
    }
    let password = town.flock.text("password of redis").to_owned();
    let kept = upstreams::everything_in_redis(town.redis_port(), &password);
    town.heard("redis", kept);
    let mut catch = town.catch.into_inner().unwrap();
    catch.add_files(town.home.folder());
    let leaks = catch.leaks(&town.flock);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n\n"));
    // It was really said, and by all who can say something.
    let silent: Vec<_> = HEARD.iter().filter(|word| !catch.is_heard(word)).collect();
    assert!(silent.is_empty(), "nobody said {silent:?}");
}
