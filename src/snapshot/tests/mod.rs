//! Tests of the snapshot, and the server in memory that they list.

mod index;
mod listing;
mod lookup;
mod server;

use crate::workos::Organization;

/// Organization number `number`, as WorkOS would list it.
fn organization(number: u32) -> Organization {
    let json = serde_json::json!({
        "id": id(number),
        "name": format!("Customer {number}"),
        "domains": [{"domain": format!("c{number}.example")}],
        "metadata": {"plan": "pro"},
        "external_id": format!("crm-{number}"),
    });
    serde_json::from_value(json).unwrap()
}

fn id(number: u32) -> String {
    format!("org_{}", ulid::Ulid(u128::from(number)))
}
