#!/usr/bin/env bash
# Builds the program of a release for Linux, linked with musl, packs it, and runs it in an empty root.
#
#   scripts/static-binary.sh FOLDER DIST
#
# FOLDER gets a Debian with Rust (about 4 GB), and may be that of scripts/windows-under-wine.sh. DIST gets the
# archive and the npm packages. Needs root, debootstrap and Python. Zig brings musl and the C compiler for it.
# Where rustup can install the target, `cargo build --release --target x86_64-unknown-linux-musl` is enough.

set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian.sh
. scripts/debian.sh

root=${1:?usage: static-binary.sh FOLDER DIST}
dist=${2:?}
target=x86_64-unknown-linux-musl
debian
if [ ! -e "$root/opt/zig/bin/zig" ]; then
    printf '%s\n' >"$root/zig.txt" \
        "ziglang==0.15.2 --hash=sha256:806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130" \
        "cargo-zigbuild==0.23.4 --hash=sha256:0a149a2a07b9513d422efa9cc23e1add9741f08abe86845fa418eaeb4cca7931"
    python3 -m pip install -q --disable-pip-version-check --require-hashes --target "$root/opt/zig" -r "$root/zig.txt"
    ln -s ../ziglang/zig "$root/opt/zig/bin/zig"
fi
cargo_inside cargo-zigbuild zigbuild --release --locked --target "$target" -Zbuild-std --bin workos-orgs
scripts/package.sh "$root/target/$target/release/workos-orgs" "$target" "$dist"
scripts/try-packages.sh "$dist" "$target"
