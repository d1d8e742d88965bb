//! `config.yaml` and the environment, raw then resolved.
