//! `--report` in runs against a sandbox that stays.

use super::*;

#[test]
fn a_run_with_nothing_to_do_writes_its_page_too() {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(3));
    env.run(&FAST).exits_with(0);
    assert!(!env.files().contains("page.html"));
    let again = [&FAST[..], &["--report", "page.html"]].concat();
    env.run(&again).exits_with(0);
    assert!(env.read("page.html").contains("<title>All 3 customers are"));
}

#[test]
fn a_retry_has_a_page() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain\nAcme,acme\nGlobex,globex.example.com\n",
    );
    env.run(&FAST).exits_with(1);
    env.edit(RESULTS, "Acme,acme,", "Acme,acme.example.com,");
    env.run(&["retry", RESULTS, "--report", "page.html"])
        .exits_with(0);
    let page = env.read("page.html");
    assert!(page.contains("<title>All 2 customers are"));
    assert!(!page.contains("id=\"live\""));
}
