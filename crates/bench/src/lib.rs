//! What speed is measured with: one table, and the same rows fetched in several ways.

pub mod arguments;
pub mod limit;
pub mod values;

/// Seven columns of the kinds that gateways meet most.
pub const COLUMNS: &str = "id, name, email, amount, active, created_at, reference";

/// Makes the table; `$rows` is put in by [`create_table`].
const CREATE: &str = "
DROP TABLE IF EXISTS bench;
CREATE TABLE bench (
    id bigint PRIMARY KEY, name text NOT NULL, email text, amount numeric(12,2) NOT NULL,
    active boolean NOT NULL, created_at timestamptz NOT NULL, reference uuid NOT NULL
);
INSERT INTO bench
SELECT i, 'Customer ' || i, CASE WHEN i % 10 > 0 THEN 'c' || i || '@example.test' END,
       (i * 7919 % 1000000)::numeric / 100, i % 3 = 0,
       timestamptz '2024-01-01' + i * interval '37.123456 s', md5(i::text)::uuid
FROM generate_series(1::bigint, $rows) AS i;
ANALYZE bench;
";

/// Leave to read, as the gateway gives itself for its own work.
pub fn permit() -> auth::Permit {
    auth::Permit::system()
}

/// The SQL that fills the table with this many rows.
pub fn create_table(rows: u64) -> String {
    CREATE.replace("$rows", &rows.to_string())
}

/// The middle of an odd number of measurements, or the upper middle of an even one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_order_and_outliers() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
    }
}
