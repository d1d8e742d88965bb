//! Parts that more than one page uses.

pub mod cell;
pub mod combobox;
pub mod control;
pub mod count;
pub mod editable;
pub mod empty;
pub mod icon;
pub mod json;
pub mod problem;
