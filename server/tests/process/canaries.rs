//! Secrets are planted wherever the program takes one, and looked for in everything it gives away.

mod catch;
mod flock;
mod mistakes;
mod secrets;
mod tour;
mod town;
mod upstreams;

use town::{Town, rows};

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
    // It was really said, and by all who can say something.
    for word in [
        "28P01",
        "password authentication failed",
        "client.created",
        "athena is online",
        "redis",
        "person.added",
        "api_key.",
        "openapi",
        "TRACE",
        "DEBUG",
    ] {
        assert!(catch.is_heard(word), "nobody said {word}");
    }
    let leaks = catch.leaks(&town.flock);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n\n"));
}
