//! One table of everything that was measured.

use super::process::Cpu;

/// What is asked of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    AtLeast(f64),
    Below(f64, &'static str),
}

/// One line of the table.
pub struct Line {
    pub title: String,
    pub gateway: String,
    pub limit: String,
    /// The number that is judged, how it is written, and by what.
    pub judged: Option<(f64, Bar)>,
    /// Athena's over the other's.
    pub ratio: Option<f64>,
    pub cpu: Option<[Cpu; 2]>,
    /// What the bare handler does on Athena's driver, over what it does on its own.
    pub driver: Option<f64>,
}

impl Bar {
    pub fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::Below(most, _) => value < most,
        }
    }

    fn shown(self) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {least:.2}"),
            Self::Below(most, unit) => format!("< {most:.0}{unit}"),
        }
    }
}

impl Line {
    pub fn is_missed(&self) -> bool {
        self.judged.is_some_and(|(value, bar)| !bar.is_met(value))
    }

    /// As Markdown.
    pub fn shown(&self) -> String {
        let ratio = self.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let judged = self.judged.map(|(value, bar)| verdict_of(value, bar));
        let (bar, verdict) = judged.unwrap_or_default();
        let [ours, theirs] = match self.cpu {
            Some(both) => both.map(|cpu| format!("{:.3} + {:.3}", cpu.server, cpu.database)),
            None => [String::new(), String::new()],
        };
        let driver = self.driver.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        format!(
            "| {} | {} | {} | {ratio} | {bar} | {verdict} | {ours} | {theirs} | {driver} |",
            self.title, self.gateway, self.limit
        )
    }
}

/// How a bar is written, and whether a number meets it.
pub fn verdict_of(value: f64, bar: Bar) -> (String, &'static str) {
    (bar.shown(), if bar.is_met(value) { "met" } else { "**not met**" })
}

/// How many bars were judged, and how many of them were missed.
pub fn verdict(lines: &[Line]) -> (usize, usize) {
    let judged = lines.iter().filter(|line| line.judged.is_some()).count();
    (judged, lines.iter().filter(|line| line.is_missed()).count())
}

/// The head of the table, as Markdown; the lines follow as they are measured.
pub const HEAD: &str = "\
| scenario | Athena | bare handler | ratio | bar | | CPU s per 1,000, server + database: Athena | bare handler | bare handler on Athena's driver: ratio |
|---|---|---|---|---|---|---|---|---|";

#[cfg(test)]
mod tests {
    use super::*;

    fn line(value: f64, bar: Bar) -> Line {
        Line {
            title: "point".to_owned(),
            gateway: "700/s".to_owned(),
            limit: "1000/s".to_owned(),
            judged: Some((value, bar)),
            ratio: Some(value),
            cpu: None,
            driver: None,
        }
    }

    #[test]
    fn a_bar_is_met_from_its_value_on_and_a_ceiling_below_it() {
        assert!(Bar::AtLeast(0.7).is_met(0.7));
        assert!(!Bar::AtLeast(0.7).is_met(0.699));
        assert!(Bar::Below(50.0, " ms").is_met(49.9));
        assert!(!Bar::Below(50.0, " ms").is_met(50.0));
    }

    #[test]
    fn a_number_that_is_none_meets_no_bar() {
        assert!(line(f64::NAN, Bar::AtLeast(0.7)).is_missed());
        assert!(line(f64::NAN, Bar::Below(50.0, " ms")).is_missed());
    }

    #[test]
    fn the_table_says_what_was_met_and_what_was_not() {
        let lines = [line(0.7, Bar::AtLeast(0.7)), line(0.69, Bar::AtLeast(0.7))];
        let [met, missed] = lines.each_ref().map(Line::shown);
        assert!(met.contains("| 0.70 | ≥ 0.70 | met |"), "{met}");
        assert!(missed.contains("| 0.69 | ≥ 0.70 | **not met** |"), "{missed}");
        let columns = |line: &str| line.matches('|').count();
        assert!(HEAD.lines().all(|line| columns(line) == columns(&met)), "{met}");
        assert_eq!(verdict(&lines), (2, 1));
    }
}
