//! `--plan`: just what was planned is carried out, and what has changed since is skipped by name.

use super::sync::{held, imported};
use crate::support::TestEnv;
use serde_json::Value;
use workos_orgs::sandbox::Options;

const CRM: &str = "name,domain,external_id,metadata.plan\n\
                   Acme Inc.,acme.com,a-1,free\n\
                   Beta Inc.,beta.com,b-1,free\n\
                   Delta,delta.com,d-1,free\n\
                   Epsilon,,e-1,\n";

fn planned() -> TestEnv {
    let env = imported();
    env.write("crm.csv", CRM);
    env.run(&["plan", "crm.csv", "--output", "plan.json"])
        .exits_with(0)
        .stdout_has("sync crm.csv --plan plan.json");
    env
}

fn sync(env: &TestEnv, options: &[&str]) -> crate::support::Finished {
    env.run(&[&["sync", "crm.csv", "--plan", "plan.json"], options].concat())
}

#[test]
fn a_plan_is_carried_out_as_it_was_made_and_again_sends_nothing() {
    let env = planned();
    sync(&env, &[]).exits_with(0);
    assert_eq!(
        env.names(),
        ["Acme Inc.", "Beta Inc.", "Delta", "Epsilon", "Gamma"]
    );
    let before = env.count("POST") + env.count("PUT");
    sync(&env, &[]).exits_with(0).stdout_has("nothing to send");
    assert_eq!(env.count("POST") + env.count("PUT"), before);
}

#[test]
fn what_has_changed_since_is_skipped_and_named() {
    let env = planned();
    // In WorkOS: another name. In the list: another domain, a new row, and one that is gone.
    let beta = env.organizations().into_iter().find(|it| it.name == "Beta");
    env.update(&beta.unwrap().id, &serde_json::json!({"name": "Beta GmbH"}));
    env.edit("crm.csv", "Delta,delta.com", "Delta,delta.org");
    env.edit("crm.csv", "Epsilon,,e-1,", "Zeta,,z-1,");
    let finished = sync(&env, &["--json"]);
    finished
        .exits_with(1)
        .stderr_has("line 3: \"Beta Inc.\": its organization org_")
        .stderr_has("now be name: \"Beta GmbH\" → \"Beta Inc.\"")
        .stderr_has("line 4: \"Delta\": the row was changed or added in the list")
        .stderr_has("line 5: \"Zeta\": the row was changed or added in the list");
    let said: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(said["skipped"].as_array().unwrap().len(), 3);
    assert!(said["next"][0].as_str().unwrap().ends_with("plan crm.csv"));
    assert_eq!(env.names(), ["Acme Inc.", "Beta GmbH", "Gamma"]);
    // A new plan has the rest.
    env.run(&["plan", "crm.csv", "--output", "plan.json"])
        .exits_with(0)
        .stdout_has("2 to create, 1 to update, 1 unchanged");
    sync(&env, &[]).exits_with(0);
    assert_eq!(
        env.names(),
        ["Acme Inc.", "Beta Inc.", "Delta", "Gamma", "Zeta"]
    );
}

#[test]
fn rows_that_moved_in_the_list_are_as_they_were_planned() {
    let env = planned();
    let mut lines: Vec<&str> = CRM.lines().collect();
    lines[1..].reverse();
    env.write("crm.csv", lines.join("\n"));
    sync(&env, &[]).exits_with(0);
    assert_eq!(env.organizations().len(), 5);
}

#[test]
fn an_import_of_a_plan_creates_and_changes_nothing_that_is_there() {
    let env = planned();
    env.run(&["import", "crm.csv", "--plan", "plan.json"])
        .stderr_has("2 updates of the plan not carried out");
    assert_eq!(env.names(), ["Acme", "Beta", "Delta", "Epsilon", "Gamma"]);
    assert_eq!(env.count("PUT"), 0);
}

#[test]
fn a_plan_of_another_environment_or_with_another_way_to_compare_is_refused() {
    let env = planned();
    let other = TestEnv::with(Options {
        api_key: "sk_live_0123456789abcdef9f3c".to_owned(),
        ..Options::default()
    });
    other.write("crm.csv", CRM);
    other.write("plan.json", env.read("plan.json"));
    let before = held(&other);
    sync(&other, &["--yes"])
        .exits_with(5)
        .stderr_has("the plan was made for staging at");
    assert_eq!(held(&other), before);
    assert!(other.requests().is_empty());
    sync(&env, &["--domains", "exact"]).exits_with(2);
}

#[test]
fn a_plan_that_is_not_as_it_was_written_is_refused_and_nothing_is_sent() {
    let env = planned();
    let plan = env.read("plan.json");
    let before = env.requests().len();
    for (text, message) in [
        (
            plan.replacen("Delta", "Delta 2", 1),
            "plan.json was edited after it was made",
        ),
        (
            plan[..plan.len() / 2].to_owned(),
            "plan.json is cut off at line 1, column ",
        ),
        (String::new(), "plan.json is not a plan in JSON"),
        (
            "line,action\n2,create\n".to_owned(),
            "plan.json is not a plan in JSON",
        ),
        ("{\"command\": \"import\"}".to_owned(), "expected \"plan\""),
    ] {
        env.write("plan.json", text);
        sync(&env, &[])
            .exits_with(3)
            .stderr_has(message)
            .stderr_has("workos-orgs plan crm.csv --output plan.json");
    }
    sync(&env, &["--json"])
        .exits_with(3)
        .stdout_has("plan_unusable");
    env.write("no.json", plan);
    env.run(&["sync", "crm.csv", "--plan", "missing.json"])
        .exits_with(3)
        .stderr_has("missing.json cannot be read");
    assert_eq!(env.requests().len(), before);
}

