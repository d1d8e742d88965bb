//! Drizzle snapshots and `resources.yaml`, made into the resources the console shows. No I/O but
//! reading those files.

pub mod snapshot;
