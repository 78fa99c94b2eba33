//! External ids that a spreadsheet has changed.

/// Whether a spreadsheet may have made this id of that one: it took it for a number, and so
/// dropped zeros before it or after its point, or rounded it.
pub fn is_damaged(was: &str, is: &str) -> bool {
    let number = |text: &str| {
        let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        is_number.then(|| text.parse::<f64>().ok()).flatten()
    };
    let (Some(before), Some(after)) = (number(was), number(is)) else {
        return false;
    };
    let distance = (before - after).abs();
    let is_rounded = is.contains(['e', 'E']) && distance <= before.abs() * 1e-4;
    let is_long = was.len() > 15 && distance <= before.abs() * 1e-14;
    was != is && (distance == 0.0 || is_rounded || is_long)
}

#[cfg(test)]
mod tests {
    use super::is_damaged;

    #[test]
    fn ids_that_a_spreadsheet_takes_for_numbers_are_recognized() {
        for (was, is) in [
            ("000042", "42"),
            ("1.10", "1.1"),
            ("12345678901234567", "1.23457E+16"),
            ("12345678901234567", "12345678901234500"),
            ("1e5", "100000"),
        ] {
            assert!(is_damaged(was, is), "{was} {is}");
        }
        for (was, is) in [
            ("42", "42"),
            ("42", "43"),
            ("crm-042", "crm-42"),
            ("100001", "100002"),
        ] {
            assert!(!is_damaged(was, is), "{was} {is}");
        }
    }
}
