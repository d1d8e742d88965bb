//! Work that is done to its end.

/// What came of it, whoever stopped waiting. Nothing when the runtime ended before.
pub async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    match tokio::spawn(work).await {
        Ok(done) => Some(done),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_ended) => None,
    }
}
