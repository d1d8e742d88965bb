//! A walk through the demo company of a running gateway; it fails where an answer is not as it must be.
//!
//! `cargo run -p athena-client --example tour -- URL KEY [--without PART]…`
//!
//! Parts: read, refuse, write, sql, rpc, stream, defer. The key needs the rights they use.

use anyhow::{Context, Result, bail, ensure};
use athena_client::{ApiKey, Athena, DeferredState, Method, any, column, not};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::HashSet, time::Duration};

const PARTS: [&str; 7] = ["read", "refuse", "write", "sql", "rpc", "stream", "defer"];

/// The organization the tour makes and removes again.
const SLUG: &str = "client-tour";

#[derive(Debug, Deserialize)]
struct Invoice {
    invoice_id: i64,
    number: String,
    status: String,
    customer_id: String,
    amount: serde_json::Number,
}

#[derive(Debug, Deserialize)]
struct Organization {
    organization_id: String,
    slug: String,
    country: String,
    name: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(key)) = (arguments.next(), arguments.next()) else {
        bail!("usage: tour URL KEY [--without PART]…")
    };
    let left_out = left_out(arguments)?;
    let athena = Athena::builder(url).client("demo").api_key(ApiKey::new(key)?).build()?;
    let health = athena.health().await.context("health")?;
    println!("health: {} {}", health.status, health.version.unwrap_or_default());
    for part in PARTS {
        if left_out.contains(part) {
            println!("{part}: left out");
            continue;
        }
        visit(part, &athena).await.with_context(|| format!("the part {part:?}"))?;
        println!("{part}: as it must be");
    }
    Ok(())
}

fn left_out(mut arguments: impl Iterator<Item = String>) -> Result<HashSet<String>> {
    let mut parts = HashSet::new();
    while let Some(word) = arguments.next() {
        let part = arguments.next().unwrap_or_default();
        ensure!(word == "--without", "{word:?} is not understood");
        ensure!(PARTS.contains(&part.as_str()), "{part:?} is none of {PARTS:?}");
        parts.insert(part);
    }
    Ok(parts)
}

async fn visit(part: &str, athena: &Athena) -> Result<()> {
    match part {
        "read" => read(athena).await,
        "refuse" => refuse(athena).await,
        "write" => write(athena).await,
        "sql" => sql(athena).await,
        "rpc" => rpc(athena).await,
        "stream" => stream(athena).await,
        "defer" => defer(athena).await,
        _ => bail!("nobody wrote this part"),
    }
}

async fn read(athena: &Athena) -> Result<()> {
    let columns = ["invoice_id", "number", "status", "customer_id", "amount"];
    let paid = || athena.from("invoices").select(columns).eq("status", "paid");
    let largest = paid().order_by("amount").descending().limit(3).rows::<Invoice>().await?;
    ensure!(largest.len() == 3, "three paid invoices: {largest:?}");
    ensure!(largest.iter().all(|invoice| invoice.status == "paid"), "{largest:?}");
    let amounts: Vec<f64> = largest.iter().filter_map(|invoice| invoice.amount.as_f64()).collect();
    ensure!(amounts.len() == 3 && amounts.is_sorted_by(|a, b| a >= b), "{amounts:?}");

    let first = &largest[0];
    let customer = athena.from("customers").select(["customer_id", "name"]);
    let customer: Value = customer.eq("customer_id", &first.customer_id).one().await?;
    ensure!(customer["customer_id"] == first.customer_id.as_str(), "{customer}");
    let same: Invoice = paid().eq("number", &first.number).one().await?;
    ensure!(same.invoice_id == first.invoice_id, "{same:?}");

    let invoices = || athena.from("invoices").all();
    let (all, paid) = (invoices().count().await?, paid().count().await?);
    let unpaid = invoices().neq("status", "paid").count().await?;
    ensure!(paid > 0 && paid + unpaid == all, "{paid} + {unpaid} is not {all}");
    let either = any([column("status").eq("paid"), not(column("status").in_(["paid"]))]);
    ensure!(invoices().filter(either).count().await? == all, "one or the other is all");

    let page = invoices().order_by("invoice_id").offset(2).limit(2).with_count();
    let page = page.page::<Value>().await?;
    ensure!(page.rows.len() == 2 && page.count == Some(all), "{page:?}");
    Ok(())
}

