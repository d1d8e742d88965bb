//! A strict reader of the page, text format 0.0.4, for tests: it refuses what a lenient one forgives.

use std::{collections::BTreeMap, iter::Peekable, str::Chars};

/// A page that was read. Samples are kept under their name and their labels in order.
#[derive(Debug, Default)]
pub struct Exposition {
    kinds: BTreeMap<String, String>,
    samples: BTreeMap<(String, Labels), f64>,
}

type Labels = Vec<(String, String)>;

impl Exposition {
    /// The page, or what is wrong with it.
    pub fn read(page: &str) -> Result<Self, String> {
        if !page.ends_with('\n') {
            return Err("the last line has no end".to_owned());
        }
        let mut read = Self::default();
        let mut family = None;
        for line in page.lines() {
            read.line(line, &mut family).map_err(|wrong| format!("{wrong}: {line}"))?;
        }
        read.check_histograms()?;
        Ok(read)
    }

    /// How many series there are.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    pub fn has_family(&self, name: &str) -> bool {
        self.kinds.contains_key(name)
    }

    /// The families there are, by name.
    pub fn families(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut labels: Labels =
            labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        labels.sort();
        self.samples.get(&(name.to_owned(), labels)).copied()
    }

    /// The samples of one name whose labels contain these, added up.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |all: &Labels, (key, value): &(&str, &str)| {
            all.iter().any(|(k, v)| k == key && v == value)
        };
        let matching = self.samples.iter().filter(|((known, all), _)| {
            known == name && labels.iter().all(|label| has(all, label))
        });
        matching.map(|(_, value)| value).sum()
    }

    /// Every value that a label has, over all families.
    pub fn values_of(&self, label: &str) -> Vec<&str> {
        let labels = self.samples.keys().flat_map(|(_, labels)| labels);
        let mut values: Vec<&str> =
            labels.filter(|(key, _)| key == label).map(|(_, value)| value.as_str()).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    fn line(&mut self, line: &str, family: &mut Option<String>) -> Result<(), String> {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, _help) = rest.split_once(' ').ok_or("no help")?;
            if self.kinds.contains_key(name) {
                return Err("a family is there twice".to_owned());
            }
            *family = Some(check_name(name)?.to_owned());
            return Ok(());
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or("no type")?;
            if family.as_deref() != Some(name) {
                return Err("a type without its help before it".to_owned());
            }
            if !["counter", "gauge", "histogram", "summary", "untyped"].contains(&kind) {
                return Err("no such type".to_owned());
            }
            if self.kinds.insert(name.to_owned(), kind.to_owned()).is_some() {
                return Err("a family is there twice".to_owned());
            }
            return Ok(());
        }
        if line.starts_with('#') || line.is_empty() {
            return Err("neither help, type nor sample".to_owned());
        }
        self.sample(line, family.as_deref().ok_or("a sample before every family")?)
    }

    fn sample(&mut self, line: &str, family: &str) -> Result<(), String> {
        let kind = self.kinds.get(family).ok_or("a sample before its type")?;
        let end = line.find(['{', ' ']).ok_or("no value")?;
        let (name, rest) = line.split_at(end);
        let suffix = check_name(name)?.strip_prefix(family).ok_or("a sample of another family")?;
        let fits = match kind.as_str() {
            "histogram" => ["_bucket", "_sum", "_count"].contains(&suffix),
            _ => suffix.is_empty(),
        };
        if !fits {
            return Err("a sample of another family".to_owned());
        }
        let mut chars = rest.chars().peekable();
        let mut labels =
            if chars.peek() == Some(&'{') { read_labels(&mut chars)? } else { Vec::new() };
        if chars.next() != Some(' ') {
            return Err("no space before the value".to_owned());
        }
        let text: String = chars.collect();
        let value: f64 = text.parse().map_err(|_odd| "no number".to_owned())?;
        if kind == "counter" && (value < 0.0 || !family.ends_with("_total")) {
            return Err("no counter".to_owned());
        }
        labels.sort();
        if labels.windows(2).any(|two| two[0].0 == two[1].0) {
            return Err("a label is there twice".to_owned());
        }
        match self.samples.insert((name.to_owned(), labels), value) {
            None => Ok(()),
            Some(_) => Err("a series is there twice".to_owned()),
        }
    }

    /// Buckets grow, the last one is everything, and everything is the count.
    fn check_histograms(&self) -> Result<(), String> {
        let histograms = self.kinds.iter().filter(|(_, kind)| *kind == "histogram");
        for (family, _) in histograms {
            let mut series: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
            let name = format!("{family}_bucket");
            for ((_, labels), value) in self.samples.iter().filter(|((known, _), _)| *known == name)
            {
                let (le, rest): (Labels, Labels) =
                    labels.iter().cloned().partition(|(key, _)| key == "le");
                let [(_, le)] = le.as_slice() else { return Err(format!("{family}: no le")) };
                let bound =
                    if le == "+Inf" { f64::INFINITY } else { le.parse().unwrap_or(f64::NAN) };
                series.entry(rest).or_default().push((bound, *value));
            }
            for (labels, mut buckets) in series {
                buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
                let count = self.samples.get(&(format!("{family}_count"), labels.clone()));
                let has_sum = self.samples.contains_key(&(format!("{family}_sum"), labels));
                let grows = buckets.windows(2).all(|two| two[0].1 <= two[1].1);
                let last = buckets.last().filter(|(bound, _)| bound.is_infinite());
                if !has_sum || !grows || last.map(|(_, value)| value) != count {
                    return Err(format!("{family}: the buckets do not add up"));
                }
            }
        }
        Ok(())
    }
}

