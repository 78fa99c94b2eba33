//! The `workos-orgs` program.

fn main() {}
