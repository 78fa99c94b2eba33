#!/usr/bin/env bash
# Checks that a tag can be released: names everything that is missing, and fails if there is any.
#
#   scripts/check-release.sh REPOSITORY TAG
#
# REPOSITORY is the address of the project (https://github.com/OWNER/workos-orgs), TAG is v and the version.
# The release workflow calls it before it builds anything.

set -euo pipefail
cd "$(dirname "$0")/.."

repository=${1:?usage: check-release.sh REPOSITORY TAG}
tag=${2:?}
missing=0
must() {
    printf 'check-release: %s\n' "$*" >&2
    missing=1
}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
[ "$tag" = "v$version" ] || must "the tag must be v$version, the version in Cargo.toml, and is $tag"
# cargo binstall finds the archives by it, and npm compares it with the repository that publishes.
grep -qxF "repository = \"$repository\"" Cargo.toml ||
    must "Cargo.toml must have the line: repository = \"$repository\""
grep -qE "^## $version( |\$)" CHANGELOG.md ||
    must "CHANGELOG.md must have the heading: ## $version (DATE)"
moving=$(grep -hE '^ *-? *uses:' .github/workflows/*.yml | grep -vE '@[0-9a-f]{40}( |$)' || true)
[ -z "$moving" ] || must "these actions must be pinned by the hash of a commit: $moving"
exit "$missing"
