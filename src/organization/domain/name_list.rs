//! Set with a fast negative check.

/// A list that says of most names at once that it does not hold them.
#[derive(Debug)]
pub(super) struct NameList {
    names: &'static [&'static str],
    /// The lengths of the names, as bits, by their first letter.
    lengths: [u32; 256],
}

impl NameList {
    /// A list of these names, which are sorted.
    pub(super) fn new(names: &'static [&'static str]) -> Self {
        debug_assert!(names.is_sorted(), "the names are looked up by halving");
        let mut lengths = [0; 256];
        for name in names {
            if let Some(entry) = name
                .bytes()
                .next()
                .and_then(|first| lengths.get_mut(first as usize))
            {
                *entry |= 1_u32 << name.len().min(31);
            }
        }
        Self { names, lengths }
    }

    /// Whether the name is in the list.
    pub(super) fn contains(&self, name: &str) -> bool {
        let lengths = name
            .bytes()
            .next()
            .and_then(|first| self.lengths.get(first as usize));
        lengths.is_some_and(|lengths| lengths & (1 << name.len().min(31)) != 0)
            && self.names.binary_search(&name).is_ok()
    }
}
