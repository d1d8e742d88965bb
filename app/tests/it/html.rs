//! As much of HTML as the tests look at: elements with their attributes, and the text between.

use std::collections::HashSet;

pub struct Html<'a>(&'a str);

#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    pub name: &'a str,
    inside: &'a str,
}

impl<'a> Html<'a> {
    pub fn new(source: &'a str) -> Self {
        Self(source)
    }

    /// Every start tag, in order.
    pub fn elements(&self) -> Vec<Element<'a>> {
        pieces(self.0).into_iter().filter_map(|piece| piece.element).collect()
    }

    pub fn all(&self, name: &str) -> Vec<Element<'a>> {
        self.elements().into_iter().filter(|element| element.name == name).collect()
    }

    pub fn by_id(&self, id: &str) -> Option<Element<'a>> {
        self.elements().into_iter().find(|element| element.get("id").as_deref() == Some(id))
    }

    /// What a person reads, with single spaces.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for piece in pieces(self.0) {
            // A comment splits text that a person reads as one word.
            out.push_str(if piece.is_comment { "" } else { " " });
            if piece.element.is_none_or(|element| !matches!(element.name, "script" | "style")) {
                out.push_str(piece.text);
            }
        }
        unescape(&out).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What is wrong with this document, whichever page it is.
    pub fn faults(&self) -> Vec<String> {
        let elements = self.elements();
        let mut ids = HashSet::new();
        let mut faults = Vec::new();
        for id in elements.iter().filter_map(|element| element.get("id")) {
            if !ids.insert(id.clone()) {
                faults.push(format!("the id {id} is there twice"));
            }
        }
        for element in &elements {
            for name in ["for", "list", "aria-labelledby", "aria-describedby", "aria-controls"] {
                for target in element.get(name).unwrap_or_default().split_whitespace() {
                    if !ids.contains(target) {
                        faults.push(format!("{name}={target} of {element:?} leads nowhere"));
                    }
                }
            }
        }
        let count = |name: &str| elements.iter().filter(|element| element.name == name).count();
        for (name, found) in [("main", count("main")), ("title", count("title"))] {
            if found != 1 {
                faults.push(format!("there are {found} of {name}"));
            }
        }
        let headings = ["h1", "h2"].map(count);
        if headings == [0, 0] {
            faults.push("there is no heading".to_owned());
        }
        faults
    }
}

impl Element<'_> {
    /// An attribute's value; empty when it stands there without one.
    pub fn get(&self, name: &str) -> Option<String> {
        let mut rest = self.inside;
        while !rest.trim_start().is_empty() {
            rest = rest.trim_start();
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            let (value, after) = match after.strip_prefix("=\"") {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => ("", after.strip_prefix('=').unwrap_or(after)),
            };
            if key == name {
                return Some(unescape(value));
            }
            rest = after;
        }
        None
    }
}

/// A tag or comment with the text behind it.
struct Piece<'a> {
    element: Option<Element<'a>>,
    is_comment: bool,
    text: &'a str,
}

fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..];
        let end = tag_end(tag);
        let (inside, behind) = (&tag[..end], tag.get(end + 1..).unwrap_or_default());
        let element = element(inside);
        // Inside a script `<` is a character like any other.
        let raw = element.filter(|element| matches!(element.name, "script" | "style"));
        let text = match raw {
            Some(raw) => behind.find(&format!("</{}", raw.name)).unwrap_or(behind.len()),
            None => behind.find('<').unwrap_or(behind.len()),
        };
        all.push(Piece { element, is_comment: inside.starts_with('!'), text: &behind[..text] });
        rest = &behind[text..];
    }
    all
}

/// Where the tag's own `>` stands, outside of quoted values.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    for (at, c) in tag.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            _ => {}
        }
    }
    tag.len()
}

fn element(inside: &str) -> Option<Element<'_>> {
    if inside.starts_with(['/', '!']) {
        return None;
    }
    let end = inside.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(inside.len());
    Some(Element { name: &inside[..end], inside: inside[end..].trim_end_matches('/') })
}

fn unescape(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[test]
fn the_checks_find_what_is_wrong() {
    let html = Html::new(
        r#"<p id="a">x > y</p><i id=a></i><b id="a" title="1 > 0 &amp; "></b><label for="z">"#,
    );
    let faults = html.faults();
    assert_eq!(faults.len(), 5, "{faults:?}");
    assert_eq!(html.all("b")[0].get("title").as_deref(), Some("1 > 0 & "));
    assert_eq!(
        Html::new("<p>a<!>b<br/>c</p><script>if (1<2) d</script> <!-- no --> e").text(),
        "ab c e"
    );
}
