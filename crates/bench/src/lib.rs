//! What speed is measured with: one table, the least a gateway could do, and a contest between it and Athena.

pub mod arguments;
pub mod contest;
pub mod control;
pub mod limit;
pub mod rest;
pub mod table;
pub mod values;

pub use table::{COLUMNS, create_table};

/// Leave to read, as the gateway gives itself for its own work.
pub fn permit() -> auth::Permit {
    auth::Permit::system()
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