fn check_name(name: &str) -> Result<&str, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let is_name = name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_name && !name.is_empty() { Ok(name) } else { Err(format!("{name:?} is no name")) }
}

fn read_labels(chars: &mut Peekable<Chars<'_>>) -> Result<Labels, String> {
    let mut labels = Vec::new();
    chars.next();
    loop {
        let mut key = String::new();
        while let Some(c) = chars.next_if(|c| *c != '=') {
            key.push(c);
        }
        if key.contains(':') {
            return Err("a colon in a label".to_owned());
        }
        check_name(&key)?;
        if chars.next() != Some('=') || chars.next() != Some('"') {
            return Err("no value of a label".to_owned());
        }
        labels.push((key, read_value(chars)?));
        match chars.next() {
            Some(',') => {}
            Some('}') => return Ok(labels),
            _ => return Err("labels without an end".to_owned()),
        }
    }
}

fn read_value(chars: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut value = String::new();
    loop {
        match chars.next().ok_or("a value without an end")? {
            '"' => return Ok(value),
            '\\' => match chars.next() {
                Some('n') => value.push('\n'),
                Some(c @ ('\\' | '"')) => value.push(c),
                _ => return Err("no such escape".to_owned()),
            },
            c => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exposition;

    #[test]
    fn what_is_wrong_is_refused() {
        let head = "# HELP a_total A.\n# TYPE a_total counter\n";
        for (what, page) in [
            ("no end", format!("{head}a_total 1")),
            ("twice", format!("{head}a_total 1\na_total 2\n")),
            ("twice, in another order", format!("{head}a_total{{b=\"1\",c=\"2\"}} 1\na_total{{c=\"2\",b=\"1\"}} 2\n")),
            ("another family", format!("{head}b 1\n")),
            ("no type", "# HELP a A.\na 1\n".to_owned()),
            ("less than nothing", format!("{head}a_total -1\n")),
            ("no number", format!("{head}a_total one\n")),
            ("an open quote", format!("{head}a_total{{b=\"1}} 1\n")),
            ("no such escape", format!("{head}a_total{{b=\"\\t\"}} 1\n")),
            ("empty braces", format!("{head}a_total{{}} 1\n")),
            ("the family again", format!("{head}a_total 1\n{head}")),
            ("falling buckets", "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n".to_owned()),
            ("no last bucket", "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n".to_owned()),
        ] {
            assert!(Exposition::read(&page).is_err(), "{what}");
        }
        let good = format!("{head}a_total{{b=\"\\\\ \\\" \\n\"}} 1\n");
        let read = Exposition::read(&good).unwrap();
        assert_eq!(read.value("a_total", &[("b", "\\ \" \n")]), Some(1.0));
    }
}
