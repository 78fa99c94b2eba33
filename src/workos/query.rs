//! Parameters of `GET /organizations`: order, cursors and filters.

/// The order of a list, by the time of creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

impl Order {
    /// The value of the `order` parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Descending => "desc",
            Self::Ascending => "asc",
        }
    }
}

/// The parameters of one `GET /organizations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListQuery<'a> {
    /// The order.
    pub order: Order,
    /// Only what follows this cursor.
    pub after: Option<&'a str>,
    /// Only what precedes this cursor. WorkOS takes one cursor per request.
    pub before: Option<&'a str>,
    /// The largest number of organizations on the page: 1 to 100.
    pub limit: u8,
    /// Only organizations with any of these domains; empty for all. A server that does not support
    /// the filter ignores it.
    pub domains: &'a [&'a str],
    /// Only organizations whose name contains this text, in any case.
    pub search: Option<&'a str>,
}

impl ListQuery<'_> {
    /// The largest page that WorkOS gives.
    pub const LARGEST_PAGE: u8 = 100;
}

impl Default for ListQuery<'_> {
    fn default() -> Self {
        Self {
            order: Order::default(),
            after: None,
            before: None,
            limit: Self::LARGEST_PAGE,
            domains: &[],
            search: None,
        }
    }
}
