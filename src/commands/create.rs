//! `workos-orgs create`: one organization, with the same code as a list.

use super::{ConnectionOptions, Error};
use crate::columns::{Mapping, MappingOptions};
use crate::engine::{Baseline, Clock, Engine, Settings, Shutdown};
use crate::exit_code;
use crate::organization::{DomainState, NewOrganization, Problem};
use crate::plan::Operation;
use crate::results::{ErrorName, Record, Status};
use crate::run::{self, Connection, Environment, IfExists, Settled, Single};
use crate::table::{Cells, Format, Object, Row};
use crate::text::shell;
use crate::ui::{Failures, PlainLines, Printer};
use crate::validate::Validator;
use crate::workos::Organization;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The organization to create.
#[derive(Clone, Debug)]
pub struct CreateOptions {
    /// Its name.
    pub name: String,
    /// Its domains.
    pub domains: Vec<String>,
    /// Its external id.
    pub external_id: Option<String>,
    /// Its metadata.
    pub metadata: Vec<(String, String)>,
    /// The state of its domains.
    pub domain_state: DomainState,
    /// What is done where it exists.
    pub if_exists: IfExists,
    /// Whether to print one JSON object about the outcome, instead of the organization itself.
    pub json: bool,
    /// Whether to create it in production without asking.
    pub yes: bool,
    /// How to reach WorkOS.
    pub connection: ConnectionOptions,
    /// How to run.
    pub settings: Settings,
}

/// Creates one organization and prints it as JSON; returns the exit code.
///
/// # Errors
/// When WorkOS cannot be asked at all.
pub async fn run(
    options: CreateOptions,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<u8, Error> {
    let asked_for = asked_for(&options)?;
    let connection = Connection::open(&options.connection).await?;
    if let Some(warning) = &connection.warning {
        printer.info(warning);
    }
    let environment = &connection.environment;
    let asks = !options.yes && asked_for.is_ok();
    // Where nothing has to be looked up first, the question comes before any request.
    let asks_first = asks && options.if_exists == IfExists::Refuse;
    if asks_first {
        run::ask_about_one("Create 1 organization", environment, &printer, &shutdown).await?;
    }
    let waits = PlainLines::new("", Failures::default(), printer);
    let clock = Clock::system();
    let engine = Engine::new(
        connection.client,
        options.settings,
        vec![Box::new(waits)],
        shutdown.clone(),
        clock,
    );
    let mut baseline = Baseline::default();
    if asked_for.is_ok() {
        let answer = engine.short_preflight().await;
        baseline = answer.map_err(|error| run::read_error(error, &shutdown, &environment.api))?;
    }
    let single = Single {
        engine: &engine.with_baseline(baseline, Vec::new()),
        environment,
        console: &printer,
        shutdown: &shutdown,
        if_exists: options.if_exists,
        asks: asks && !asks_first,
    };
    let settled = match asked_for {
        Ok(new) => single.settle(new).await?,
        Err(problems) => single.process(Operation::Reject(problems.into())).await?,
    };
    print(printer, &settled, options.json.then_some(environment))
}

/// The options as a row, so that they are validated like one.
///
/// # Errors
/// The outer ones never happen; the inner ones are the problems of the values.
fn asked_for(
    options: &CreateOptions,
) -> Result<Result<NewOrganization<'static>, Vec<Problem>>, Error> {
    let raw = |value: Value| to_raw_value(&value).unwrap_or_default();
    let mut object = Object::new();
    object.insert("name".to_owned(), raw(options.name.clone().into()));
    if !options.domains.is_empty() {
        object.insert("domains".to_owned(), raw(options.domains.clone().into()));
    }
    if let Some(external_id) = &options.external_id {
        object.insert("external_id".to_owned(), raw(external_id.clone().into()));
    }
    if !options.metadata.is_empty() {
        let metadata: BTreeMap<_, _> = options.metadata.iter().cloned().collect();
        let metadata = serde_json::to_value(metadata).unwrap_or_default();
        object.insert("metadata".to_owned(), raw(metadata));
    }
    let header: Vec<String> = object.keys().cloned().collect();
    let mapping = MappingOptions {
        domain_state: Some(options.domain_state),
        ..MappingOptions::default()
    };
    let mapping = Mapping::resolve(&header, Format::Jsonl, &mapping)?;
    let row = Row {
        number: 1,
        line: 1,
        cells: Cells::Object(object),
    };
    let validated = Validator::new(mapping, &header)
        .validate(&row)
        .into_result();
    let of_options = |problems: Vec<Problem>| problems.into_iter().map(of_option).collect();
    Ok(validated.map_err(of_options))
}

