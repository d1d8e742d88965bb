//! PostgreSQL's own notation of a query, as far as it tells where columns come from.

use super::Place;
use std::collections::HashMap;

/// Where each column of the outermost query comes from, if it is a column of a relation.
///
/// The notation nests braces around nodes and brackets around lists; a backslash before a
/// character makes it part of a word.
pub(super) fn origins(definition: &str) -> HashMap<i16, Place> {
    let mut origins = HashMap::new();
    for entry in outermost_entries(definition) {
        // The column's name stands between these, and may look like either.
        let position = entry.split_once(":resno ").and_then(|(_, rest)| number(rest));
        let last = |field: &str| entry.rsplit_once(field).and_then(|(_, rest)| number(rest));
        let (Some(position), Some(table), Some(column)) =
            (position, last(":resorigtbl "), last(":resorigcol "))
        else {
            continue;
        };
        if table == 0 {
            continue;
        }
        if let (Ok(position), Ok(column)) = (position.try_into(), column.try_into()) {
            origins.insert(position, (table, column));
        }
    }
    origins
}

/// How deep the outermost query's fields stand: in its own braces.
const IN_QUERY: u32 = 1;
const IN_ENTRY: u32 = IN_QUERY + 1;

/// The end of each entry of the outermost target list, after the expression it shows.
fn outermost_entries(definition: &str) -> Vec<&str> {
    let bytes = definition.as_bytes();
    let (mut depth, mut in_list, mut start, mut at) = (0u32, false, 0, 0);
    let mut entries = Vec::new();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'{' => {
                depth += 1;
                start = at;
            }
            b'}' => {
                if in_list && depth == IN_ENTRY {
                    entries.extend(definition.get(start..at));
                }
                depth = depth.saturating_sub(1);
                // What follows belongs to the node around the one that ends here.
                start = at;
            }
            b':' if depth == IN_QUERY => in_list = bytes[at..].starts_with(b":targetList "),
            _ => {}
        }
        at += 1;
    }
    entries
}

fn number(text: &str) -> Option<i64> {
    text.split([' ', ')', '}']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = r#"({QUERY :commandType 1 :rtable ({RANGETBLENTRY :alias {ALIAS :aliasname \:targetList :colnames <>} :subquery {QUERY :targetList ({TARGETENTRY :expr {VAR :varno 1} :resno 1 :resname id :resorigtbl 7 :resorigcol 7 :resjunk false})} :relid 5}) :jointree {FROMEXPR :fromlist ({RANGETBLREF :rtindex 1}) :quals <>} :targetList ({TARGETENTRY :expr {VAR :varno 1 :varattno 1} :resno 1 :resname id :ressortgroupref 0 :resorigtbl 16387 :resorigcol 1 :resjunk false} {TARGETENTRY :expr {FUNCEXPR :args ({CONST :constvalue 4 [ 16 0 0 0 ]})} :resno 2 :resname odd\ \}\ name :ressortgroupref 0 :resorigtbl 0 :resorigcol 0 :resjunk false} {TARGETENTRY :expr {VAR :varno 2} :resno 3 :resname :resno\ 9:resorigtbl :ressortgroupref 0 :resorigtbl 16390 :resorigcol 4 :resjunk false}) :override 0 :onConflict <> :returningList ({TARGETENTRY :expr {VAR :varno 2} :resno 5 :resorigtbl 3 :resorigcol 4 :resjunk false})})"#;

    #[test]
    fn the_columns_of_the_outermost_query_are_traced_and_expressions_are_not() {
        let expected = HashMap::from([(1, (16387, 1)), (3, (16390, 4))]);
        assert_eq!(origins(DEFINITION), expected);
    }

    #[test]
    fn a_definition_cut_off_anywhere_is_read_as_far_as_it_goes() {
        for end in 0..DEFINITION.len() {
            let _ = origins(&DEFINITION[..end]);
        }
        assert!(origins("}}}}").is_empty());
    }
}
