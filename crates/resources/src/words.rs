//! Names of tables and columns in words for people.

/// Written in capitals wherever they stand.
const CAPITALS: [&str; 22] = [
    "id", "ids", "url", "uri", "uuid", "ip", "vat", "sku", "api", "json", "csv", "pdf", "html",
    "iban", "bic", "sql", "ui", "utc", "sla", "kyc", "crm", "faq",
];

/// `invoice_lines` and `invoiceLines` are `Invoice lines`.
pub fn label(name: &str) -> String {
    let mut text = String::new();
    for (index, word) in words(name).iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        if word == "ids" {
            text.push_str("IDs");
        } else if CAPITALS.contains(&word.as_str()) {
            text.push_str(&word.to_uppercase());
        } else if index == 0 {
            let mut chars = word.chars();
            text.extend(chars.next().into_iter().flat_map(char::to_uppercase));
            text.push_str(chars.as_str());
        } else {
            text.push_str(word);
        }
    }
    if text.is_empty() { name.to_owned() } else { text }
}

/// The words of a name, in lower case.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_small = false;
    for c in name.chars() {
        if matches!(c, '_' | '-' | ' ' | '.') {
            words.push(String::new());
        } else {
            if c.is_uppercase() && before_is_small {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before_is_small = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Many of them: `Invoice line` is `Invoice lines`, and what is many already stays.
pub fn plural(label: &str) -> String {
    let last = label.rsplit(' ').next().unwrap_or(label).to_lowercase();
    let is_name = !last.ends_with(|c: char| c.is_ascii_alphabetic());
    if is_name || singular(label) != label || ALIKE.contains(&last.as_str()) {
        return label.to_owned();
    }
    let before_y = last.strip_suffix('y').and_then(|stem| stem.chars().last());
    if before_y.is_some_and(|c| !"aeiou".contains(c)) {
        return format!("{}ies", &label[..label.len() - 1]);
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| last.ends_with(end));
    format!("{label}{}", if hisses { "es" } else { "s" })
}

/// One is called as many are.
const ALIKE: [&str; 9] =
    ["data", "media", "news", "staff", "equipment", "information", "series", "people", "children"];

/// One of them: `Invoice lines` is `Invoice line`. English, and careful where unsure.
pub fn singular(plural: &str) -> String {
    let start = plural.rfind(' ').map_or(0, |blank| blank + 1);
    let (head, last) = plural.split_at(start);
    let lower = last.to_lowercase();
    let cut = |by: usize, add: &str| format!("{}{add}", &last[..last.len() - by]);
    let irregular = match lower.as_str() {
        "people" => Some("person"),
        "children" => Some("child"),
        "men" => Some("man"),
        "women" => Some("woman"),
        "indices" => Some("index"),
        "criteria" => Some("criterion"),
        "movies" => Some("movie"),
        "statuses" => Some("status"),
        "addresses" => Some("address"),
        _ => None,
    };
    let single = match irregular {
        Some(word) if last.starts_with(char::is_uppercase) => label(word),
        Some(word) => word.to_owned(),
        None if !last.is_ascii() => last.to_owned(),
        None if matches!(lower.as_str(), "news" | "series" | "species") => last.to_owned(),
        None if lower.ends_with("ies") && lower.len() > 4 => cut(3, "y"),
        None if ["sses", "xes", "ches", "shes"].iter().any(|end| lower.ends_with(end)) => {
            cut(2, "")
        }
        None if ["ss", "us", "is"].iter().any(|end| lower.ends_with(end)) => last.to_owned(),
        None if lower.ends_with('s') && lower.len() > 2 => cut(1, ""),
        None => last.to_owned(),
    };
    format!("{head}{single}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        let cases = [
            ("invoice_lines", "Invoice lines"),
            ("invoiceLines", "Invoice lines"),
            ("invoice_id", "Invoice ID"),
            ("Odd Table", "Odd table"),
            ("vat_number", "VAT number"),
            ("résumé", "Résumé"),
            ("__", "__"),
        ];
        for (name, expected) in cases {
            assert_eq!(label(name), expected);
        }
    }

    #[test]
    fn one_of_many_is_named() {
        let cases = [
            ("Invoice lines", "Invoice line"),
            ("Companies", "Company"),
            ("People", "Person"),
            ("Addresses", "Address"),
            ("Boxes", "Box"),
            ("Invoices", "Invoice"),
            ("Status", "Status"),
            ("Album", "Album"),
            ("News", "News"),
            ("Größen", "Größen"),
        ];
        for (plural, expected) in cases {
            assert_eq!(singular(plural), expected);
        }
    }

    #[test]
    fn many_of_one_thing() {
        for (label, many) in [
            ("Album", "Albums"),
            ("Invoice line", "Invoice lines"),
            ("Invoice lines", "Invoice lines"),
            ("Category", "Categories"),
            ("Day", "Days"),
            ("Box", "Boxes"),
            ("People", "People"),
            ("Media", "Media"),
            ("Import log", "Import logs"),
            ("名前", "名前"),
        ] {
            assert_eq!(plural(label), many, "{label}");
        }
    }
}
