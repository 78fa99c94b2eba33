//! WorkOS's own Rust SDK drives the sandbox: proof, by a client that was not written here, that
//! the sandbox speaks WorkOS.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use futures::TryStreamExt;
use std::collections::HashMap;
use workos::directory_sync::ListDirectoriesParams;
use workos::events::ListEventsParams;
use workos::organization_domains::CreateOrganizationDomainParams;
use workos::organization_membership::ListOrganizationMembershipsParams;
use workos::organizations::{
    CreateOrganizationParams, ListOrganizationsParams, UpdateOrganizationParams,
};
use workos::sso::ListConnectionsParams;
use workos::{
    Client, CreateOrganizationDomain, Error, Organization, OrganizationDomainData,
    OrganizationDomainDataState, OrganizationDomainState, OrganizationInput, UpdateOrganization,
    UserManagementOrganizationMembershipStatuses,
};
use workos_orgs::sandbox::{Options, RateLimit, Sandbox};

async fn start(options: Options) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::builder()
        .api_key(sandbox.api_key())
        .base_url(sandbox.url())
        .max_retries(0)
        .build();
    (sandbox, client)
}

fn acme() -> OrganizationInput {
    let body = r#"{
        "name": "Acme",
        "external_id": "crm/1?",
        "domain_data": [{"domain": "acme.example", "state": "pending"}],
        "metadata": {"plan": "pro"}
    }"#;
    serde_json::from_str(body).unwrap()
}

fn named(name: &str) -> OrganizationInput {
    serde_json::from_value(serde_json::json!({ "name": name })).unwrap()
}

async fn create(client: &Client, body: OrganizationInput) -> Result<Organization, Error> {
    let params = CreateOrganizationParams::new(body);
    client.organizations().create_organization(params).await
}

#[tokio::test]
async fn the_sdk_creates_an_organization_and_finds_it_again() {
    let (sandbox, client) = start(Options::default()).await;
    let created = create(&client, acme()).await.unwrap();
    assert_eq!(created.name, "Acme");
    assert_eq!(created.external_id.as_deref(), Some("crm/1?"));
    assert_eq!(created.metadata["plan"], "pro");
    assert_eq!(created.domains[0].domain, "acme.example");
    assert_eq!(created.domains[0].organization_id, created.id);
    assert_eq!(sandbox.organizations()[0].id, created.id);

    let api = client.organizations();
    let by_id = api.get_organization(&created.id).await.unwrap();
    let by_external_id = api.get_organization_by_external_id("crm/1?").await.unwrap();
    assert_eq!(
        (by_id.id, by_external_id.id),
        (created.id.clone(), created.id)
    );
}

#[tokio::test]
async fn the_sdk_pages_through_every_organization_once() {
    let (_sandbox, client) = start(Options::default()).await;
    let names: Vec<String> = (0..25).map(|n| format!("Acme {n:02}")).collect();
    for name in &names {
        create(&client, named(name)).await.unwrap();
    }
    let found: Vec<Organization> = client
        .organizations()
        .list_organizations_auto_paging(ListOrganizationsParams::default())
        .try_collect()
        .await
        .unwrap();
    let found: Vec<String> = found.into_iter().map(|it| it.name).rev().collect();
    assert_eq!(found, names);
}

#[tokio::test]
async fn the_sdk_lists_by_domain_and_by_name() {
    let (_sandbox, client) = start(Options::default()).await;
    create(&client, acme()).await.unwrap();
    create(&client, named("Bolt")).await.unwrap();
    let list = async |params| {
        let list = client
            .organizations()
            .list_organizations(params)
            .await
            .unwrap();
        list.data.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    let by_domain = ListOrganizationsParams {
        domains: Some(vec!["none.example".to_owned(), "acme.example".to_owned()]),
        ..ListOrganizationsParams::default()
    };
    assert_eq!(list(by_domain).await, ["Acme"]);
    let by_name = ListOrganizationsParams {
        search: Some("bol".to_owned()),
        ..ListOrganizationsParams::default()
    };
    assert_eq!(list(by_name).await, ["Bolt"]);
}

#[tokio::test]
async fn the_sdk_updates_an_organization() {
    let (_sandbox, client) = start(Options::default()).await;
    let created = create(&client, acme()).await.unwrap();
    let mut change: UpdateOrganization = serde_json::from_str("{}").unwrap();
    change.name = Some("Acme Inc.".to_owned());
    change.metadata = Some(HashMap::from([("seats".to_owned(), "5".to_owned())]));
    change.domain_data = Some(vec![OrganizationDomainData {
        domain: "acme.test".to_owned(),
        state: OrganizationDomainDataState::Verified,
    }]);
    let updated = client
        .organizations()
        .update_organization(&created.id, UpdateOrganizationParams::new(change))
        .await
        .unwrap();
    assert_eq!(updated.name, "Acme Inc.");
    assert_eq!(updated.external_id.as_deref(), Some("crm/1?"));
    assert_eq!(
        (&*updated.metadata["plan"], &*updated.metadata["seats"]),
        ("pro", "5")
    );
    assert_eq!(updated.domains.len(), 1);
    assert_eq!(updated.domains[0].domain, "acme.test");
}

#[tokio::test]
async fn the_sdk_deletes_an_organization() {
    let (sandbox, client) = start(Options::default()).await;
    let created = create(&client, acme()).await.unwrap();
    let api = client.organizations();
    api.delete_organization(&created.id).await.unwrap();
    assert!(sandbox.organizations().is_empty());
    let error = api.get_organization(&created.id).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.code(), Some("entity_not_found"));
}

