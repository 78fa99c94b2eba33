#!/usr/bin/env bash
# Builds the program and its tests for Windows, and runs the tests under Wine.
#
#   scripts/windows-under-wine.sh FOLDER [--check] [CARGO TEST OPTIONS]
#
# FOLDER gets a Debian with Rust, MinGW and Wine (about 8 GB), and is used again by the next run. Needs
# root and debootstrap. With --check everything is only compiled. Debian has no standard library for
# Windows, so it is built from its sources, for which the stable compiler needs RUSTC_BOOTSTRAP.

set -euo pipefail
cd "$(dirname "$0")/.."

root=${1:?usage: windows-under-wine.sh FOLDER [--check] [CARGO TEST OPTIONS]}
shift
action=test
if [ "${1:-}" = --check ]; then
    action=check
    shift
fi
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

inside() {
    chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}

if [ ! -e "$root/complete" ]; then
    [ -e "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase sid "$root" "$mirror"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    # Also from a mirror that is a copy of an earlier day.
    inside apt-get update -q -o Acquire::Check-Valid-Until=false
    inside apt-get install -y -q --no-install-recommends \
        cargo rustc rust-src gcc libc6-dev gcc-mingw-w64-x86-64 ca-certificates wine wine64
    touch "$root/complete"
fi

mounted=()
leave() {
    for place in "${mounted[@]}"; do
        umount "$place"
    done
}
trap leave EXIT
enter() {
    mkdir -p "$root/$2"
    mount "${@:3}" "$1" "$root/$2"
    mounted+=("$root/$2")
}
mountpoint -q "$root/proc" || enter proc proc -t proc
# The certificates of this machine: a company may have added one of its own.
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
# The sources of the commit, and the crates that are already here.
rm -rf "$root/src"
mkdir -p "$root/src"
git ls-files -z | xargs -0 tar -c | tar -x -C "$root/src"
registry=${CARGO_HOME:-$HOME/.cargo}/registry
[ -d "$registry" ] && enter "$registry" root/.cargo/registry --bind

options=(--locked --target x86_64-pc-windows-gnu -Zbuild-std)
case $action in
check) options+=(--all-targets) ;;
test) options+=(--no-fail-fast) ;;
esac
inside env --chdir=/src \
    RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=/target CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 \
    CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine WINEDEBUG=-all \
    nice cargo "$action" "${options[@]}" "$@"
