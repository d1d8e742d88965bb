//! Groups of the rows that are answered, with exact sums. Pure: bytes in, bytes out.

mod decimal;
mod label;
mod row;

use crate::plan::GroupingPlan;
use decimal::Sum;
use row::Picked;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Why rows cannot be grouped.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("the rows cannot be read")]
    UnreadableRows(#[source] serde_json::Error),
    #[error("the value of '{column}' in row {row} is not a number")]
    NotANumber { column: String, row: usize },
    #[error("the value of '{column}' in row {row} is not a time")]
    NotATime { column: String, row: usize },
}

#[derive(Default)]
struct Bucket<'a> {
    rows: Vec<&'a RawValue>,
    sum: Sum,
}

/// `[{"label":…,"rows":[…],"aggregation":…,"aggregation_value":…,"dedup_count":…},…]`, in the order
/// of the labels. `rows` is a JSON array of objects.
pub fn grouped(plan: &GroupingPlan, rows: &[u8]) -> Result<Vec<u8>, PostError> {
    let all: Vec<&RawValue> = serde_json::from_slice(rows).map_err(PostError::UnreadableRows)?;
    let mut buckets: BTreeMap<String, Bucket<'_>> = BTreeMap::new();
    for (at, row) in all.into_iter().enumerate() {
        let picked = Picked::of(row, plan).map_err(PostError::UnreadableRows)?;
        let label = label::of(picked.by, plan.granularity)
            .ok_or_else(|| PostError::NotATime { column: plan.by.clone(), row: at })?;
        let bucket = buckets.entry(label).or_default();
        bucket.rows.push(row);
        if let Some(column) = &plan.sum {
            let added = bucket.sum.add(picked.sum, plan.is_distinct);
            added.ok_or_else(|| PostError::NotANumber { column: column.clone(), row: at })?;
        }
    }
    Ok(written(plan, buckets))
}

fn written(plan: &GroupingPlan, buckets: BTreeMap<String, Bucket<'_>>) -> Vec<u8> {
    let mut out = String::from("[");
    let mut running = Sum::default();
    for (label, bucket) in buckets {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str("{\"label\":");
        out.push_str(&serde_json::Value::from(label).to_string());
        out.push_str(",\"rows\":[");
        for (at, row) in bucket.rows.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(row.get());
        }
        out.push(']');
        running.take_in(&bucket.sum);
        let total = if plan.is_cumulative { &running } else { &bucket.sum };
        sums(&mut out, plan, total, bucket.sum.distinct());
        out.push('}');
    }
    out.push(']');
    out.into_bytes()
}

/// The sum as text, which no reader rounds, and as a number.
fn sums(out: &mut String, plan: &GroupingPlan, total: &Sum, distinct: usize) {
    match plan.sum {
        None => out.push_str(",\"aggregation\":null,\"aggregation_value\":null"),
        Some(_) => {
            let total = total.text();
            out.push_str(&format!(",\"aggregation\":\"{total}\",\"aggregation_value\":{total}"));
        }
    }
    match plan.is_distinct {
        true => out.push_str(&format!(",\"dedup_count\":{distinct}")),
        false => out.push_str(",\"dedup_count\":null"),
    }
}

#[cfg(test)]
mod tests;
