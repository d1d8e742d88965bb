//! Neighbouring addresses of a list: one filter less, another order, the next page.

use crate::links;
use api_types::console::{ListPage, ListQuery, SortTerm};

/// The list under another query.
pub fn with_query(page: &ListPage, query: &ListQuery) -> String {
    links::list_with(&page.resource.client, &page.resource.key, &links::of_list(query))
}

/// The list changed in one respect, from its first page.
pub fn changed(page: &ListPage, change: impl FnOnce(&mut ListQuery)) -> String {
    let mut query = page.query.clone();
    query.page = 1;
    change(&mut query);
    with_query(page, &query)
}

pub fn page(page: &ListPage, number: u32) -> String {
    let query = ListQuery { page: number, ..page.query.clone() };
    with_query(page, &query)
}

/// Ascending, then descending, then unsorted. `beside` keeps the other columns' order.
pub fn sorted(page: &ListPage, column: &str, beside: bool) -> String {
    changed(page, |query| query.sort = next_sort(&query.sort, column, beside))
}

fn next_sort(sort: &[SortTerm], column: &str, beside: bool) -> Vec<SortTerm> {
    let now = sort.iter().find(|term| term.column == column);
    let next = match now {
        None => Some(false),
        Some(term) if !term.descending => Some(true),
        Some(_) => None,
    };
    let next = next.map(|descending| SortTerm { column: column.to_owned(), descending });
    if !beside {
        return next.into_iter().collect();
    }
    match (now, next) {
        (Some(_), Some(next)) => {
            let swap =
                |term: &SortTerm| if term.column == column { next.clone() } else { term.clone() };
            sort.iter().map(swap).collect()
        }
        (None, next) => sort.iter().cloned().chain(next).collect(),
        (Some(_), None) => sort.iter().filter(|term| term.column != column).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(sort: &[SortTerm]) -> Vec<String> {
        let word =
            |term: &SortTerm| format!("{}{}", if term.descending { "-" } else { "" }, term.column);
        sort.iter().map(word).collect()
    }

    #[test]
    fn a_header_steps_up_down_and_off() {
        let once = next_sort(&[], "due", false);
        let twice = next_sort(&once, "due", false);
        assert_eq!((words(&once), words(&twice)), (vec!["due".into()], vec!["-due".into()]));
        assert_eq!(next_sort(&twice, "due", false), vec![]);
    }

    #[test]
    fn a_second_column_sorts_beside_the_first_only_when_asked() {
        let due = next_sort(&[], "due", false);
        let both = next_sort(&due, "amount", true);
        assert_eq!(words(&both), ["due", "amount"]);
        assert_eq!(words(&next_sort(&both, "due", true)), ["-due", "amount"]);
        assert_eq!(words(&next_sort(&both, "amount", false)), ["-amount"]);
    }
}
