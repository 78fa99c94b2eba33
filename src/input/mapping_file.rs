//! A mapping kept in a TOML file, to be looked at, changed and used again.

use super::error::Error;
use super::mapping::Mapping;
use std::io::Write as _;
use std::path::Path;

/// What stands above a mapping that is written.
const PREFACE: &str = "\
# Which column means what. Use it with: workos-orgs import FILE --mapping THIS_FILE
#
# name              the column of the organization's name
# domains           the columns of its domains
# external_id       the column of its id in the system it comes from
# domain_state      pending, or verified if you vouch that the domains are theirs
# [metadata]        metadata key = column
# Further: external_id_from_domain = true, metadata_objects = [\"a column of JSON objects\"],
# strict = true (cells that need cleaning are errors).

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
        let mapping: Self = toml::from_str(&text).map_err(|error| failed(error.into()))?;
        Ok(mapping)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::MappingOptions;
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
