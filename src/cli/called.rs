//! The command line of this process, to suggest the next command.

/// The arguments of this process, the program name first.
pub(super) fn called() -> Vec<String> {
    let words = std::env::args_os();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}