#[test]
fn a_plan_on_standard_output_is_the_same_file() {
    let env = imported();
    env.write("crm.csv", CRM);
    let printed = env.run(&["plan", "crm.csv", "--json"]);
    // As PowerShell writes it.
    let utf16 = printed.stdout.replace('\n', "\r\n");
    let utf16 = std::iter::once(0xfeff).chain(utf16.encode_utf16());
    let bytes: Vec<u8> = utf16.flat_map(u16::to_le_bytes).collect();
    env.write("plan.json", bytes);
    sync(&env, &[]).exits_with(0);
    assert_eq!(env.organizations().len(), 5);
}

#[test]
fn a_plan_file_is_not_left_out_silently_where_there_is_no_key() {
    let env = imported();
    env.write("crm.csv", CRM);
    let mut command = env.command(&["plan", "crm.csv", "--output", "plan.json"]);
    crate::support::finish(command.env_remove("WORKOS_API_KEY")).exits_with(4);
}

#[test]
fn a_plan_has_the_options_it_was_made_with_so_that_a_sync_needs_none() {
    for (list, options) in [
        (
            "name,domain\nAcme,a.com\nACME,a.org\nBeta,b.com\n",
            &["--one-per", "name"][..],
        ),
        (
            "Firma;Kurz;Web\nAcme AG;Acme;a.com\nBeta AG;Beta;b.com\n",
            &["--map", "name=Kurz", "--limit", "1", "--delimiter", ";"],
        ),
        (
            "exported today\nname,Plan\nAcme,n/a\nBeta,pro\n",
            &[
                "--header-row=2",
                "--metadata-columns=*",
                "--placeholders=n/a",
                "--results=r.csv",
            ],
        ),
        (
            "name,domain,No\nAcme,a.com,7\nBeta,b.com,8\n",
            &["--external-id-from", "No", "--domain-state", "verified"],
        ),
        (
            "name,domain,metadata.x\nAcme,a.com,-\nBeta,b.com,1\n",
            &["--external-id-from", "generated", "--clear", "-"],
        ),
    ] {
        let env = TestEnv::new();
        env.write("crm.csv", list);
        let plan = [&["plan", "crm.csv", "--output", "plan.json"], options].concat();
        env.run(&plan)
            .exits_with(0)
            .stdout_has("workos-orgs sync crm.csv --plan plan.json\n");
        let planned: Value = serde_json::from_str(&env.read("plan.json")).unwrap();
        let planned = planned["counts"]["create"].as_u64().unwrap();
        let synced = sync(&env, &["--rate", "50"]);
        synced.exits_with(0);
        if options.contains(&"--limit") {
            synced.stdout_has("workos-orgs plan crm.csv --rate 50 --delimiter ");
        }
        assert_eq!(env.organizations().len() as u64, planned, "{options:?}");
        // Repeated, and with the same options, it is the same plan.
        sync(&env, &[]).exits_with(0).stdout_has("nothing to send");
        let same = options.iter().filter(|it| !["--clear", "-"].contains(it));
        let same: Vec<_> = same.copied().collect();
        sync(&env, &same).exits_with(0);
        assert_eq!(env.organizations().len() as u64, planned, "{options:?}");
    }
}

#[test]
fn a_plan_is_not_carried_out_with_other_options_than_its_own() {
    let env = TestEnv::new().asking();
    env.write(
        "crm.csv",
        "name,short,domain,No\nAcme AG,Acme,a.com,1\nACME AG,Ac,a.org,2\n",
    );
    let plan = ["plan", "crm.csv", "--output", "plan.json", "--one-per=name"];
    env.run(&plan).exits_with(0);
    let before = env.requests().len();
    for options in [
        &["--one-per", "row"][..],
        &["--one-per", "short"],
        &["--differing", "first"],
        &["--map", "name=short"],
        &["--map", "domain="],
        &["--metadata-columns", "short"],
        &["--external-id-from", "No"],
        &["--domain-state", "verified"],
        &["--placeholders", "n/a"],
        &["--strict"],
        &["--shared-domains"],
        &["--keep-footer"],
        &["--header-row", "2"],
        &["--delimiter", ";"],
        &["--encoding", "latin1"],
        &["--limit", "1"],
        &["--results", "other.csv"],
    ] {
        for command in ["sync", "import"] {
            let call = [command, "crm.csv", "--plan", "plan.json"];
            let finished = env.run(&[&call[..], options].concat());
            finished
                .exits_with(2)
                .stderr_has("plan.json was made with other options for reading the list")
                .stderr_has(&format!(
                    "workos-orgs {command} crm.csv --plan plan.json; to make it again"
                ))
                .stderr_has("workos-orgs plan crm.csv ")
                .stderr_has(" --output plan.json");
        }
    }
    assert_eq!(env.requests().len(), before);
}
