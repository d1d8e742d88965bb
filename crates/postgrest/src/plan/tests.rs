//! What has to hold for this stage.
