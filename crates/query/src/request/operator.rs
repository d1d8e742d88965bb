//! The words for operators.

use super::Operator;

/// An operator by any of its names.
pub(super) fn known(word: &str) -> Option<Operator> {
    Some(match word {
        "eq" | "=" => Operator::Eq,
        "neq" | "ne" | "not_eq" | "!=" | "<>" => Operator::Neq,
        "gt" | ">" => Operator::Gt,
        "gte" | ">=" => Operator::Gte,
        "lt" | "<" => Operator::Lt,
        "lte" | "<=" => Operator::Lte,
        "like" => Operator::Like,
        "ilike" | "i_like" => Operator::Ilike,
        "in" => Operator::In,
        "not_in" | "notIn" | "nin" => Operator::NotIn,
        "is" => Operator::Is,
        "is_null" | "isNull" => Operator::IsNull,
        "not_null" | "is_not_null" | "notNull" => Operator::NotNull,
        "contains" | "cs" | "array_contains" => Operator::Contains,
        "contained" | "cd" | "contained_by" | "containedBy" | "array_contained" => {
            Operator::Contained
        }
        _ => return None,
    })
}

/// `not.eq` is `eq`, turned round.
pub(super) fn split_negation(word: &str) -> (bool, &str) {
    word.strip_prefix("not.").map_or((false, word), |operator| (true, operator))
}

pub(super) fn takes_no_value(operator: &str) -> bool {
    matches!(known(operator), Some(Operator::IsNull | Operator::NotNull))
}
