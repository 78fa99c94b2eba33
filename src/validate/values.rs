//! Text from cells: without padding, blank where it only says that there is nothing.

use super::cells::ColumnPath;
use super::validated::Validated;
use crate::columns::CellRules;
use crate::input::UNCALCULATED;
use crate::organization::problem::Problem;
use crate::text::{quoted, trim};
use std::borrow::Cow;

/// The text without padding, the padding noted.
pub(super) fn trimmed<'a>(
    text: Cow<'a, str>,
    column: &ColumnPath<'a>,
    found: &mut Validated<'a>,
) -> Cow<'a, str> {
    let bare = match &text {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => Cow::Owned(trim(text).to_owned()),
    };
    if bare.len() < text.len() && !bare.is_empty() {
        found.note("trimmed", column, text, bare.clone());
    }
    bare
}

/// The text of an id: without padding, and blank if it only says that there is nothing.
pub(super) fn id<'a>(
    text: Cow<'a, str>,
    column: &ColumnPath<'a>,
    found: &mut Validated<'a>,
) -> Cow<'a, str> {
    let bare = trim(&text);
    if is_failed_lookup(bare) {
        found.problems.push(formula_error(bare).in_column(column));
        return Cow::Borrowed("");
    }
    match telling(text, column, found) {
        Some(text) => trimmed(text, column, found),
        None => Cow::Borrowed(""),
    }
}

/// The text of metadata: without padding. `NA`, `none` and `-` can be values there, so that only what
/// programs write for a missing one, and the placeholders that the user named, are blank.
pub(super) fn metadata<'a>(
    text: Cow<'a, str>,
    column: &ColumnPath<'a>,
    rules: &CellRules,
    found: &mut Validated<'a>,
) -> Cow<'a, str> {
    let text = calculated(text, column, found);
    let bare = trim(&text);
    if rules.clear.as_deref() == Some(bare) {
        return Cow::Owned(bare.to_owned());
    }
    let is_named = || {
        rules
            .placeholders
            .iter()
            .any(|p| p.eq_ignore_ascii_case(bare))
    };
    if bare == "\\N" || is_failed_lookup(bare) || is_named() {
        found.note("placeholder", column, text, Cow::Borrowed(""));
        return Cow::Borrowed("");
    }
    if formula_failed(bare, column, found) {
        return Cow::Borrowed("");
    }
    trimmed(text, column, found)
}

/// The text, unless it is a placeholder or a failed formula, either of which is noted.
pub(super) fn telling<'a>(
    text: Cow<'a, str>,
    column: &ColumnPath<'a>,
    found: &mut Validated<'a>,
) -> Option<Cow<'a, str>> {
    let text = calculated(text, column, found);
    let bare = trim(&text);
    if is_placeholder(bare) {
        found.note("placeholder", column, text, Cow::Borrowed(""));
        return None;
    }
    (!formula_failed(bare, column, found)).then_some(text)
}

/// The text as a spreadsheet shows it: `00042` where a program has written `="00042"`, so that the
/// zeros stay.
pub(super) fn calculated<'a>(
    text: Cow<'a, str>,
    column: &ColumnPath<'a>,
    found: &mut Validated<'a>,
) -> Cow<'a, str> {
    let inner = |text: &str| {
        let inner = text.strip_prefix("=\"")?.strip_suffix('"')?;
        (!inner.contains('"')).then_some(inner.len())
    };
    let Some(length) = inner(&text) else {
        return text;
    };
    let shown = part(&text, 2, length);
    found.note("formula_text", column, text, shown.clone());
    shown
}

/// The text that a link of a spreadsheet shows: `Acme` of `=HYPERLINK("https://acme.com","Acme")`.
pub(super) fn linked<'a>(
    text: Cow<'a, str>,
    column: &ColumnPath<'a>,
    found: &mut Validated<'a>,
) -> Cow<'a, str> {
    let shown = |text: &str| {
        let function = text.strip_prefix('=')?.split_once('(')?.0;
        let is_link = [
            "HYPERLINK",
            "LIEN_HYPERTEXTE",
            "HIPERVINCULO",
            "COLLEG.IPERTESTUALE",
        ]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(function));
        let inner = text.strip_suffix(')').filter(|_| is_link)?.trim_end();
        let end = inner
            .len()
            .checked_sub(1)
            .filter(|_| inner.ends_with('"'))?;
        let begin = inner.get(..end)?.rfind('"')? + 1;
        Some((begin, end - begin))
    };
    let Some((begin, length)) = shown(&text) else {
        return text;
    };
    let shown = part(&text, begin, length);
    found.note("formula_text", column, text, shown.clone());
    shown
}

