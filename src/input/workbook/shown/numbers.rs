//! Numbers in the formats of a workbook (ECMA-376 part 1, section 18.8.31).

use super::sections::sections;

/// Larger integers are not exact in a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number in a format; plain if the format is `General` or beyond what is understood here.
pub(super) fn shown(value: f64, code: &str) -> String {
    let is_exact = value.abs() <= EXACT;
    let formatted = is_exact.then(|| in_format(value, code)).flatten();
    formatted.unwrap_or_else(|| plain(value))
}

/// A number as a cell without a format shows it, but with all its digits: 15 are significant, or as
/// many as an exact integer has. A larger one has an exponent:
/// insignificant digits would look like those of an id.
pub(super) fn plain(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    if value.abs() <= EXACT && value.fract() == 0.0 && value != 0.0 {
        return format!("{value}");
    }
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    if value.abs() > EXACT {
        return format!("{rounded:E}").replace('E', "E+");
    }
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

fn in_format(value: f64, code: &str) -> Option<String> {
    if !value.is_finite() || code.is_empty() || code.eq_ignore_ascii_case("general") {
        return None;
    }
    let sections = sections(code);
    let (section, signed) = match sections.as_slice() {
        [_, negative, ..] if value < 0.0 => (*negative, true),
        [_, _, zero, ..] if value == 0.0 => (*zero, true),
        [first, ..] => (*first, false),
        [] => return None,
    };
    let pattern = Pattern::parse(section)?;
    let shown = pattern.apply(value.abs());
    let zero = !shown.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let sign = if value < 0.0 && !signed && !zero {
        "-"
    } else {
        ""
    };
    Some(
        format!("{sign}{}{shown}{}", pattern.before, pattern.after)
            .trim()
            .to_owned(),
    )
}

/// One section of a format code: text, digits, text.
#[derive(Debug, Default)]
struct Pattern {
    before: String,
    after: String,
    /// Minimum number of digits before the decimal point.
    whole: usize,
    /// Minimum and maximum number of digits after it.
    decimals: (usize, usize),
    thousands: bool,
    percent: bool,
}

impl Pattern {
    /// `None` for fractions, exponents, conditions and text between digits.
    fn parse(section: &str) -> Option<Self> {
        let mut pattern = Self::default();
        let (mut digits, mut point, mut ended) = (false, false, false);
        let mut rest = section.chars();
        while let Some(c) = rest.next() {
            match c {
                '0' | '#' | '?' if ended => return None,
                '0' | '#' | '?' => {
                    digits = true;
                    let least = usize::from(c == '0');
                    if point {
                        pattern.decimals.0 += least;
                        pattern.decimals.1 += 1;
                    } else {
                        pattern.whole += least;
                    }
                }
                '.' if digits && !point && !ended => point = true,
                ',' if digits && !point && !ended => {
                    // A comma after all digits divides by a thousand.
                    if !matches!(rest.clone().next(), Some('0' | '#' | '?')) {
                        return None;
                    }
                    pattern.thousands = true;
                }
                'E' | 'e' | '/' | '@' => return None,
                '_' | '*' => {
                    rest.next();
                }
                '[' => {
                    let inner: String = rest.by_ref().take_while(|c| *c != ']').collect();
                    if inner.starts_with(['<', '>', '=']) {
                        return None;
                    }
                    if let Some(currency) = inner.strip_prefix('$') {
                        let symbol = currency.split('-').next().unwrap_or_default();
                        pattern.literal(symbol, digits, &mut ended);
                    }
                }
                '"' => {
                    let text: String = rest.by_ref().take_while(|c| *c != '"').collect();
                    pattern.literal(&text, digits, &mut ended);
                }
                '\\' => {
                    let text: String = rest.next().into_iter().collect();
                    pattern.literal(&text, digits, &mut ended);
                }
                '%' => {
                    pattern.percent = true;
                    pattern.literal("%", digits, &mut ended);
                }
                other => pattern.literal(other.encode_utf8(&mut [0; 4]), digits, &mut ended),
            }
        }
        digits.then_some(pattern)
    }

    fn literal(&mut self, text: &str, after_digits: bool, ended: &mut bool) {
        if after_digits {
            self.after.push_str(text);
            *ended |= !text.is_empty();
        } else {
            self.before.push_str(text);
        }
    }

    /// The digits of a number that is not negative.
    fn apply(&self, value: f64) -> String {
        let value = if self.percent { value * 100.0 } else { value };
        let (least, most) = self.decimals;
        // What 15 significant digits hide, a cell does not show either.
        let value = plain(value).parse().unwrap_or(value);
        let text = format!("{value:.most$}");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut whole = whole.trim_start_matches('0').to_owned();
        while whole.len() < self.whole {
            whole.insert(0, '0');
        }
        if self.thousands {
            whole = grouped(&whole);
        }
        let mut fraction = fraction.to_owned();
        while fraction.len() > least && fraction.ends_with('0') {
            fraction.pop();
        }
        if fraction.is_empty() {
            return if whole.is_empty() {
                "0".to_owned()
            } else {
                whole
            };
        }
        format!("{whole}.{fraction}")
    }
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_format_show_all_their_digits() {
        assert_eq!(shown(12345.0, "General"), "12345");
        assert_eq!(shown(1_234_567_890_123.0, ""), "1234567890123");
        assert_eq!(shown(1_234_567_890_123_456.0, "0"), "1234567890123456");
        assert_eq!(shown(1_234_567_890_123_457.0, ""), "1234567890123457");
        assert_eq!(shown(98_765_432_109_876_543.0, ""), "9.87654321098765E+16");
        assert_eq!(
            shown(-98_765_432_109_876_543.0, "0"),
            "-9.87654321098765E+16"
        );
        assert_eq!(shown(0.1 + 0.2, ""), "0.3");
        assert_eq!(shown(-0.0, ""), "0");
        assert_eq!(shown(1.5, "@"), "1.5");
    }

    #[test]
    fn formats_are_followed() {
        for (value, code, text) in [
            (42.0, "00000", "00042"),
            (1234.5, "0.00", "1234.50"),
            (1234.0, "0", "1234"),
            (1_234_567.0, "#,##0", "1,234,567"),
            (0.256, "0%", "26%"),
            (0.256, "0.0%", "25.6%"),
            (99.9, "\"EUR\" 0.00", "EUR 99.90"),
            (99.0, "#,##0.00\\ [$€-407]", "99.00 €"),
            (-5.0, "0;(0)", "(5)"),
            (-5.0, "0", "-5"),
            (-0.2, "0", "0"),
            (1.5, "0.##", "1.5"),
            (2.0, "0.##", "2"),
            (3.0, "[Red]_(* #,##0_)", "3"),
            (1e6, "0.00E+00", "1000000"),
            (0.5, "# ?/?", "0.5"),
            (123_456_789.0, "000-00-0000", "123456789"),
        ] {
            assert_eq!(shown(value, code), text, "{code}");
        }
    }
}
