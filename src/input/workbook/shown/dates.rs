//! Dates and times in the formats of a workbook (ECMA-376 part 1, section 18.8.31).

use super::sections::sections;
use calamine::ExcelDateTime;
use std::fmt::Write as _;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date or time in ISO 8601: the date alone at midnight, the time alone on day 0, a length of
/// time as hours, minutes and seconds.
pub(super) fn iso(value: ExcelDateTime) -> String {
    if value.is_duration() {
        let ExcelSeconds(seconds) = seconds(value);
        return format!(
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if value.as_f64() < 1.0 {
        time
    } else if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {time}")
    }
}

/// A length of time in whole seconds.
struct ExcelSeconds(u64);

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates, and lengths of time are not negative"
)]
fn seconds(value: ExcelDateTime) -> ExcelSeconds {
    ExcelSeconds((value.as_f64() * 86_400.0).round() as u64)
}

/// A date in a format; `None` if the format holds no part of a date.
pub(super) fn shown(value: ExcelDateTime, code: &str) -> Option<String> {
    let section = sections(code).into_iter().next()?;
    let parts = parts(section);
    let half_days = parts.iter().any(|part| matches!(part, Part::HalfDay));
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let mut out = String::new();
    for (place, part) in parts.iter().enumerate() {
        let Part::Letters(letter, count) = part else {
            match part {
                Part::Text(text) => out.push_str(text),
                _ => out.push_str(if hour < 12 { "AM" } else { "PM" }),
            }
            continue;
        };
        let written = match (letter, count) {
            ('y', 1..=2) => write!(out, "{:02}", year % 100),
            ('y', _) => write!(out, "{year:04}"),
            ('m', 1..=2) if is_minute(&parts, place) => padded(&mut out, minute, *count),
            ('m', 1..=2) => padded(&mut out, month, *count),
            ('m', _) => {
                let name = MONTHS
                    .get(usize::from(month).wrapping_sub(1))
                    .copied()
                    .unwrap_or("");
                let length = if *count == 3 { 3 } else { name.len() };
                write!(out, "{}", name.get(..length).unwrap_or(name))
            }
            ('d', 1..=2) => padded(&mut out, day, *count),
            // The day of the week is redundant.
            ('d', _) => Ok(()),
            ('h', _) if half_days => padded(&mut out, (hour + 11) % 12 + 1, *count),
            ('h', _) => padded(&mut out, hour, *count),
            _ => padded(&mut out, second, *count),
        };
        written.ok()?;
    }
    let known = parts.iter().any(|part| matches!(part, Part::Letters(..)));
    known.then(|| out.trim_matches([' ', ',']).to_owned())
}

fn padded(out: &mut String, number: u8, count: usize) -> std::fmt::Result {
    if count > 1 {
        write!(out, "{number:02}")
    } else {
        write!(out, "{number}")
    }
}

/// One part of a format code.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// A letter of `ymdhs`, so many times.
    Letters(char, usize),
    /// `AM/PM`.
    HalfDay,
    /// Literal text.
    Text(String),
}

fn parts(section: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = section;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let lower = c.to_ascii_lowercase();
        rest = match lower {
            'y' | 'm' | 'd' | 'h' | 's' => {
                let same = after
                    .chars()
                    .take_while(|o| o.eq_ignore_ascii_case(&c))
                    .count();
                parts.push(Part::Letters(lower, same + 1));
                after.get(same..).unwrap_or_default()
            }
            'a' if rest
                .get(..5)
                .is_some_and(|t| t.eq_ignore_ascii_case("am/pm")) =>
            {
                parts.push(Part::HalfDay);
                rest.get(5..).unwrap_or_default()
            }
            '"' => {
                let (text, after) = after.split_once('"').unwrap_or((after, ""));
                parts.push(Part::Text(text.to_owned()));
                after
            }
            // A locale or a colour.
            '[' => after.split_once(']').map_or("", |(_, after)| after),
            '\\' | '_' | '*' => {
                let literal = after.chars().next();
                if lower == '\\' {
                    parts.extend(literal.map(|c| Part::Text(c.to_string())));
                }
                after
                    .get(literal.map_or(0, char::len_utf8)..)
                    .unwrap_or_default()
            }
            _ => {
                parts.push(Part::Text(c.to_string()));
                after
            }
        };
    }
    parts
}

/// Whether an `m` means minutes: it follows hours or precedes seconds.
fn is_minute(parts: &[Part], place: usize) -> bool {
    let letter = |part: &Part| match part {
        Part::Letters(letter, _) => Some(*letter),
        _ => None,
    };
    let before = parts.iter().take(place).rev().find_map(letter);
    let after = parts.iter().skip(place + 1).find_map(letter);
    before == Some('h') || after == Some('s')
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    fn date(value: f64) -> ExcelDateTime {
        ExcelDateTime::new(value, ExcelDateTimeType::DateTime, false)
    }

    #[test]
    fn dates_follow_their_format() {
        // 45352.5625 is the first of March 2024, 13:30.
        for (code, text) in [
            ("yyyy-mm-dd", "2024-03-01"),
            ("DD.MM.YYYY", "01.03.2024"),
            ("m/d/yy", "3/1/24"),
            ("[$-409]d-mmm-yyyy;@", "1-Mar-2024"),
            ("mmmm d, yyyy", "March 1, 2024"),
            ("yyyy-mm-dd h:mm:ss", "2024-03-01 13:30:00"),
            ("dd/mm/yyyy hh:mm AM/PM", "01/03/2024 01:30 PM"),
            ("yyyy\"年\"m\"月\"d\"日\"", "2024年3月1日"),
            ("dddd, d. mmmm yyyy", "1. March 2024"),
        ] {
            assert_eq!(
                shown(date(45352.5625), code).as_deref(),
                Some(text),
                "{code}"
            );
        }
        assert_eq!(shown(date(45352.0), "\"n\""), None);
    }

    #[test]
    fn without_a_format_dates_are_iso() {
        assert_eq!(iso(date(45352.0)), "2024-03-01");
        assert_eq!(iso(date(45352.5625)), "2024-03-01 13:30:00");
        assert_eq!(iso(date(0.5)), "12:00:00");
        let length = ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false);
        assert_eq!(iso(length), "36:00:00");
    }
}
