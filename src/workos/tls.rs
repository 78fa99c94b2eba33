//! Which certificates are trusted: those of the system, or Mozilla's where it has none.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why there are no certificates to check WorkOS with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that the user has named cannot be read.
    #[error("cannot read the certificates in {} (from {from})", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The option or variable that names it.
        from: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file that the user has named has no certificate.
    #[error("{} (from {from}) contains no certificate in PEM format", path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// The option or variable that names it.
        from: &'static str,
    },
    /// The TLS library refuses its own defaults.
    #[error("cannot set up TLS")]
    Library(#[from] rustls::Error),
}

/// The variables that replace the certificates of the system, as OpenSSL has them.
const FILE: &str = "SSL_CERT_FILE";
const FOLDER: &str = "SSL_CERT_DIR";
/// The option that adds certificates to them.
const OPTION: &str = "--ca-file";

/// The TLS configuration of a client that trusts the system, and the certificates in `ca_file`.
///
/// # Errors
/// When a file that the user has named cannot be used.
pub(super) fn trusting(ca_file: Option<&Path>) -> Result<ClientConfig, TlsError> {
    let mut roots = of_system(|name| std::env::var_os(name).filter(|value| !value.is_empty()))?;
    if let Some(path) = ca_file {
        add(&mut roots, path, OPTION)?;
    }
    config(roots)
}

/// The TLS configuration of a client that uses no TLS, which needs no certificates: only those that
/// the user has named are read, so that a wrong name is told at once.
///
/// # Errors
/// When they cannot be used.
pub(super) fn unused(ca_file: Option<&Path>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca_file {
        add(&mut roots, path, OPTION)?;
    }
    config(roots)
}

fn config(roots: RootCertStore) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn of_system(variable: impl Fn(&str) -> Option<OsString>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let (file, folders) = (variable(FILE), variable(FOLDER));
    if file.is_some() || folders.is_some() {
        if let Some(file) = file {
            add(&mut roots, Path::new(&file), FILE)?;
        }
        for folder in folders.iter().flat_map(std::env::split_paths) {
            add_folder(&mut roots, &folder)?;
        }
        return Ok(roots);
    }
    // Some systems have certificates that the library does not take.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(roots)
}

/// Adds the certificates of a file, at least one.
fn add(roots: &mut RootCertStore, path: &Path, from: &'static str) -> Result<(), TlsError> {
    let unreadable = |source| TlsError::Unreadable {
        path: path.to_owned(),
        from,
        source,
    };
    let read = |error: pem::Error| match error {
        pem::Error::Io(error) => unreadable(error.into()),
        error => unreadable(error.into()),
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(read)?;
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(read)?;
    // A bundle may hold certificates that the library does not take.
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        let path = path.to_owned();
        return Err(TlsError::Empty { path, from });
    }
    Ok(())
}

/// Adds the certificates of a folder, at least one.
fn add_folder(roots: &mut RootCertStore, path: &Path) -> Result<(), TlsError> {
    let failed = |source: std::io::Error| TlsError::Unreadable {
        path: path.to_owned(),
        from: FOLDER,
        source: source.into(),
    };
    // The function below would call a missing folder an empty one.
    std::fs::read_dir(path).map_err(failed)?;
    let found = rustls_native_certs::load_certs_from_paths(None, Some(path));
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let path = path.to_owned();
        return Err(TlsError::Empty { path, from: FOLDER });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, path: &Path) -> Result<RootCertStore, TlsError> {
        of_system(|asked| (asked == name).then(|| path.as_os_str().to_owned()))
    }

    #[test]
    fn there_are_always_certificates() {
        assert!(!of_system(|_| None).unwrap().is_empty());
    }

    #[test]
    fn a_named_file_that_cannot_be_used_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing.pem");
        let empty = directory.path().join("empty.pem");
        std::fs::write(&empty, "no certificate\n").unwrap();
        for name in [FILE, FOLDER] {
            let error = with(name, &missing).unwrap_err();
            assert!(matches!(error, TlsError::Unreadable { .. }), "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
        let error = with(FILE, &empty).unwrap_err();
        assert!(matches!(error, TlsError::Empty { .. }), "{error}");
        let error = with(FOLDER, directory.path()).unwrap_err();
        assert!(matches!(error, TlsError::Empty { .. }), "{error}");
        for path in [missing, empty] {
            assert!(trusting(Some(&path)).is_err() && unused(Some(&path)).is_err());
        }
        assert!(unused(None).is_ok());
    }
}
