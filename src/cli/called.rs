//! The words by which the program was called, for suggesting the next command.

/// The words by which the program was called, its own name first.
pub(super) fn called() -> Vec<String> {
    let words = std::env::args_os();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}
