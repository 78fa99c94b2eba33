//! A mapping kept in a TOML file, to be looked at, changed and used again.

use super::error::Error;
use super::mapping::Mapping;
use std::io::Write as _;
use std::path::Path;

/// Comment at the top of a written mapping.
const PREFACE: &str = "\
# Which column means what. Use it with: workos-orgs import FILE --mapping THIS_FILE
#
# name              the column of the organization's name
# domains           the columns of its domains
# external_id       the column of its id in the system it comes from
# domain_state      pending, or verified (marks domains as verified WITHOUT a check)
# [metadata]        metadata key = column
# Further: external_id_from_domain = true, metadata_objects = [\"a column of JSON objects\"],
# strict = true (cells that need cleaning are errors); of JSONL, whose keys may appear late,
# late = [the roles that such a key may get by its name], and paths (\"company.name\");
# unsent = [metadata keys that are not sent, whatever is called so];
# one_per = \"name\" (rows of the same name are one organization), differing = \"first\".

";

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// If it cannot be read, or is not a mapping in TOML.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::MappingFile {
            action: "read",
            path: path.display().to_string(),
            source,
        };
        let text = fs_err::read_to_string(path).map_err(|error| failed(error.into()))?;
        toml::from_str(&text).map_err(|error| match unquoted(&text, &error) {
            Some(slip) => failed(slip.into()),
            None => failed(error.into()),
        })
    }

    /// Writes a mapping file. It must not exist yet.
    ///
    /// # Errors
    /// If it exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::MappingFile {
            action: "write",
            path: path.display().to_string(),
            source,
        };
        let text = toml::to_string(self).map_err(|error| failed(error.into()))?;
        let mut file = fs_err::File::create_new(path).map_err(|error| failed(error.into()))?;
        file.write_all(PREFACE.as_bytes())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(|error| failed(error.into()))
    }
}

/// What to write instead where a value has no quotes: a mistake that TOML's own
/// message does not name.
fn unquoted(text: &str, error: &toml::de::Error) -> Option<String> {
    let before = text.get(..error.span()?.start)?;
    let number = before.matches('\n').count();
    let (key, value) = text.lines().nth(number)?.split_once('=')?;
    let value = value.trim();
    let is_word = value.starts_with(char::is_alphabetic) && !value.contains(['"', '\'', '#']);
    (is_word && !matches!(value, "true" | "false")).then(|| {
        format!(
            "line {}: the column's name needs quotes: {} = \"{value}\"",
            number + 1,
            key.trim()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::MappingOptions;
    use crate::table::Format;

    #[test]
    fn a_mapping_that_was_saved_is_loaded_again_but_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.toml");
        let header = [
            "Company".to_owned(),
            "Website".to_owned(),
            "metadata.Größe".to_owned(),
        ];
        let mapping = Mapping::resolve(&header, Format::Csv, &MappingOptions::default()).unwrap();
        mapping.save(&path).unwrap();
        assert_eq!(Mapping::load(&path).unwrap(), mapping);
        assert!(matches!(
            mapping.save(&path),
            Err(Error::MappingFile {
                action: "write",
                ..
            })
        ));
    }

    #[test]
    fn slips_in_a_mapping_are_named_or_understood() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.toml");
        fs_err::write(&path, "# mine\nname = Firma AG\n").unwrap();
        let error = Mapping::load(&path).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(
            cause,
            "line 2: the column's name needs quotes: name = \"Firma AG\""
        );
        fs_err::write(&path, "name = \"Firma\"\ndomain = \"Web\"\n").unwrap();
        assert_eq!(Mapping::load(&path).unwrap().domains, ["Web"]);
    }

    #[test]
    fn a_column_that_is_not_there_names_the_mapping_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.toml");
        fs_err::write(&path, "name = \"Firma\"").unwrap();
        let options = MappingOptions {
            file: Some(path.clone()),
            ..MappingOptions::default()
        };
        let header = ["Frima".to_owned()];
        let error = Mapping::resolve(&header, Format::Csv, &options).unwrap_err();
        assert!(error.to_string().contains("map.toml"), "{error}");
        assert!(error.hint().unwrap().starts_with("did you mean \"Frima\"?"));
    }

    #[test]
    fn a_misspelt_mapping_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.toml");
        fs_err::write(&path, "nmae = \"Company\"").unwrap();
        assert!(matches!(
            Mapping::load(&path),
            Err(Error::MappingFile { action: "read", .. })
        ));
    }
}
