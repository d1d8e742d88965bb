//! Times one running Athena against another: everything on, and everything off.

use anyhow::ensure;
use bench::{
    arguments::Arguments,
    contest::{Pace, Side, load::Wrk, scenario::Door},
    control::Control,
};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

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
        "client",
        "key-file",
        "on-port",
        "on-pid",
        "on-postmasters",
        "off-port",
        "off-pid",
        "off-postmasters",
        "script",
        "folder",
        "rounds",
        "seconds",
        "answered-file",
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
    let pace =
        Pace { rounds: arguments.number("rounds", 5)?, seconds: arguments.number("seconds", 3)? };
    ensure!(pace.rounds > 0 && pace.seconds > 0, "at least one round of one second");
    let control = Control {
        sides: [side("everything on", "on")?, side("everything off", "off")?],
        door: Door { client: arguments.required("client")?.to_owned(), key },
        wrk: Wrk {
            script: arguments.required("script")?.into(),
            folder: arguments.required("folder")?.into(),
        },
        pace,
    };
    let told = control.run().await?;
    std::fs::write(arguments.required("answered-file")?, told.answered.to_string())?;
    Ok(if told.is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
