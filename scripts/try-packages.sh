#!/usr/bin/env bash
# Installs what scripts/package.sh has made for this platform, and runs it.
#
#   scripts/try-packages.sh FOLDER TARGET
#
# The archive is unpacked into an empty root: no certificates, no /proc, no /dev, a home that cannot be
# written, and a user without rights. That needs root. The npm packages are installed without a network.

set -euo pipefail

folder=$(cd "${1:?usage: try-packages.sh FOLDER TARGET}" && pwd)
target=${2:?}
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
started=()
leave() {
    [ ${#started[@]} -eq 0 ] || kill -9 "${started[@]}" 2>/dev/null || true
    rm -rf "$work"
}
trap leave EXIT

# Fails unless the command ends with this code.
expect() {
    local wanted=$1 code=0
    shift
    "$@" >"$work/printed" 2>&1 || code=$?
    [ "$code" -eq "$wanted" ] || {
        cat "$work/printed"
        printf 'try-packages: exit code %s, expected %s: %s\n' "$code" "$wanted" "$*" >&2
        exit 1
    }
}

expect_printed() {
    grep -q "$1" "$work/printed" || {
        cat "$work/printed"
        printf 'try-packages: not printed: %s\n' "$1" >&2
        exit 1
    }
}

# Waits for the address that a sandbox prints, and prints it.
address() {
    for _ in $(seq 600); do
        sed -n 's/^sandbox at \(http[^,]*\),.*/\1/p' "$1" | grep . && return
        sleep 0.1
    done
    cat "$1" >&2
    return 1
}

in_an_empty_root() {
    local root=$work/root url before after
    mkdir -p "$root/data" "$root/home" "$root/tmp"
    tar -xzf "$folder"/workos-orgs-*-"$target".tar.gz -C "$root" --strip-components 1
    cp "$here/sample-data/customers.csv" "$root/data/"
    # The program of a release needs none.
    { ldd "$root/workos-orgs" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
    chmod 555 "$root" "$root/home"
    chmod 755 "$work"
    chown -R 65534:65534 "$root/data" "$root/tmp"
    local inside=(env -i PATH="$PATH" HOME=/home WORKOS_API_KEY=sk_test_sandbox
        chroot --userspec=65534:65534 "$root" /workos-orgs)
    expect 0 "${inside[@]}" --version
    expect 3 "${inside[@]}" check /data/missing.csv
    "${inside[@]}" sandbox --port 0 >"$work/sandbox" 2>&1 &
    started+=($!)
    url=$(address "$work/sandbox")
    expect 1 "${inside[@]}" import /data/customers.csv --base-url "$url"
    expect_printed 'created  *249'
    before=$(cksum <"$root/data/customers.results.csv")
    expect 1 "${inside[@]}" import /data/customers.csv --base-url "$url"
    after=$(cksum <"$root/data/customers.results.csv")
    [ "$before" = "$after" ]
    expect 0 "${inside[@]}" report /data/customers.results.csv --output /data/report.html
    # Nothing is listening there, and no certificate of the system is needed to find that out.
    expect 124 timeout 3 "${inside[@]}" export --output /data/export.csv --base-url https://127.0.0.1:1
    expect_printed 'cannot reach WorkOS'
    printf 'try-packages: %s runs in an empty root\n' "$target"
}

from_npm() {
    local place=$work/npm program processor
    case $target in
    x86_64*) processor=x64 ;;
    *) processor=arm64 ;;
    esac
    mkdir "$place"
    printf '{ "private": true }\n' >"$place/package.json"
    (cd "$place" && npm install --offline --ignore-scripts --no-audit --no-fund --silent --cache "$work/cache" \
        "$folder"/workos-orgs-[0-9]*[0-9].tgz "$folder"/workos-orgs-*-"$processor"-[0-9]*[0-9].tgz)
    program=$place/node_modules/.bin/workos-orgs
    expect 0 "$program" --version
    (cd "$place" && expect 0 npx --offline workos-orgs --version)
    expect 3 "$program" check "$place/missing.csv"
    # Without a terminal a signal is passed on, and the program ends well.
    for signal in INT TERM; do
        "$program" sandbox --port 0 >"$work/sandbox-$signal" 2>&1 </dev/null &
        started+=($!)
        address "$work/sandbox-$signal" >/dev/null
        kill -s "$signal" $!
        expect 0 wait $!
    done
    rm -r "$place"/node_modules/@workos-orgs
    expect 1 "$program" --version
    expect_printed 'there is no workos-orgs for'
    printf 'try-packages: the npm packages run\n'
}

if [ "$(id -u)" -eq 0 ]; then
    in_an_empty_root
else
    printf 'try-packages: SKIPPED: only root can make an empty root\n' >&2
fi
if command -v npm >/dev/null; then
    from_npm
else
    printf 'try-packages: SKIPPED: no npm\n' >&2
fi
