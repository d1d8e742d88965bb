//! What the members of an answer's objects are called.

/// The columns' names, each once: an object holds a name only once, so the second `a` is `a_2`.
pub fn distinct_names(columns: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for name in columns {
        let is_taken = |name: &str, names: &[String]| names.iter().any(|known| known == name);
        if !is_taken(name, &names) {
            names.push((*name).to_owned());
            continue;
        }
        let free = (2..)
            .map(|number| format!("{name}_{number}"))
            .find(|name| !is_taken(name, &names) && !columns.contains(&name.as_str()));
        names.extend(free);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_given_twice() {
        assert_eq!(distinct_names(&["a", "b"]), ["a", "b"]);
        assert_eq!(distinct_names(&["a", "a", "a_2", "a"]), ["a", "a_3", "a_2", "a_4"]);
    }
}
