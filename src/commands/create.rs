//! `workos-orgs create`: one organization, with the same code as a list.

use super::{ConnectionOptions, Error};
use crate::columns::{Mapping, MappingOptions};
use crate::engine::{Clock, Engine, Settings, Shutdown, StopReason};
use crate::exit_code;
use crate::organization::DomainState;
use crate::plan::{Create, Operation, Task};
use crate::results::{ErrorName, Record, Status};
use crate::run::{self, Connection, Environment};
use crate::table::{Cells, Format, Object, Row};
use crate::ui::Printer;
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
pub async fn run(options: CreateOptions, printer: Printer) -> Result<u8, Error> {
    let task = task(&options)?;
    let connection = Connection::open(&options.connection).await?;
    if let Some(warning) = &connection.warning {
        printer.info(warning);
    }
    let shutdown = Shutdown::default();
    run::listen(&shutdown);
    let is_valid = matches!(task.operation, Operation::Create(_));
    if is_valid && !options.yes {
        run::ask_to_create(&connection.environment, &printer, &shutdown).await?;
    }
    let engine = Engine::new(
        connection.client,
        options.settings,
        Vec::new(),
        shutdown.clone(),
        Clock::system(),
    );
    let mut baseline = crate::engine::Baseline::default();
    if is_valid {
        let api = &connection.environment.api;
        let answer = engine.preflight().await;
        baseline = answer.map_err(|error| run::read_error(error, &shutdown, api))?;
    }
    let engine = engine.with_baseline(baseline, Vec::new());
    match engine.process_one(task).await {
        Some((record, organization)) => {
            let environment = options.json.then_some(&connection.environment);
            print(printer, &record, organization, environment)
        }
        None => match shutdown.reason() {
            Some(StopReason::KeyRefused(refusal)) => Err(Error::KeyRefused(refusal)),
            Some(StopReason::LongPause(_)) => Ok(exit_code::UNAVAILABLE),
            _ => Err(Error::Interrupted),
        },
    }
}

/// The options as a row, so that they are validated like one.
fn task(options: &CreateOptions) -> Result<Task, Error> {
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
    let create = |organization| Operation::Create(Box::new(Create::new(organization, None)));
    let operation = validated.map_or_else(|problems| Operation::Reject(problems.into()), create);
    Ok(Task {
        row: 1,
        line: 1,
        list: crate::organization::Fingerprint(0),
        operation,
    })
}

/// Prints the organization, or why there is none; for scripts, in an object about `environment`.
fn print(
    printer: Printer,
    record: &Record,
    organization: Option<Box<Organization>>,
    environment: Option<&Environment>,
) -> Result<u8, Error> {
    let result = |text: &str| {
        printer.result(text).map_err(|source| Error::System {
            what: "cannot write the organization",
            source,
        })
    };
    if let Some(organization) = organization.filter(|_| record.status.is_done()) {
        let body = organization.json.as_deref();
        let json = body
            .and_then(|body| serde_json::from_slice(body).ok())
            .unwrap_or_else(|| json!({ "object": "organization", "id": organization.id }));
        match environment {
            Some(environment) => {
                let status = record.status.name();
                let mut object = run::object("create", Some(environment), None, exit_code::DONE);
                object.insert("status".to_owned(), status.into());
                object.insert("organization".to_owned(), json);
                result(&Value::from(object).to_string())?;
            }
            None => match body {
                Some(body) => result(&String::from_utf8_lossy(body))?,
                None => result(&json.to_string())?,
            },
        }
        if let Some(message) = &record.message {
            printer.info(message);
        }
        return Ok(exit_code::DONE);
    }
    let (name, hint) = error_of(record);
    let code = if record.status.is_retryable() {
        exit_code::UNAVAILABLE
    } else {
        exit_code::NEEDS_ATTENTION
    };
    let message = record.message.as_deref().unwrap_or("no reason given");
    if let Some(environment) = environment {
        let kind = record.code.as_deref().unwrap_or(record.status.name());
        let error = run::error_object(name, kind, message, Some(hint));
        let mut object = run::object("create", Some(environment), Some(error), code);
        object.insert("status".to_owned(), record.status.name().into());
        object.insert("organization".to_owned(), Value::Null);
        result(&Value::from(object).to_string())?;
    }
    let request = record.request_id.as_deref();
    let request = request.map_or_else(String::new, |id| format!(" [request {id}]"));
    printer.print(&format!(
        "error: {name}: {message}{request}\n\nhint: {hint}"
    ));
    Ok(code)
}

/// The name of what went wrong, and what to do.
fn error_of(record: &Record) -> (&'static str, &'static str) {
    match record.error {
        Some(ErrorName::InputError) => ("InputError", "fix the value, then run the command again"),
        Some(ErrorName::ConflictError) => (
            "ConflictError",
            "use the existing organization, or choose another domain or external id",
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
