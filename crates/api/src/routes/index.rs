//! Which listed route a path is, found without trying them all.

use super::{ROUTES, Route};
use http::Method;
use matchit::Router;
use std::{collections::BTreeMap, sync::LazyLock};

/// The methods of one path, each with its route's place in the list.
type Methods = Vec<(Method, usize)>;

static INDEX: LazyLock<Router<Methods>> = LazyLock::new(|| {
    let mut paths: BTreeMap<String, Methods> = BTreeMap::new();
    for (place, route) in ROUTES.iter().enumerate() {
        for mount in route.mounts() {
            let path = format!("{mount}{}", pattern(route.path));
            paths.entry(path).or_default().push((route.method.clone(), place));
        }
    }
    let mut index = Router::new();
    for (path, methods) in paths {
        index.insert(path, methods).expect("the listed paths can be told apart");
    }
    index
});

/// A key of a public route may have slashes in it.
fn pattern(path: &'static str) -> &'static str {
    if path.starts_with("/public/") { "/public/{*route}" } else { path }
}

fn at(path: &str) -> Option<&'static Methods> {
    let trimmed = path.strip_suffix('/').filter(|rest| !rest.is_empty());
    let found = INDEX.at(path).ok().or_else(|| INDEX.at(trimmed?).ok())?;
    Some(found.value)
}

/// Every listed route of this path, under any of its mounts.
pub(crate) fn answering(path: &str) -> impl Iterator<Item = &'static Route> {
    at(path).into_iter().flatten().map(|(_, place)| &ROUTES[*place])
}

/// The listed route that answers this, under any of its mounts.
pub(crate) fn find(method: &Method, path: &str) -> Option<&'static Route> {
    answering(path).find(|route| route.method == *method)
}

/// The place of the listed route that answers this; nothing for what is not listed.
pub(crate) fn place(method: &Method, path: &str) -> Option<usize> {
    let methods = at(path)?;
    let of = |wanted: &Method| {
        methods.iter().find(|(method, _)| method == wanted).map(|(_, place)| *place)
    };
    of(method).or_else(|| if *method == Method::HEAD { of(&Method::GET) } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_route_is_found_at_its_own_place() {
        for (expected, route) in ROUTES.iter().enumerate() {
            for mount in route.mounts() {
                let path = format!("{mount}{}", route.path).replace(['{', '}'], "");
                assert_eq!(place(&route.method, &path), Some(expected), "{path}");
                assert_eq!(find(&route.method, &path), Some(route), "{path}");
            }
        }
    }

    #[test]
    fn what_is_not_listed_has_no_place() {
        for path in ["/nowhere", "/gateway", "/gateway/fetch/more", "/admin/api-keys/a/b/c", ""] {
            assert_eq!(place(&Method::POST, path), None, "{path}");
        }
        assert_eq!(place(&Method::OPTIONS, "/gateway/fetch"), None);
        assert_eq!(place(&Method::HEAD, "/ping"), place(&Method::GET, "/ping"));
        let nested = place(&Method::POST, "/public/harbour/ships/fetch");
        assert_eq!(nested.map(|place| ROUTES[place].path), Some("/public/{route_key}/{op}"));
    }
}
