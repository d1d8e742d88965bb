//! What any backend must do.

use crate::support;
use test_support::backend_contract::{Subject, TABLES};

async fn subject() -> Subject {
    support::subject(TABLES).await
}

test_support::backend_contract!(super::subject);
