//! `--json`: one object on standard output in every ending, as `docs/json.schema.json` says.

use super::{FAST, RESULTS, env, env_with_examples, with_conflicts};
use crate::support::{Customer, Finished, TestEnv, finish};
use serde_json::Value;
use workos_orgs::sandbox::{Options, TAKEN_DOMAIN};

const WITH_JSON: [&str; 5] = ["import", "customers.csv", "--rate", "unlimited", "--json"];

/// The one object of a command, which fits the schema and says its exit code.
#[track_caller]
fn object(finished: &Finished, code: i32) -> Value {
    finished.exits_with(code);
    let text = finished.stdout.trim();
    assert_eq!(text.lines().count(), 1, "one line: {text:?}");
    let object: Value = serde_json::from_str(text).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../docs/json.schema.json")).unwrap();
    fits(&schema, &object, "");
    assert_eq!(object["exit_code"], code);
    object
}

/// Fails the test where a value does not fit a schema: the part of JSON Schema that ours uses.
#[track_caller]
fn fits(schema: &Value, value: &Value, place: &str) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_kind = |wanted: &Value| wanted == kind || wanted == "number" && kind == "integer";
    match &schema["type"] {
        Value::Null => {}
        Value::Array(kinds) => assert!(kinds.iter().any(is_kind), "{place}: {value}"),
        wanted => assert!(is_kind(wanted), "{place}: {value}"),
    }
    if let Some(wanted) = schema.get("const") {
        assert_eq!(value, wanted, "{place}");
    }
    if let Some(Value::Array(wanted)) = schema.get("enum") {
        assert!(wanted.contains(value), "{place}: {value}");
    }
    for item in value.as_array().into_iter().flatten() {
        fits(&schema["items"], item, place);
    }
    let Some(fields) = value.as_object() else {
        return;
    };
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(
            fields.contains_key(required.as_str().unwrap()),
            "{place}: {required}"
        );
    }
    for (name, field) in fields {
        match &schema["properties"][name] {
            Value::Null => assert_ne!(schema["additionalProperties"], false, "{place}.{name}"),
            schema => fits(schema, field, &format!("{place}.{name}")),
        }
    }
}

#[test]
fn a_finished_run_says_its_counts() {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    let said = object(&env.run(&WITH_JSON), 1);
    assert_eq!(said["command"], "import");
    assert_eq!(said["environment"]["name"], "staging");
    assert_eq!(said["counts"]["created"], 37);
    assert_eq!(said["remaining"], 3);
    assert_eq!(said["causes"].as_array().unwrap().len(), 3);
    assert!(said["error"].is_null());
    let next = said["next"][0].as_str().unwrap();
    assert!(
        next.ends_with("retry customers.results.csv --rate unlimited"),
        "{next}"
    );
    let said = object(&env.run(&["retry", RESULTS, "--json"]), 1);
    assert_eq!(said["command"], "retry");
}

#[test]
fn a_run_that_cannot_begin_says_why() {
    let env = env(3);
    let said = object(&env.run(&["import", "no.csv", "--json"]), 3);
    assert_eq!(said["error"]["name"], "InputError");
    assert_eq!(said["error"]["code"], "list_unreadable");
    let said = object(
        &finish(env.command(&WITH_JSON).env_remove("WORKOS_API_KEY")),
        4,
    );
    assert_eq!(said["error"]["code"], "key_missing");
    assert!(said["error"]["hint"].is_string());
    let wrong = finish(
        env.command(&WITH_JSON)
            .env("WORKOS_API_KEY", "sk_test_wrong"),
    );
    assert_eq!(object(&wrong, 4)["error"]["code"], "key_refused");
    let said = object(&env.run(&["import", "-", "--json"]), 2);
    assert_eq!(said["error"]["name"], "UsageError");
    let said = object(
        &env.run(&["import", "a.csv", "--json", "--no-such-option"]),
        2,
    );
    assert_eq!(said["error"]["code"], "usage");
    env.write("two.csv", "name,name\nA,B\n");
    let said = object(&env.run(&["import", "two.csv", "--json"]), 3);
    assert_eq!(said["error"]["name"], "InputError");
}

