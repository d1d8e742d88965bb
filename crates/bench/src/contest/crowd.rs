//! Thousands of connections that say nothing, and whether the others feel them.

use super::{Side, http::Connection, template::Template};
use anyhow::{Context, ensure};

/// Connections that were answered once and are kept open.
pub struct Crowd(Vec<Connection>);

impl Crowd {
    pub async fn gather(side: &Side, size: usize) -> anyhow::Result<Self> {
        let mut connections = Vec::with_capacity(size);
        for number in 0..size {
            let connection = Connection::open(side.port).await;
            let context = || format!("connection {number} to {}", side.name);
            connections.push(connection.with_context(context)?);
        }
        let mut crowd = Self(connections);
        crowd.ask_all(side).await?;
        Ok(crowd)
    }

    /// Everyone is still answered.
    pub async fn ask_all(&mut self, side: &Side) -> anyhow::Result<()> {
        let request = Template::get("/ping");
        for (number, connection) in self.0.iter_mut().enumerate() {
            let answer = connection.ask(request.text()).await;
            let context = || format!("idle connection {number} to {}", side.name);
            let answer = answer.with_context(context)?;
            ensure!(answer.status == 200, "{}: /ping answered {}", side.name, answer.status);
        }
        Ok(())
    }
}
