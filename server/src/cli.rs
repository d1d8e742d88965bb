//! What can be said on the command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A gateway in front of your databases, with a console.
#[derive(Debug, Parser)]
#[command(name = "athena", version, about, disable_version_flag = false)]
pub struct Cli {
    #[command(flatten)]
    pub shared: Shared,

    #[command(flatten)]
    pub serve: Serve,

    /// The same as `athena server`.
    #[arg(long)]
    pub api_only: bool,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command understands.
#[derive(Debug, Clone, Default, Args)]
pub struct Shared {
    /// The configuration file.
    #[arg(long, visible_alias = "config-path", global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where Athena keeps its own data.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

/// How to listen.
#[derive(Debug, Clone, Default, Args)]
pub struct Serve {
    /// The port to listen on.
    #[arg(long, global = true)]
    pub port: Option<u16>,

    /// The address to listen on.
    #[arg(long, global = true)]
    pub host: Option<String>,

    /// Print a link that signs in once, when ready.
    #[arg(long, global = true)]
    pub print_link: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the gateway and the console.
    Server,
    /// Print the version.
    Version,
    /// Print what is known of this machine, as JSON.
    Diag,
    /// Print the settings as they apply here, without secrets.
    Config,
    /// Print a link that signs in to the console once.
    Link,
    /// Make and list API keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Seal the secrets of clients anew, or clear away those that nobody uses.
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// What administrators did.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Read the schema of a client into Drizzle's format.
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// The demo company.
    #[command(subcommand)]
    Demo(DemoCommand),
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Find out whether the audit trail is whole; name the first row that is not.
    Verify {
        /// A row as an earlier run printed it; repeat for more.
        #[arg(long, value_name = "SEQUENCE:HASH")]
        expect: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key. Its secret is printed once and kept nowhere.
    Create(KeyCreate),
    /// List the keys.
    List,
}

#[derive(Debug, Args)]
pub struct KeyCreate {
    /// What the key is for.
    #[arg(long)]
    pub name: String,

    /// The only client the key opens; all of them when left out.
    #[arg(long)]
    pub client: Option<String>,

    /// What the key may do, such as `gateway.read` or `invoices.write`; repeat for more.
    #[arg(long = "right", value_name = "RIGHT")]
    pub rights: Vec<String>,

    /// When the key ends, such as `2027-01-31T00:00:00Z`.
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Seal every secret with a new key: a fresh one in the key file, or that of the environment.
    Rotate,
    /// List secrets that no client uses.
    Sweep {
        /// Remove them, too.
        #[arg(long)]
        remove: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum SnapshotCommand {
    /// Write a client's schema as a Drizzle snapshot.
    Pull(SnapshotPull),
}

#[derive(Debug, Args)]
pub struct SnapshotPull {
    /// The client whose database is read.
    #[arg(long)]
    pub client: String,

    /// The folder that gets `meta/`.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,

    /// A schema to read; repeat for more. `public` when left out.
    #[arg(long = "schema", value_name = "SCHEMA")]
    pub schemas: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Remove the demo's tables. It does not come back by itself.
    Drop,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_are_understood_before_and_after_the_command() {
        for line in [
            &["athena", "server", "--port", "5000", "--config", "c.yaml"][..],
            &["athena", "--port", "5000", "--config", "c.yaml", "server"],
            &["athena", "--api-only", "--port", "5000", "--config-path", "c.yaml"],
        ] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.serve.port, Some(5000), "{line:?}");
            assert_eq!(cli.shared.config, Some("c.yaml".into()), "{line:?}");
        }
    }

    #[test]
    fn an_unknown_command_is_refused() {
        assert!(Cli::try_parse_from(["athena", "serfer"]).is_err());
    }
}
