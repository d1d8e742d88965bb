//! Which fields a remote type can be: exactly, with a loss, or not at all.

use crate::Family;
use serde::{Deserialize, Serialize};

/// What a field of a resource is to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    Text,
    Textarea,
    Email,
    Url,
    Phone,
    Markdown,
    Code,
    Select,
    Radio,
    #[serde(alias = "color")]
    Colour,
    Number,
    Rating,
    Percent,
    Autonumber,
    Currency,
    Slider,
    Boolean,
    Toggle,
    Date,
    Time,
    Datetime,
    Json,
    Tags,
    Multiselect,
    Address,
    Lookup,
    User,
    File,
    Image,
    Vector,
}

/// How well a remote type and a field go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    Exact,
    Lossy,
    Incompatible,
}

use FieldType as F;

impl Family {
    /// The field that fits best.
    pub fn suggested(self) -> FieldType {
        match self {
            Self::Text | Self::Uuid | Self::Unknown => F::Text,
            Self::Integer | Self::Bigint | Self::Numeric | Self::Float => F::Number,
            Self::Boolean => F::Boolean,
            Self::Date => F::Date,
            Self::Time => F::Time,
            Self::Timestamp => F::Datetime,
            Self::Json => F::Json,
            Self::Bytes => F::File,
            Self::Enum => F::Select,
            Self::Array => F::Multiselect,
            Self::Vector => F::Vector,
        }
    }

    /// Fields that keep every value, beside the suggested one.
    fn also_exact(self) -> &'static [FieldType] {
        match self {
            Self::Text => &[
                F::Textarea,
                F::Email,
                F::Url,
                F::Phone,
                F::Markdown,
                F::Code,
                F::Select,
                F::Colour,
            ],
            Self::Integer => &[F::Rating, F::Percent, F::Autonumber],
            Self::Bigint => &[F::Autonumber],
            Self::Numeric => &[F::Currency, F::Percent],
            Self::Float => &[F::Currency, F::Percent, F::Slider],
            Self::Boolean => &[F::Toggle],
            Self::Json => &[F::Tags, F::Multiselect, F::Address],
            Self::Uuid => &[F::Lookup, F::User],
            Self::Bytes => &[F::Image],
            Self::Enum => &[F::Radio, F::Text],
            Self::Array => &[F::Tags, F::Json],
            Self::Date | Self::Time | Self::Timestamp | Self::Vector | Self::Unknown => &[],
        }
    }

    /// Fields that some values do not survive.
    fn lossy(self) -> &'static [FieldType] {
        match self {
            Self::Integer => &[F::Currency, F::Boolean],
            Self::Bigint => &[F::Currency],
            Self::Numeric => &[F::Rating],
            Self::Date => &[F::Datetime],
            Self::Timestamp => &[F::Date],
            Self::Json | Self::Bytes | Self::Array => &[F::Text],
            Self::Vector => &[F::Json],
            Self::Unknown => &[F::Text, F::Json],
            Self::Text | Self::Float | Self::Boolean | Self::Time | Self::Uuid | Self::Enum => &[],
        }
    }

    pub fn fit(self, field: FieldType) -> Fit {
        if self.lossy().contains(&field) {
            Fit::Lossy
        } else if self.suggested() == field || self.also_exact().contains(&field) {
            Fit::Exact
        } else {
            Fit::Incompatible
        }
    }
}
