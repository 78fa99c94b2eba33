//! `workos-orgs template`: an example list.

use super::Error;
use crate::exit_code;
use crate::run::object_with;
use crate::table::Format;
use crate::ui::Printer;
use serde_json::json;

const CSV: &str = "\
name,domains,external_id,metadata.plan,metadata.region
Acme Corporation,acme.com;acme.de,crm-1001,enterprise,EU
\"Miller, Sons & Co.\",miller-sons.co.uk,crm-1002,starter,UK
Café Zürich,,crm-1003,,CH
";

const JSONL: &str = r#"{"name":"Acme Corporation","domains":["acme.com","acme.de"],"external_id":"crm-1001","metadata":{"plan":"enterprise","region":"EU"}}
{"name":"Miller, Sons & Co.","domains":["miller-sons.co.uk"],"external_id":"crm-1002","metadata":{"plan":"starter","region":"UK"}}
{"name":"Café Zürich","external_id":"crm-1003","metadata":{"region":"CH"}}
"#;

/// Explains the columns. Not part of the file: neither format has comments.
const COMMENTS: &str = "\
One organization per row. Replace the three examples with your customers.

  name          required, 1 to 255 characters; two customers may share one
  domains       email domains of the customer, separated by ; or , or spaces; URLs and
                email addresses work too
  external_id   the customer's id in your own system, at most 64 ASCII characters, different in
                every row; with it, WorkOS itself prevents duplicates
  metadata.KEY  other data to store in WorkOS, as text: at most 10 keys of 40 characters,
                values of 600 characters

Other columns are not sent; they are kept in the results file.
Then: workos-orgs check FILE
";

/// Prints an example list on standard output and explains its columns on standard error; returns the
/// exit code. With `json`, the list is in one object.
///
/// # Errors
/// When it cannot be written.
pub fn run(format: Format, json: bool, printer: Printer) -> Result<u8, Error> {
    let list = list(format);
    printer.info(COMMENTS);
    let text = if json {
        let own = json!({"format": format.extension(), "list": list});
        object_with("template", None, None, exit_code::DONE, own)
    } else {
        list.trim_end().to_owned()
    };
    printer
        .result(&text)
        .map_err(Error::system("cannot write the template"))?;
    Ok(exit_code::DONE)
}

const fn list(format: Format) -> &'static str {
    match format {
        Format::Csv => CSV,
        Format::Jsonl => JSONL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::MappingOptions;
    use crate::commands::check::{self, CheckOptions};
    use crate::input::{InputFormat, ReadOptions, Source};

    #[test]
    fn the_template_passes_the_check() {
        for (format, name) in [(Format::Csv, "t.csv"), (Format::Jsonl, "t.jsonl")] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            let (mut out, mut err) = (Vec::new(), Vec::new());
            fs_err::write(&path, list(format)).unwrap();
            let options = CheckOptions {
                source: Source::File(path),
                read: ReadOptions {
                    format: None::<InputFormat>,
                    ..ReadOptions::default()
                },
                mapping: MappingOptions {
                    strict: true,
                    ..MappingOptions::default()
                },
                verbose: false,
                json: false,
                fixed: None,
                report: None,
                show_requests: 0,
                write_mapping: None,
                rate: None,
                invocation: crate::run::Invocation::default(),
            };
            let code = check::run(&options, &mut out, &mut err).unwrap();
            let text = String::from_utf8_lossy(&out);
            assert_eq!(code, exit_code::DONE, "{text}");
            assert!(text.contains("3 rows, all can be sent"), "{text}");
        }
    }
}
