//! The two members of a row that matter, found without reading the rest.

use crate::plan::GroupingPlan;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

#[derive(Default)]
pub(super) struct Picked<'a> {
    pub(super) by: Option<&'a RawValue>,
    pub(super) sum: Option<&'a RawValue>,
}

impl<'a> Picked<'a> {
    pub(super) fn of(row: &'a RawValue, plan: &GroupingPlan) -> Result<Self, serde_json::Error> {
        Pick(plan).deserialize(&mut serde_json::Deserializer::from_str(row.get()))
    }
}

struct Pick<'p>(&'p GroupingPlan);

impl<'de> DeserializeSeed<'de> for Pick<'_> {
    type Value = Picked<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pick<'_> {
    type Value = Picked<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut picked = Picked::default();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let is_by = *name == *self.0.by;
            let is_sum = self.0.sum.as_deref() == Some(&*name);
            if !(is_by || is_sum) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value::<&RawValue>()?;
            if is_by {
                picked.by = Some(value);
            }
            if is_sum {
                picked.sum = Some(value);
            }
        }
        Ok(picked)
    }
}
