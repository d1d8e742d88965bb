//! Times the PostgREST surface of a running Athena against bare handlers with the same SQL.

use anyhow::{Context, ensure};
use bench::{
    arguments::Arguments,
    contest::{Pace, Side, load::Wrk, scenario::Door},
    rest::{Contest, Question},
};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio_postgres::NoTls;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut ended = signal(SignalKind::terminate())?;
    tokio::select! {
        result = run() => result,
        // What it started ends with it.
        _ = ended.recv() => Ok(ExitCode::FAILURE),
    }
}

async fn run() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::read(&[
        "uri",
        "client",
        "key-file",
        "gateway-port",
        "gateway-pid",
        "gateway-postmasters",
        "handlers-port",
        "handlers-pid",
        "handlers-postmasters",
        "script",
        "folder",
        "rounds",
        "seconds",
        "only",
    ])?;
    let side = |name, word: &str| -> anyhow::Result<Side> {
        Ok(Side {
            name,
            port: arguments.required_number(&format!("{word}-port"))?,
            pid: arguments.required_number(&format!("{word}-pid"))?,
            postmasters: arguments.numbers(&format!("{word}-postmasters"))?,
        })
    };
    let key = std::fs::read_to_string(arguments.required("key-file")?)?.trim().to_owned();
    ensure!(!key.is_empty(), "the file of the key is empty");
    let only = arguments.optional("only");
    let only = only
        .map(|name| Question::named(name).with_context(|| format!("{name} is no scenario")))
        .transpose()?;
    let (database, connection) = tokio_postgres::connect(arguments.required("uri")?, NoTls).await?;
    tokio::spawn(connection);
    let pace =
        Pace { rounds: arguments.number("rounds", 5)?, seconds: arguments.number("seconds", 3)? };
    ensure!(pace.rounds > 0 && pace.seconds > 0, "at least one round of one second");
    let contest = Contest {
        sides: [
            side("Athena", "gateway")?,
            side("the bare handler", "handlers")?,
            side("the pipelined handler", "handlers")?,
        ],
        door: Door { client: arguments.required("client")?.to_owned(), key },
        wrk: Wrk {
            script: arguments.required("script")?.into(),
            folder: arguments.required("folder")?.into(),
        },
        pace,
        database,
    };
    Ok(if contest.run(only).await? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