#[test]
fn a_question_that_cannot_be_asked_is_an_error() {
    let env = TestEnv::with(Options {
        api_key: "sk_live_sandbox".to_owned(),
        ..Options::default()
    });
    env.write_customers(&Customer::list(3));
    let said = object(&env.run(&WITH_JSON), 2);
    assert!(said["error"]["hint"].as_str().unwrap().contains("--yes"));
    assert!(env.organizations().is_empty());
}

#[test]
#[cfg_attr(
    windows,
    ignore = "needs a signal: Windows has no program that sends Ctrl-C"
)]
fn an_interrupted_run_says_what_is_left() {
    let env = TestEnv::slow(20);
    env.write_customers(&Customer::list(500));
    let running = env.start(&[&WITH_JSON[..], &["--concurrency", "2"]].concat());
    env.wait_for_arrivals(12);
    running.signal("TERM");
    let said = object(&running.wait(), 130);
    assert_eq!(said["stopped"], "interrupted");
    assert_eq!(said["error"]["name"], "Interrupted");
    let left = said["not_sent"].as_u64().unwrap();
    assert!(left > 400, "{said}");
    assert!(said["remaining"].as_u64().unwrap() >= left);
}

/// Waits until a program handles signals: SIGHUP is the last that it begins to handle.
#[cfg(target_os = "linux")]
fn wait_until_it_listens(id: u32) {
    let is_caught = || {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let mask = status.lines().find_map(|it| it.strip_prefix("SigCgt:"));
        u64::from_str_radix(mask.unwrap().trim(), 16).unwrap() & 1 == 1
    };
    while !is_caught() {
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_that_is_stopped_while_it_reads_says_so() {
    let env = env(3);
    for command in [
        &["check", "-", "--json"][..],
        &["plan", "customers.csv", "--json"],
    ] {
        let mut process = env.command(command);
        // Nothing is ever written to this pipe, and no one answers at this port.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", silent.local_addr().unwrap());
        let (input, _open) = std::io::pipe().unwrap();
        process.stdin(input).env("WORKOS_BASE_URL", address);
        let running = env.start_command(process);
        wait_until_it_listens(running.id());
        running.signal("TERM");
        let finished = running.wait();
        let said = object(&finished, 130);
        assert_eq!(said["command"], command[0]);
        assert_eq!(said["error"]["name"], "Interrupted");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_was_started_with_nohup_survives_the_end_of_its_terminal() {
    let env = TestEnv::slow(20);
    let customers = Customer::list(60);
    env.write_customers(&customers);
    let import = [&WITH_JSON[..], &["--concurrency", "2"]].concat();
    let program = env.command(&import);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]);
    shell.arg(program.get_program()).args(program.get_args());
    shell.current_dir(env.directory()).env_clear();
    shell.stdin(std::process::Stdio::null());
    shell.envs(
        program
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let running = env.start_command(shell);
    env.wait_for_arrivals(12);
    running.signal("HUP");
    let said = object(&running.wait(), 0);
    assert_eq!(said["counts"]["created"], 60);
}

#[test]
fn commands_that_write_files_say_which() {
    let env = env(3);
    let template = object(&env.run(&["template", "--json"]), 0);
    assert!(template["list"].as_str().unwrap().starts_with("name,"));
    object(&env.run(&WITH_JSON), 0);
    let report = ["report", RESULTS, "--json"];
    let said = object(&env.run(&report), 0);
    assert_eq!(said["report"], "customers.results.html");
    assert!(said["verdict"].as_str().unwrap().contains("3 customers"));
    let said = object(&env.run(&[&report[..], &["--output", "-"]].concat()), 2);
    assert_eq!(said["error"]["name"], "UsageError");
    let export = ["export", "--output", "all.csv", "--json"];
    let said = object(&env.run(&export), 0);
    assert_eq!(
        (&said["organizations"], &said["output"]),
        (&3.into(), &"all.csv".into())
    );
    object(&env.run(&["export", "--json"]), 2);
    let refused = object(&env.run(&export), 2);
    assert_eq!(refused["command"], "export");
    object(&env.run(&["report", "no.results.csv", "--json"]), 3);
}

#[test]
fn a_sandbox_says_where_it_is_or_why_it_is_not() {
    let env = TestEnv::new();
    let mut process = env.command(&["sandbox", "--port", "0", "--json"]);
    process
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null());
    let mut child = process.spawn().unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../docs/json.schema.json")).unwrap();
    fits(&schema, &said, "");
    assert_eq!(said["api_key"], "sk_test_sandbox");
    let url = said["environment"]["api"].as_str().unwrap();
    let port = url.rsplit(':').next().unwrap();
    let second = object(&env.run(&["sandbox", "--port", port, "--json"]), 2);
    assert_eq!(second["command"], "sandbox");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_file_that_cannot_be_written_is_not_a_row_that_needs_a_person() {
    let env = env(3);
    let log = ["status", "--log-file", "no/log", "--json"];
    object(&env.run(&log), 2);
    let plan = |file: &str| env.run(&["plan", "customers.csv", "--output", file, "--json"]);
    object(&plan("no/plan.json"), 2);
    // A plan takes the place of an older one, and of nothing else.
    for file in ["plan.json", "plan.csv"] {
        object(&plan(file), 0);
        object(&plan(file), 0);
    }
    let list = env.read("customers.csv");
    let refused = object(&plan("customers.csv"), 2);
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("is not a plan")
    );
    assert_eq!(env.read("customers.csv"), list);
}

#[test]
fn a_wrong_command_line_says_what_is_missing() {
    let env = TestEnv::new();
    let said = object(&env.run(&["import", "--json"]), 2);
    assert!(
        said["error"]["message"]
            .as_str()
            .unwrap()
            .ends_with("<FILE>"),
        "{said}"
    );
    let said = object(&env.run(&["status", "--json=yes"]), 2);
    assert_eq!(said["command"], "status");
    let mut command = env.command(&["import", "a.csv", "--json"]);
    let said = object(&finish(command.env("WORKOS_ORGS_RATE", "fast")), 2);
    let hint = "the value is from the variable WORKOS_ORGS_RATE";
    assert_eq!(said["error"]["hint"], hint);
    let key = ["create", "--name", "Acme", "--json"];
    let said = object(
        &finish(env.command(&key).env("WORKOS_API_KEY", "sk_test_a b")),
        4,
    );
    assert_eq!(said["error"]["code"], "key_unusable");
}

#[test]
fn a_check_says_its_findings_or_why_there_are_none() {
    let env = env(3);
    let said = object(&env.run(&["check", "customers.csv", "--json"]), 0);
    assert_eq!((&said["rows"], &said["invalid"]), (&3.into(), &0.into()));
    let said = object(&env.run(&["check", "no.csv", "--json"]), 3);
    assert_eq!(said["command"], "check");
    assert_eq!(said["error"]["code"], "list_unreadable");
    let said = object(
        &env.run(&["import", "customers.csv", "--dry-run", "--json"]),
        0,
    );
    assert_eq!(said["command"], "import");
}

#[test]
fn create_says_the_organization_or_the_error() {
    let env = env_with_examples();
    let said = object(&env.run(&["create", "--name", "Acme", "--json"]), 0);
    assert_eq!(said["organization"]["name"], "Acme");
    let taken = ["create", "--name", "B", "--domain", TAKEN_DOMAIN, "--json"];
    let said = object(&env.run(&taken), 1);
    assert_eq!(said["error"]["name"], "ConflictError");
    assert!(said["organization"].is_null());
    let said = object(&env.run(&["create", "--json"]), 2);
    assert_eq!(said["error"]["code"], "usage");
}

#[test]
fn quiet_still_says_on_standard_error_why_it_fails() {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    let finished = env.run(&[&FAST[..], &["-q"]].concat());
    finished.exits_with(1);
    assert_eq!(finished.stdout, "");
    assert_eq!(
        finished.stderr,
        "not every row is done: 2 conflict, 1 invalid (see customers.results.csv)\n"
    );
}

#[test]
fn sync_plan_verify_and_undo_say_what_they_did() {
    let env = env(3);
    env.run(&["import", "customers.csv"]).exits_with(0);
    env.write("crm.csv", "name,external_id,metadata.plan\nNew,new-1,pro\n");
    let planned = object(
        &env.run(&["plan", "crm.csv", "--json", "--detailed-exit-code"]),
        10,
    );
    assert_eq!(planned["command"], "plan");
    assert_eq!(planned["counts"]["create"], 1);
    assert_eq!(planned["planned"][0]["action"], "create");
    let synced = object(&env.run(&["sync", "crm.csv", "--json"]), 0);
    assert_eq!(synced["command"], "sync");
    assert_eq!(synced["counts"]["created"], 1);
    let verified = object(&env.run(&["verify", "crm.results.csv", "--json"]), 0);
    assert_eq!(verified["command"], "verify");
    let undo = ["undo", "crm.results.csv", "--json"];
    assert_eq!(
        object(&env.run(&[&undo[..], &["--dry-run"]].concat()), 0)["command"],
        "undo"
    );
    let undone = object(&env.run(&undo), 0);
    assert_eq!(undone["counts"]["deleted"], 1);
}

/// The lines of a file of events, which fit their schema.
#[track_caller]
fn events(env: &TestEnv, file: &str) -> Vec<Value> {
    let schema = include_str!("../../docs/events.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let text = env.read(file);
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    for line in &lines {
        fits(&schema, line, "");
    }
    lines
}

#[test]
fn events_are_written_to_a_file_while_standard_output_has_one_object() {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    let import = [&WITH_JSON[..], &["--events", "events.jsonl"]].concat();
    object(&env.run(&import), 1);
    let lines = events(&env, "events.jsonl");
    let names: Vec<_> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(names[..2], ["started", "rows"]);
    assert_eq!(names.iter().filter(|name| **name == "row").count(), 40);
    assert_eq!(lines[1]["rows"], 40);
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["event"], &last["exit_code"]),
        (&"ended".into(), &1.into())
    );
    let conflict = lines
        .iter()
        .find(|line| line["status"] == "conflict")
        .unwrap();
    assert!(
        conflict["existing_organization_id"].is_string(),
        "{conflict}"
    );
    // The next run appends.
    object(&env.run(&import), 1);
    assert_eq!(events(&env, "events.jsonl").len(), lines.len() + 2);
}

#[test]
fn events_say_why_a_run_did_not_begin_and_what_went_wrong_on_the_way() {
    let env = TestEnv::with_faults(&["drop-after:0.3", "5xx-before:0.3"]);
    env.write_customers(&Customer::list(20));
    let options = [
        "--lookup-pause",
        "0.3",
        "--timeout",
        "1",
        "--max-attempts",
        "50",
        "--events",
        "events.jsonl",
    ];
    env.run(&[&FAST[..], &options].concat()).exits_with(0);
    let lines = events(&env, "events.jsonl");
    let has = |name: &str| lines.iter().any(|line| line["event"] == name);
    assert!(has("answer_lost") && has("unavailable") && has("available") && has("comparing"));
    env.write("customers.csv", "name\nAcme\n");
    env.run(&[&FAST[..], &["--events", "customers.csv"]].concat())
        .exits_with(2)
        .stderr_has("customers.csv exists and is not a file of events");
    assert_eq!(env.read("customers.csv"), "name\nAcme\n");
}
