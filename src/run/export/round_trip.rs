//! What `import` would read differently from what WorkOS has: the export is checked by the same
//! code that reads a list.

use super::columns::Columns;
use super::exported::Exported;
use crate::columns::{Mapping, MappingOptions};
use crate::organization::{Fingerprint, NewOrganization};
use crate::table::{Cells, Format, Row};
use crate::text::{counted, untrusted};
use crate::validate::Validator;
use csv::StringRecord;

/// Reads each exported row as `import` does.
#[derive(Debug)]
pub(super) struct RoundTrip {
    validator: Validator,
    different: u64,
    first: Option<String>,
}

impl RoundTrip {
    /// The check of a CSV export.
    pub(super) fn of_csv(columns: &Columns) -> Option<Self> {
        let mapping = columns.mapping()?;
        Some(Self::new(mapping, &columns.header()))
    }

    /// The check of a JSONL export.
    pub(super) fn of_jsonl() -> Option<Self> {
        let header = ["name", "domains", "external_id", "metadata"].map(str::to_owned);
        let options = MappingOptions::default();
        let mapping = Mapping::resolve(&header, Format::Jsonl, &options).ok()?;
        Some(Self::new(mapping, &header))
    }

    fn new(mapping: Mapping, header: &[String]) -> Self {
        Self {
            validator: Validator::new(mapping, header).without_name_warnings(),
            different: 0,
            first: None,
        }
    }

    /// Checks the cells of an organization.
    pub(super) fn check_cells(&mut self, organization: &Exported, cells: StringRecord) {
        self.check(organization, Cells::Record(cells));
    }

    /// Checks the line of an organization.
    pub(super) fn check_line(&mut self, organization: &Exported, line: &[u8]) {
        if let Ok(object) = serde_json::from_slice(line) {
            self.check(organization, Cells::Object(object));
        }
    }

    fn check(&mut self, organization: &Exported, cells: Cells) {
        let row = Row {
            number: 1,
            line: 1,
            cells,
        };
        let found = match self.validator.validate(&row).into_result() {
            Ok(read) if is_same(organization, &read) => return,
            Ok(read) => difference(organization, &read).to_owned(),
            Err(problems) => problems
                .first()
                .map_or_else(String::new, |it| it.message.clone()),
        };
        self.different += 1;
        self.first.get_or_insert_with(|| {
            let id = untrusted(&organization.workos_organization_id, 60);
            let name = untrusted(&organization.name, 60);
            format!("{name} ({id}): {found}")
        });
    }

    /// What to tell the user; `None` where everything is read as it is.
    pub(super) fn notice(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        let organizations = counted(self.different, "organization");
        Some(format!(
            "{organizations} would not be imported exactly as WorkOS has them; `workos-orgs check` shows each one. The first: {first}"
        ))
    }
}

fn is_same(organization: &Exported, read: &NewOrganization<'_>) -> bool {
    let metadata = organization.metadata.iter();
    let exported = Fingerprint::of_organization(
        &organization.name,
        organization.domains.iter().map(String::as_str),
        organization.external_id.as_deref(),
        metadata.map(|(key, value)| (key.as_str(), value.as_str())),
    );
    exported == read.fingerprint()
}

/// What differs, as a fragment.
fn difference(organization: &Exported, read: &NewOrganization<'_>) -> &'static str {
    if organization.external_id.as_deref() != read.external_id.as_deref() {
        return "its external id is read differently";
    }
    let metadata = organization.metadata.iter();
    let is_read = |(key, value): (&String, &String)| {
        let found = read.metadata.get(key.as_str());
        found.is_some_and(|found| found == value)
    };
    if metadata.len() != read.metadata.len() || !metadata.clone().all(is_read) {
        return "a metadata value is read differently";
    }
    if organization.domains.len() != read.domain_data.len() {
        return "its domains are read differently";
    }
    "its name or a domain is read differently"
}
