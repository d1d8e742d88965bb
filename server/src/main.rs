//! `athena`: one program that is the gateway, the console, and the commands around them.

mod anchor;
mod assets;
mod boot;
mod cli;
mod clients;
mod commands;
mod console;
mod datasources;
mod demo;
mod diag;
mod foundation;
mod later;
mod listen;
mod pepper;
mod routes;
mod shutdown;
mod starting;
mod stored;
mod targets;
mod telemetry;
mod vault;

use clap::{CommandFactory, Parser};
use cli::{AuditCommand, Cli, Command, DemoCommand, KeyCommand, SnapshotCommand};
use settings::{Environment, Overrides, Settings};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            // Causes stand behind a colon, from the outermost to the innermost.
            eprintln!("athena: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let overrides = Overrides {
        config: cli.shared.config,
        data_dir: cli.shared.data_dir,
        port: cli.serve.port,
        host: cli.serve.host,
    };
    let environment = Environment::of_process();
    let settings = || Settings::load(&overrides, &environment);
    let is_developing = cli.command.is_none() && environment.is_cargo_leptos();
    let print_link = cli.serve.print_link || is_developing;
    match cli.command {
        None if !cli.api_only && !is_developing => {
            Cli::command().print_help()?;
            return Ok(ExitCode::from(2));
        }
        None | Some(Command::Server) => wait_for(boot::serve(settings()?, print_link))?,
        Some(Command::Version) => println!("athena {}", env!("CARGO_PKG_VERSION")),
        Some(Command::Diag) => commands::diag()?,
        Some(Command::Config) => print!("{}", settings()?.shown()),
        Some(Command::Link) => wait_for(commands::link(settings()?))?,
        Some(Command::Key(KeyCommand::Create(wanted))) => {
            wait_for(commands::create_key(settings()?, wanted))?;
        }
        Some(Command::Key(KeyCommand::List)) => wait_for(commands::list_keys(settings()?))?,
        Some(Command::Secrets(command)) => wait_for(vault::run(settings()?, command))?,
        Some(Command::Audit(AuditCommand::Verify { expect })) => {
            wait_for(commands::verify_audit(settings()?, expect))?;
        }
        Some(Command::Snapshot(SnapshotCommand::Pull(wanted))) => {
            wait_for(commands::pull(settings()?, wanted))?;
        }
        Some(Command::Demo(DemoCommand::Drop)) => wait_for(commands::drop_demo(settings()?))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Run to the end on a runtime of its own.
fn wait_for(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(work)
}