async fn refuse(athena: &Athena) -> Result<()> {
    let refused = athena.from("invoices").select(["no_such"]).rows::<Value>().await;
    let error = refused.err().context("an unknown column was read")?;
    ensure!((error.code(), error.status()) == (Some("unknown_column"), Some(400)), "{error:?}");
    ensure!(error.trace_id().is_some(), "a refusal has a trace id: {error:?}");
    let refused = athena.from("invoices").all().eq("amount", "twelve").rows::<Value>().await;
    ensure!(refused.is_err_and(|error| error.status() == Some(400)), "twelve is no amount");
    let nobody = athena.for_client("no-such-client")?.from("invoices").all().rows::<Value>().await;
    let error = nobody.err().context("an unknown client answered")?;
    ensure!(matches!(error.status(), Some(400 | 401 | 403)), "{error:?}");
    Ok(())
}

async fn write(athena: &Athena) -> Result<()> {
    let table = || athena.from("organizations");
    table().delete().eq("slug", SLUG).run().await?;
    let row = json!({ "name": "Tour", "slug": SLUG, "country": "PT" });
    let made: Organization = table().insert(&row).row().await?;
    ensure!((made.slug.as_str(), made.country.as_str()) == (SLUG, "PT"), "{made:?}");

    let twice = table().insert(&row).run().await.err().context("a slug was taken twice")?;
    ensure!(twice.status() == Some(409), "{twice:?}");

    let update = table().update().set("country", "FR").eq("organization_id", &made.organization_id);
    let changed = update.rows::<Organization>().await?;
    ensure!(changed.len() == 1 && changed[0].country == "FR", "{changed:?}");

    let country = json!({ "country": "ES" });
    let bounded = table().update().set_all(country).eq("slug", SLUG).order_by("name");
    let passed_over = bounded.limit(5).offset(1).run().await?;
    ensure!(passed_over == Some(0), "the one row stands before the offset, {passed_over:?}");

    let upsert = table().upsert(json!({ "name": "Tour again", "slug": SLUG, "country": "PT" }));
    let kept: Organization = upsert.on_conflict(["slug"]).set("name", "Tour again").row().await?;
    ensure!(kept.organization_id == made.organization_id, "{kept:?}");
    ensure!((kept.name.as_str(), kept.country.as_str()) == ("Tour again", "FR"), "{kept:?}");

    let gone = table().delete().id(&made.organization_id).run().await?;
    ensure!(gone == Some(1), "{gone:?} organizations went");
    let left = table().all().eq("slug", SLUG).first::<Value>().await?;
    ensure!(left.is_none(), "{left:?}");
    Ok(())
}

async fn sql(athena: &Athena) -> Result<()> {
    let sql = "select count(*) as count from invoices where status = $1";
    let rows = athena.sql(sql).bind("paid").only_reads().rows::<Value>().await?;
    let counted = athena.from("invoices").all().eq("status", "paid").count().await?;
    ensure!(rows == [json!({ "count": counted })], "{rows:?} is not {counted}");
    let wrong = athena.sql("selec 1").run().await.err().context("that was no SQL")?;
    ensure!(wrong.status() == Some(400), "{wrong:?}");
    Ok(())
}

async fn rpc(athena: &Athena) -> Result<()> {
    // The demo has no functions of its own; the answer names the one that is missing.
    let missing = athena.rpc("no_such_function").arg("a", 1).rows::<Value>().await;
    let missing = missing.err().context("a function that is not there was called")?;
    ensure!(matches!(missing.status(), Some(400 | 404)), "{missing:?}");
    ensure!(missing.to_string().contains("no_such_function"), "{missing}");
    Ok(())
}

async fn stream(athena: &Athena) -> Result<()> {
    let invoices = athena.from("invoices").select(["invoice_id"]).order_by("invoice_id");
    let mut rows = invoices.limit(2000).stream::<Value>().await?;
    let mut taken = 0;
    let mut last = i64::MIN;
    while let Some(row) = rows.next().await {
        let id = row?["invoice_id"].as_i64().context("an id is a number")?;
        ensure!(id > last, "{id} came after {last}");
        (taken, last) = (taken + 1, id);
    }
    let all = athena.from("invoices").all().count().await?;
    ensure!(taken == all.min(2000), "{taken} rows of {all} came");

    // In `from`, PostgreSQL would make all of them before it sent the first.
    let endless = "select generate_series(1, 1000000000) as n";
    let mut endless = athena.sql(endless).stream::<Value>().await?;
    let first = endless.next().await.context("a row")??;
    ensure!(first == json!({ "n": 1 }), "{first}");
    drop(endless);
    let health: Value = athena.request(Method::GET, "/health").send().await?;
    ensure!(health.is_object(), "it is well after a stream was dropped");
    Ok(())
}

async fn defer(athena: &Athena) -> Result<()> {
    let queued = athena.sql("select 1 as one").deferred().await?;
    let done = queued.wait(Duration::from_secs(60)).await?;
    ensure!(done.state == DeferredState::Completed, "{done:?}");
    ensure!(done.request_id == queued.id(), "{done:?}");
    Ok(())
}
