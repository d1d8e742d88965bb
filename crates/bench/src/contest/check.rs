//! Answers are compared before anything is timed: a fast wrong answer is worth nothing.

use super::{
    Side, http,
    scenario::{Door, Scenario},
};
use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};

/// How many different requests are compared.
const TURNS: u64 = 4;

/// Both sides answer a scenario with the same rows, several times over.
pub async fn same_rows(sides: &[Side; 2], scenario: &Scenario) -> anyhow::Result<()> {
    for turn in 0..TURNS {
        let [gateway, limit] = sides;
        let ours = rows_of(gateway.port, &scenario.gateway.filled(turn)).await;
        let ours =
            ours.with_context(|| format!("{} as {} sees it", scenario.name, gateway.name))?;
        let theirs = rows_of(limit.port, &scenario.limit.filled(turn)).await;
        let theirs =
            theirs.with_context(|| format!("{} as {} sees it", scenario.name, limit.name))?;
        if let Some(driver) = &scenario.driver {
            let again = rows_of(limit.port, &driver.filled(turn)).await;
            let again = again.with_context(|| format!("{} on the driver", scenario.name))?;
            compare(scenario, again, theirs.clone())
                .with_context(|| format!("scenario {} on the driver", scenario.name))?;
        }
        compare(scenario, ours, theirs).with_context(|| format!("scenario {}", scenario.name))?;
    }
    Ok(())
}

/// Keys are enforced: without one, the door is shut.
pub async fn keys_are_enforced(gateway: &Side, client: &str) -> anyhow::Result<()> {
    let door = Door { client: client.to_owned(), key: String::new() };
    let answer = http::ask(gateway.port, &door.point().filled(0)).await?;
    ensure!(answer.status == 401, "without a key the answer was {}, not 401", answer.status);
    Ok(())
}

async fn rows_of(port: u16, request: &str) -> anyhow::Result<Vec<Value>> {
    let answer = http::ask(port, request).await?;
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(answer.status == 200, "answered {}: {:.500}", answer.status, text);
    let mut body: Map<String, Value> = serde_json::from_slice(&answer.body)?;
    match body.remove("data") {
        Some(Value::Array(rows)) => Ok(rows),
        // An insert of one row answers it bare.
        Some(row @ Value::Object(_)) => Ok(vec![row]),
        _ => bail!("no rows in {text:.500}"),
    }
}

fn compare(scenario: &Scenario, ours: Vec<Value>, theirs: Vec<Value>) -> anyhow::Result<()> {
    let without = |rows: Vec<Value>| rows.into_iter().map(|row| strip(row, scenario.differs));
    ensure!(ours.len() == scenario.rows, "{} rows, not {}", ours.len(), scenario.rows);
    ensure!(theirs.len() == scenario.rows, "{} rows of the other side", theirs.len());
    for (at, (ours, theirs)) in without(ours).zip(without(theirs)).enumerate() {
        ensure!(ours == theirs, "row {at} differs: {ours} and {theirs}");
    }
    Ok(())
}

fn strip(mut row: Value, members: &[&str]) -> Value {
    if let Some(object) = row.as_object_mut() {
        object.retain(|name, _| !members.contains(&name.as_str()));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::scenario::scenarios;
    use serde_json::json;

    fn insert() -> Scenario {
        let door = Door { client: String::new(), key: String::new() };
        scenarios(&door).into_iter().find(|one| one.name == "insert").unwrap()
    }

    #[test]
    fn rows_that_differ_where_they_may_are_the_same() {
        let (ours, theirs) = (json!({"id":1,"amount":2.5}), json!({"amount":2.5,"id":9}));
        assert!(compare(&insert(), vec![ours], vec![theirs]).is_ok());
    }

    #[test]
    fn another_value_or_another_count_is_told() {
        let row = |amount: f64| vec![json!({ "id": 1, "amount": amount })];
        let error = compare(&insert(), row(2.5), row(2.75)).unwrap_err().to_string();
        assert!(error.contains("row 0 differs"), "{error}");
        assert!(compare(&insert(), Vec::new(), Vec::new()).is_err());
    }
}
