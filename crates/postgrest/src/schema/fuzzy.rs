//! The name that may have been meant, measured as PostgREST's fuzzy sets measure.

use std::collections::HashMap;

/// Names of relations and routines are only suggested when they are this close: they may be secret.
pub(super) const CLOSE: f64 = 0.75;
/// Names of parameters, and of what a known relation relates to.
pub(super) const LIKELY: f64 = 0.33;

/// How many candidates with the most n-grams in common are compared letter by letter.
const CANDIDATES: usize = 50;
/// More names than this are not searched: the hint is not worth the time.
const MOST_NAMES: usize = 500;
/// Longer words are nobody's typing mistake, and comparing them takes the square of their length.
const LONGEST: usize = 1000;

/// A candidate and how like the word it is: 1 for the same but for case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Match<'n> {
    pub score: f64,
    pub name: &'n str,
}

/// The candidates that are at least so like the word, the best first.
pub(super) fn matches<'n>(
    names: impl IntoIterator<Item = &'n str>,
    word: &str,
    at_least: f64,
) -> Vec<Match<'n>> {
    let mut names: Vec<(String, &str)> =
        names.into_iter().map(|name| (name.to_lowercase(), name)).collect();
    let word = word.to_lowercase();
    if names.len() >= MOST_NAMES || word.chars().count() > LONGEST {
        return Vec::new();
    }
    names.sort();
    names.dedup_by(|left, right| left.0 == right.0);
    if let Some((_, name)) = names.iter().find(|(key, _)| *key == word) {
        return vec![Match { score: 1.0, name }];
    }
    // Pairs of letters are only looked at when no three letters match.
    let by_three = matches_by(&names, &word, 3, at_least);
    if by_three.is_empty() { matches_by(&names, &word, 2, at_least) } else { by_three }
}

/// The best candidate.
pub(super) fn best<'n>(
    names: impl IntoIterator<Item = &'n str>,
    word: &str,
    at_least: f64,
) -> Option<&'n str> {
    matches(names, word, at_least).first().map(|found| found.name)
}

fn matches_by<'n>(
    names: &[(String, &'n str)],
    word: &str,
    size: usize,
    at_least: f64,
) -> Vec<Match<'n>> {
    let wanted = grams(word, size);
    let mut candidates: Vec<(f64, &str, &'n str)> = names
        .iter()
        .map(|(key, name)| (cosine(&wanted, &grams(key, size)), key.as_str(), *name))
        .filter(|(cosine, ..)| *cosine > 0.0)
        .collect();
    candidates.sort_by(|left, right| right.0.total_cmp(&left.0));
    candidates.truncate(CANDIDATES);
    let mut found: Vec<Match<'n>> = candidates
        .into_iter()
        .map(|(_, key, name)| Match { score: likeness(word, key), name })
        .filter(|found| found.score >= at_least)
        .collect();
    found.sort_by(|left, right| right.score.total_cmp(&left.score));
    found
}

/// How often each run of letters occurs, the ends marked by hyphens.
fn grams(word: &str, size: usize) -> HashMap<Vec<char>, u32> {
    let kept = word.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace() || *c == ',');
    let letters: Vec<char> = std::iter::once('-').chain(kept).chain(std::iter::once('-')).collect();
    let mut counts = HashMap::new();
    for run in letters.windows(size) {
        *counts.entry(run.to_vec()).or_default() += 1;
    }
    counts
}

fn cosine(left: &HashMap<Vec<char>, u32>, right: &HashMap<Vec<char>, u32>) -> f64 {
    let shared: u32 =
        left.iter().map(|(run, count)| count * right.get(run).copied().unwrap_or(0)).sum();
    let norm = |counts: &HashMap<Vec<char>, u32>| {
        f64::from(counts.values().map(|count| count * count).sum::<u32>()).sqrt()
    };
    if shared == 0 { 0.0 } else { f64::from(shared) / (norm(left) * norm(right)) }
}

/// One less the share of letters that have to change.
fn likeness(left: &str, right: &str) -> f64 {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let longest = left.len().max(right.len());
    if longest == 0 {
        return 1.0;
    }
    let share = |letters: usize| f64::from(u32::try_from(letters).unwrap_or(u32::MAX));
    1.0 - share(distance(&left, &right)) / share(longest)
}

/// How many letters have to be put in, taken out or changed.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (other_at, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[other_at + 1];
            row[other_at + 1] = changed.min(diagonal + 1).min(row[other_at] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_put_in_taken_out_and_changed_are_counted() {
        let letters = |word: &str| word.chars().collect::<Vec<char>>();
        for (left, right, expected) in
            [("", "", 0), ("kitten", "sitting", 3), ("abc", "", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(distance(&letters(left), &letters(right)), expected, "{left} {right}");
        }
    }

    #[test]
    fn the_likest_name_is_suggested_and_a_distant_one_is_not() {
        let names = ["test", "another", "films"];
        assert_eq!(best(names, "testt", CLOSE), Some("test"));
        assert_eq!(best(names, "film", CLOSE), Some("films"));
        assert_eq!(best(names, "other", CLOSE), None);
        assert_eq!(best(names, "other", LIKELY), Some("another"));
        assert_eq!(best(names, "noclosealternative", LIKELY), None);
    }

    #[test]
    fn a_name_that_differs_in_case_alone_is_a_whole_match() {
        assert_eq!(matches(["Films"], "fILMS", CLOSE), [Match { score: 1.0, name: "Films" }]);
    }

    #[test]
    fn lists_of_parameters_are_compared_as_they_are_written() {
        let lists = ["(name, param, val)", "(attr, id)"];
        assert_eq!(best(lists, "(nam, pqaram, vall)", LIKELY), Some("(name, param, val)"));
        assert_eq!(best(lists, "(param, val)", LIKELY), Some("(name, param, val)"));
        assert_eq!(best(lists, "(attrs, id)", LIKELY), Some("(attr, id)"));
        assert_eq!(best(lists, "(id)", LIKELY), Some("(attr, id)"));
        assert_eq!(best(lists, "(noclosealternative)", LIKELY), None);
    }

    #[test]
    fn a_word_of_any_length_and_alphabet_is_answered_quickly() {
        assert!(matches(["films"], &"é".repeat(100_000), LIKELY).is_empty());
        assert_eq!(best(["ありがとう"], "ありがと", LIKELY), Some("ありがとう"));
        assert!(matches(["films"], "", LIKELY).is_empty());
    }
}