/// A part of a text, borrowed where the text is.
pub(super) fn part<'a>(text: &Cow<'a, str>, from: usize, length: usize) -> Cow<'a, str> {
    let range = from..from + length;
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_owned()),
    }
}

/// Whether a text is a placeholder for a value that the spreadsheet could not show.
pub(super) fn formula_failed(text: &str, column: &str, found: &mut Validated<'_>) -> bool {
    let problem = if text == UNCALCULATED {
        let message = "contains a formula that was never calculated: open the workbook in Excel \
            or LibreOffice and save it";
        Problem::new("formula_failed", message)
    } else if is_formula_error(text) {
        formula_error(text)
    } else if text.len() > 2 && text.bytes().all(|b| b == b'#') {
        let message = format!(
            "{} is shown because the column was too narrow for its value: widen the column in \
             the spreadsheet and export again",
            quoted(text)
        );
        Problem::new("value_not_shown", message)
    } else {
        return false;
    };
    found.problems.push(problem.in_column(column));
    true
}

/// The problem of a text that a spreadsheet shows where a formula failed.
pub(super) fn formula_error(text: &str) -> Problem {
    let message = format!("{text} is a formula error: fix it in the spreadsheet");
    Problem::new("formula_failed", message)
}

/// Whether a text is how a program writes that there is no value: Python's, or a database's.
/// `NAN` and `NAT` can be ids, and names.
pub(super) fn is_missing_value(text: &str) -> bool {
    matches!(text, "NaN" | "nan" | "<NA>" | "NaT" | "\\N")
}

/// Whether a text is how a spreadsheet's lookup says that it found nothing.
pub(super) fn is_failed_lookup(text: &str) -> bool {
    #[rustfmt::skip]
    const FAILED: &[&str] = &[
        "#n/a", "#nv", "#n/d", "#n/b", "#н/д", "#saknas", "#puuttuu", "#hiányzik", "#yok", "#i/t",
        "#nedostupný", "#není_k_dispozici", "#n/t", "#δ/υ", "#n/disp",
    ];
    text.starts_with('#') && FAILED.contains(&text.to_lowercase().trim_end_matches('!'))
}

/// Whether a text only says that there is nothing. Compared without case.
pub(super) fn is_placeholder(text: &str) -> bool {
    #[rustfmt::skip]
    const PLACEHOLDERS: &[&str] = &[
        "-", "--", "---", "–", "—", "n/a", "n\\a", "na", "n.a.", "none", "null",
        "nil", "(blank)", "(none)", "(null)", "<null>", "undefined", "n.v.", "n.v.t.", "n/b", "n/d",
        "k.a.", "k. a.", "н/д", "нет", "немає", "なし", "無し", "無", "无", "暂无", "없음",
    ];
    let begins = |b: &u8| {
        matches!(
            b,
            b'-' | b'#' | b'n' | b'N' | b'(' | b'<' | b'u' | b'U' | b'\\' | 0xd0..
        ) || matches!(b, b'k' | b'K') && text.ends_with('.')
    };
    text.len() <= 10
        && text.as_bytes().first().is_some_and(begins)
        && (PLACEHOLDERS.iter().any(|p| p.eq_ignore_ascii_case(text))
            || is_missing_value(text)
            || is_failed_lookup(text))
}

/// Whether a text only says that there is no domain or no name, in words that could be a value
/// elsewhere.
pub(super) fn says_nothing(text: &str) -> bool {
    #[rustfmt::skip]
    const PHRASES: &[&str] = &[
        "not available", "not applicable", "not known", "no website", "no domain", "no site",
        "none yet", "not set", "unknown", "pending", "no", "false", "0", "tbd", "tba", "k.a.", "?",
        "keine", "keine website", "unbekannt", "aucun",
    ];
    text.len() <= 14 && PHRASES.iter().any(|p| p.eq_ignore_ascii_case(text))
}

/// Whether a text says that there is no domain, in words that could be a name or an id.
pub(super) fn says_no_domain(text: &str) -> bool {
    #[rustfmt::skip]
    const PHRASES: &[&str] = &[
        "aucune", "brak", "coming soon", "ei ole", "geen", "geen website", "in progress", "ingen",
        "inget", "keine angabe", "n/v", "néant", "nem", "nenhum", "nessuno", "nicht vorhanden",
        "nie dotyczy", "nincs", "ninguna", "ninguno", "no aplica", "no tiene", "no url", "no web",
        "none found", "not found", "nvt", "não tem", "není", "ohne", "onbekend", "pas de site",
        "pas de site web", "s/d", "sans", "sans site", "sin página web", "sin web", "sito non presente",
        "t.b.d.", "tbc", "under construction", "website coming soon", "yok", "x", "xx", "xxx",
        "відсутній", "нет сайта", "отсутствует", "不明", "无网站", "暂无网站", "未定", "準備中", "미정",
    ];
    says_nothing(text) || PHRASES.iter().any(|p| p.eq_ignore_ascii_case(text))
}

