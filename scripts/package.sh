#!/usr/bin/env bash
# Makes the archive of a release: the program, shell completions, manual pages and licences.
#
#   scripts/package.sh PROGRAM TARGET FOLDER
#
# PROGRAM is the built program, TARGET the name of its platform (x86_64-unknown-linux-musl). Writes
# FOLDER/workos-orgs-VERSION-TARGET.tar.gz (.zip for Windows) and its SHA-256 sum, and where npm is installed
# the npm packages of the platform (workos-orgs-linux-x64-VERSION.tgz). The completions and pages
# are printed by the program itself; set RUNNER (for example to `wine`) where it does not run directly, or
# name another build of the same version in PRINTER.

set -euo pipefail

program=${1:?usage: package.sh PROGRAM TARGET FOLDER}
target=${2:?}
folder=${3:?}
here=$(cd "$(dirname "$0")/.." && pwd)

print() {
    if [ -n "${PRINTER:-}" ]; then
        "$PRINTER" "$@"
    else
        ${RUNNER:-} "$program" "$@"
    fi
}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/Cargo.toml" | head -1)
case $(print --version | tr -d '\r') in
"workos-orgs $version"*) ;;
*)
    printf 'package: the program is not version %s\n' "$version" >&2
    exit 1
    ;;
esac

name=workos-orgs-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/completions" "$work/$name/man" "$folder"
cp "$program" "$work/$name/"
cp "$here/README.md" "$here/CHANGELOG.md" "$here/LICENSE" "$here/THIRD-PARTY.md" "$work/$name/"
for shell in bash zsh fish powershell elvish; do
    print completions "$shell" >"$work/$name/completions/workos-orgs.$shell"
done
print man >"$work/$name/man/workos-orgs.1"
commands=$(print --help | tr -d '\r' | sed -n '/^Commands:/,/^$/s/^  \([a-z]\{1,\}\) .*/\1/p' | grep -vx help)
for command in $commands; do
    print man "$command" >"$work/$name/man/workos-orgs-$command.1"
done

# The same content gives the same bytes.
date=$(git -C "$here" log -1 --format=%cI 2>/dev/null || date -u -d @0 +%FT%TZ)
find "$work" -exec touch -d "$date" {} +
case $target in
*windows*)
    archive=$name.zip
    (cd "$work" && find "$name" -type f | LC_ALL=C sort | zip -q -X -@ "$archive")
    ;;
*)
    archive=$name.tar.gz
    tar --sort=name --owner=0 --group=0 --numeric-owner -C "$work" -c "$name" | gzip -9n >"$work/$archive"
    ;;
esac
mv "$work/$archive" "$folder/"
(cd "$folder" && sha256sum "$archive" >"$archive.sha256")
if command -v npm >/dev/null; then
    node "$here/npm/pack.mjs" "$version" "$program" "$target" "$folder"
fi
printf '%s\n' "$folder/$archive"
