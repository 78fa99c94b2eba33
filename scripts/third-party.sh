#!/usr/bin/env bash
# Writes THIRD-PARTY.md: the crates that are part of the program, with their versions and licences.

set -euo pipefail
cd "$(dirname "$0")/.."

{
    cat <<'TEXT'
# Third-party software

The program contains these crates, under the licences named here. Their texts are in the sources of each
crate. Made by `scripts/third-party.sh`.

`psl` contains the Public Suffix List (<https://publicsuffix.org>), under the Mozilla Public License 2.0.
`webpki-roots` contains certificates of Mozilla's root program, under CDLA-Permissive-2.0.

| crate | version | licence |
|---|---|---|
TEXT
    cargo tree --locked --edges normal --target all --prefix none --format '| {p} | {l} |' |
        grep -v '^| workos-orgs ' |
        sed -E 's/^\| ([^ ]+) v([^ ]+)( \(proc-macro\))?( \(\*\))? \| (.*) \|( \(\*\))?$/| \1 | \2 | \5 |/' |
        LC_ALL=C sort -u
} >THIRD-PARTY.md