/// Whether a text is what a spreadsheet shows where a formula failed, in the languages of Excel and
/// of others. `#N/A` (`#NV`) is a placeholder except in a name or id: that is how a lookup says that
/// there is nothing.
fn is_formula_error(text: &str) -> bool {
    #[rustfmt::skip]
    const ERRORS: &[&str] = &[
        "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
        "#FIELD!", "#BLOCKED!", "#CONNECT!", "#ERROR!", "#UNKNOWN!", "#BUSY!", "#EXTERNAL!",
        "#PYTHON!", "#GETTING_DATA", "#PROPAGATION!", "#CALCUL!", "#DESBORDAMIENTO!",
        "#DESPEJAR!", "#ESPANSIONE!", "#OVERLOPEN!", "#ROZLANIE!", "#СЛИШКОМ_МНОГО_ДАННЫХ!",
        "#BEZUG!", "#WERT!", "#ZAHL!", "#ÜBERLAUF!",
        "#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!",
        "#¡REF!", "#¡VALOR!", "#¡DIV/0!", "#¿NOMBRE?", "#¡NUM!", "#¡NULO!",
        "#VALOR!", "#NOME?", "#NÚM!", "#NULO!", "#RIF!", "#VALORE!", "#NULLO!",
        "#VERW!", "#WAARDE!", "#DEEL/0!", "#NAAM?", "#GETAL!", "#LEEG!",
        "#ADR!", "#ARG!", "#DZIEL/0!", "#NAZWA?", "#LICZBA!", "#ZERO!",
        "#ODKAZ!", "#HODNOTA!", "#NÁZEV?", "#NÁZOV?", "#DĚLENÍ_NULOU!", "#DELENIENULOU!", "#ČÍSLO!",
        "#HIV!", "#ÉRTÉK!", "#ZÉRÓOSZTÓ!", "#NÉV?", "#SZÁM!", "#NULLA!", "#BAŞV!", "#DEĞER!",
        "#SAYI/0!", "#AD?", "#SAYI!", "#BOŞ!", "#VIITTAUS!", "#ARVO!", "#JAKO/0!", "#NIMI?", "#LUKU!",
        "#REFERENCE!", "#VÆRDI!", "#NAVN?", "#DIVISION/0!", "#VERDI!", "#DÉBORDEMENT!",
        "#EQUIVALENT!", "#DESPEJADO!", "#OGILTIGT!", "#SKÆRINGSPUNKT!", "#TAL!",
        "#ПЕРЕНОС!", "#ПУСТО!", "#ВЫЧИСЛ!", "#スピル!", "#計算!", "#分散!",
        "#REFERENS!", "#VÄRDEFEL!", "#NAMN?", "#ССЫЛКА!", "#ЗНАЧ!", "#ДЕЛ/0!", "#ИМЯ?", "#ЧИСЛО!",
    ];
    match text.as_bytes().first() {
        Some(b'#') => ERRORS.contains(&text),
        Some(b'L') => matches!(text, "Loading..." | "Loading…"),
        Some(b'E') => text
            .strip_prefix("Err:")
            .is_some_and(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_fail_in_every_language() {
        for failed in [
            "#REF!",
            "#BEZUG!",
            "#¡VALOR!",
            "#ERROR!",
            "#SPILL!",
            "Err:502",
            "Loading...",
        ] {
            assert!(is_formula_error(failed), "{failed}");
        }
        for name in ["#1 Pizza", "Err:or", "#", "Error"] {
            assert!(!is_formula_error(name), "{name}");
        }
        for nothing in ["k.A.", "无", "н/д", "n.v.t."] {
            assert!(is_placeholder(nothing), "{nothing}");
        }
        for name in ["K.I.", "无锡", "Н", "Kay.", "Nvt"] {
            assert!(!is_placeholder(name), "{name}");
        }
        for lookup in ["#N/A", "#NV", "#N/D"] {
            assert!(
                is_failed_lookup(lookup) && is_placeholder(lookup),
                "{lookup}"
            );
        }
    }

    #[test]
    fn programs_write_missing_values_in_one_way() {
        for missing in ["NaN", "nan", "<NA>", "NaT", "\\N"] {
            assert!(
                is_missing_value(missing) && is_placeholder(missing),
                "{missing}"
            );
        }
        for text in ["NAN", "NAT", "Nan", "nat"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