#[tokio::test]
async fn the_sdk_adds_and_removes_a_domain() {
    let (_sandbox, client) = start(Options::default()).await;
    let created = create(&client, acme()).await.unwrap();
    let api = client.organization_domains();
    let add = async |domain: &str| {
        let body = CreateOrganizationDomain {
            domain: domain.to_owned(),
            organization_id: created.id.clone(),
        };
        let params = CreateOrganizationDomainParams::new(body);
        api.create_organization_domain(params).await
    };
    let added = add("acme.test").await.unwrap();
    assert_eq!(added.organization_id, created.id);
    assert_eq!(added.state, Some(OrganizationDomainState::Pending));
    let found = api.get_organization_domain(&added.id).await.unwrap();
    assert_eq!(found.domain, "acme.test");
    let error = add("acme.test").await.unwrap_err();
    assert_eq!(error.status(), Some(409));
    assert_eq!(error.code(), Some("domain_already_exists"));
    api.delete_organization_domain(&added.id).await.unwrap();
    let error = api.get_organization_domain(&added.id).await.unwrap_err();
    assert!(error.is_not_found());
}

#[tokio::test]
async fn the_sdk_lists_what_belongs_to_an_organization() {
    let (sandbox, client) = start(Options {
        examples: true,
        ..Options::default()
    })
    .await;
    let ids: Vec<String> = sandbox
        .organizations()
        .into_iter()
        .map(|it| it.id)
        .collect();
    let sso = client.sso();
    let connections = sso.list_connections(ListConnectionsParams {
        organization_id: Some(ids[0].clone()),
        ..ListConnectionsParams::default()
    });
    assert_eq!(connections.await.unwrap().data.len(), 1);
    let directory_sync = client.directory_sync();
    let directories = directory_sync.list_directories(ListDirectoriesParams {
        organization_id: Some(ids[0].clone()),
        ..ListDirectoriesParams::default()
    });
    assert_eq!(directories.await.unwrap().data.len(), 1);
    let api = client.organization_membership();
    let memberships = api.list_organization_memberships(ListOrganizationMembershipsParams {
        organization_id: Some(ids[1].clone()),
        statuses: Some(vec![
            UserManagementOrganizationMembershipStatuses::Active,
            UserManagementOrganizationMembershipStatuses::Pending,
        ]),
        ..ListOrganizationMembershipsParams::default()
    });
    let memberships = memberships.await.unwrap().data;
    assert_eq!(memberships.len(), 1);
    assert_eq!(memberships[0].organization_id, ids[1]);
}

#[tokio::test]
async fn the_sdk_reads_the_events_of_organizations() {
    let (_sandbox, client) = start(Options::default()).await;
    for n in 0..12 {
        create(&client, named(&format!("Acme {n}"))).await.unwrap();
    }
    let params = ListEventsParams::new(vec!["organization.created".to_owned()]);
    let events: Vec<_> = client
        .events()
        .list_events_auto_paging(params)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(events.len(), 12);
    assert_eq!(events[0].event, "organization.created");
    assert_eq!(events[0].data["name"], "Acme 0");
}

#[tokio::test]
async fn the_sdk_understands_every_refusal() {
    let (sandbox, client) = start(Options::default()).await;
    create(&client, acme()).await.unwrap();

    let error = create(&client, acme()).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert_eq!(error.code(), Some("external_id_already_used"));
    assert!(error.request_id().is_some());

    let mut same_domain = acme();
    same_domain.external_id = None;
    let error = create(&client, same_domain).await.unwrap_err();
    assert_eq!(error.status(), Some(409));
    assert_eq!(error.code(), None);
    assert_eq!(
        error.api().unwrap().message,
        "An Organization with the domain acme.example already exists."
    );

    let error = create(&client, named(" ")).await.unwrap_err();
    assert_eq!(error.status(), Some(422));

    let stranger = Client::builder()
        .api_key("sk_test_other")
        .base_url(sandbox.url())
        .build();
    let error = create(&stranger, named("Acme")).await.unwrap_err();
    assert!(error.is_unauthorized());
}

#[tokio::test]
async fn the_sdk_understands_the_rate_limit() {
    let (_sandbox, client) = start(Options {
        rate_limit: Some(RateLimit {
            requests: 1,
            ..RateLimit::WORKOS
        }),
        ..Options::default()
    })
    .await;
    create(&client, named("one")).await.unwrap();
    let error = create(&client, named("two")).await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!(error.code(), Some("rate_limit_exceeded"));
    assert!(error.retry_after().is_some());
}
