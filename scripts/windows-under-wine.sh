#!/usr/bin/env bash
# Builds the program and its tests for Windows, and runs the tests under Wine.
#
#   scripts/windows-under-wine.sh FOLDER [--check] [CARGO TEST OPTIONS]
#
# FOLDER gets a Debian with Rust, MinGW and Wine (about 8 GB), and is used again by the next run. Needs
# root and debootstrap. With --check everything is only compiled.
#
# A process starts slowly under Wine, so all tests take an hour on two processors. No program there sends Ctrl-C:
# tests that need it are ignored, with that reason.

set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian.sh
. scripts/debian.sh

root=${1:?usage: windows-under-wine.sh FOLDER [--check] [CARGO TEST OPTIONS]}
shift
options=(--locked --target x86_64-pc-windows-gnu -Zbuild-std)
if [ "${1:-}" = --check ]; then
    shift
    action=(check --all-targets)
else
    action=(test --no-fail-fast)
fi
debian gcc-mingw-w64-x86-64 wine wine64
cargo_inside CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine WINEDEBUG=-all \
    cargo "${action[@]}" "${options[@]}" "$@"
