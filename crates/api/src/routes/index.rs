//! Which listed route answers a path, without looking through the whole list for each request.

use super::{ROUTES, Route};
use http::Method;
use std::{collections::HashMap, sync::LazyLock};

struct Index {
    /// Whole paths, under each mount. What answers each was found by looking through the list once.
    whole: HashMap<String, Vec<&'static Route>>,
    /// Paths that go on, in the order of the list.
    open: Vec<&'static Route>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let (open, fixed): (Vec<&Route>, Vec<&Route>) =
        ROUTES.iter().partition(|route| route.path.contains('{'));
    let paths = fixed
        .iter()
        .flat_map(|route| route.mounts().iter().map(|mount| format!("{mount}{}", route.path)));
    let whole = paths.map(|path| {
        let answering = ROUTES.iter().filter(|route| route.answers(&path)).collect();
        (path, answering)
    });
    Index { whole: whole.collect(), open }
});

/// Every listed route that answers this path, first come first.
pub(crate) fn answering(path: &str) -> impl Iterator<Item = &'static Route> {
    let whole = INDEX.whole.get(path);
    let open = whole.is_none().then(|| INDEX.open.iter().filter(|route| route.answers(path)));
    whole.into_iter().flatten().chain(open.into_iter().flatten()).copied()
}

/// The listed route that answers this, under any of its mounts.
pub(crate) fn find(method: &Method, path: &str) -> Option<&'static Route> {
    answering(path).find(|route| route.method == *method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_found_as_if_the_whole_list_were_looked_through() {
        let ends = ["", "x", "x/y", "/"];
        let mut found = 0;
        for route in ROUTES.iter() {
            let fixed = route.path.split('{').next().unwrap();
            for mount in ["", "/db", "/api/athena", "/nowhere"] {
                for path in ends.map(|end| format!("{mount}{fixed}{end}")) {
                    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
                        let listed =
                            ROUTES.iter().find(|it| it.method == method && it.answers(&path));
                        assert_eq!(find(&method, &path), listed, "{method} {path}");
                        found += usize::from(listed.is_some());
                    }
                }
            }
        }
        assert!(found > ROUTES.len(), "{found}");
    }
}
