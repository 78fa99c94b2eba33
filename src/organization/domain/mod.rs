//! Domain names: from what people write into a cell to what `WorkOS` takes.

mod consumer;
mod fault;
mod letters;
mod name_list;
mod normalize;
mod pieces;
mod platform;
mod written;

pub(crate) use consumer::is_consumer_domain;
pub(crate) use normalize::{Normalized, has_path, normalize, warning};
pub(crate) use pieces::{domain_after_slash, is_joint, split};