/// A problem that names the option, not the column of a list.
fn of_option(problem: Problem) -> Problem {
    let option = match problem.column.as_deref() {
        Some("name") => "--name",
        Some("domains") => "--domain",
        Some("external_id") => "--external-id",
        Some(_) => "--metadata",
        None => return problem,
    };
    let column = problem.column.unwrap_or_default();
    let key = column.strip_prefix("metadata.");
    let key = key.map_or_else(String::new, |key| format!(" {}", shell(key)));
    Problem {
        message: format!("{option}{key}: {}", problem.message),
        column: None,
        ..problem
    }
}

/// Prints the organization, or why there is none; for scripts, in an object about `environment`.
fn print(
    printer: Printer,
    settled: &Settled,
    environment: Option<&Environment>,
) -> Result<u8, Error> {
    let code = settled.exit_code();
    let organization = settled.organization.as_deref();
    let text = match environment {
        Some(environment) => Some(object(settled, environment).to_string()),
        None => organization.map(text_of),
    };
    if let Some(text) = text {
        printer
            .result(&text)
            .map_err(Error::system("cannot write the organization"))?;
    }
    let record = &settled.record;
    if code == exit_code::DONE {
        if let Some(message) = &record.message {
            printer.info(message);
        }
        if let Some(changes) = &record.changes {
            printer.info(&format!("changed: {changes}"));
        }
        return Ok(code);
    }
    let (name, hint) = error_of(record);
    let request = record.request_id.as_deref();
    let request = request.map_or_else(String::new, |id| format!(" [request {id}]"));
    printer.print(&format!(
        "error: {name}: {}{request}\n\nhint: {hint}",
        message_of(record)
    ));
    Ok(code)
}

/// The organization as WorkOS has answered it.
fn json_of(organization: &Organization) -> Value {
    let body = organization.json.as_deref();
    body.and_then(|body| serde_json::from_slice(body).ok())
        .unwrap_or_else(|| json!({ "object": "organization", "id": organization.id }))
}

/// The same, byte for byte.
fn text_of(organization: &Organization) -> String {
    match organization.json.as_deref() {
        Some(body) => String::from_utf8_lossy(body).into_owned(),
        None => json_of(organization).to_string(),
    }
}

/// What scripts get.
fn object(settled: &Settled, environment: &Environment) -> Value {
    let (code, record) = (settled.exit_code(), &settled.record);
    let error = (code != exit_code::DONE).then(|| {
        let (name, hint) = error_of(record);
        let kind = record.code.as_deref().unwrap_or(record.status.name());
        run::error_object(name, kind, message_of(record), Some(hint))
    });
    let existing = match settled.outcome() {
        "existing" | "updated" => record.organization_id.as_deref(),
        _ => record.existing_organization_id.as_deref(),
    };
    let mut object = run::object("create", Some(environment), error, code);
    object.insert("outcome".to_owned(), settled.outcome().into());
    let organization = settled.organization.as_deref().map(json_of);
    object.insert("organization".to_owned(), organization.into());
    object.insert("existing_organization_id".to_owned(), existing.into());
    object.insert("changes".to_owned(), json!(settled.changes));
    Value::from(object)
}

fn message_of(record: &Record) -> &str {
    record.message.as_deref().unwrap_or("no reason given")
}

/// The name of what went wrong, and what to do.
fn error_of(record: &Record) -> (&'static str, &'static str) {
    match record.error {
        Some(ErrorName::InputError) => ("InputError", "fix the value, then run the command again"),
        Some(ErrorName::ConflictError)
            if record.code.as_deref() == Some("organization_differs") =>
        {
            (
                "ConflictError",
                "to change it to these values, add --update; otherwise use it as it is, or choose another domain or external id",
            )
        }
        Some(ErrorName::ConflictError) => (
            "ConflictError",
            "use the existing organization (--get-or-create, --update), or choose another domain or external id",
        ),
        Some(ErrorName::AuthError) => ("AuthError", "check the API key"),
        _ if record.status == Status::Unavailable => (
            "NetworkError",
            "nothing was created; run the same command again",
        ),
        Some(ErrorName::NetworkError) => (
            "NetworkError",
            "check in the WorkOS dashboard whether it was created, then run the command again",
        ),
        Some(ErrorName::ApiError) | None => (
            "APIError",
            "fix what WorkOS names, then run the command again; WorkOS support can find the request by its id",
        ),
    }
}
