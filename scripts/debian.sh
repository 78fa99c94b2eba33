# shellcheck shell=bash
# A Debian in a folder, with Rust and the sources of its standard library. Other scripts source this: it builds
# for systems that the machine's own Rust has no standard library for. Needs root and debootstrap.

# Runs a command in the folder $root.
inside() {
    chroot "$root" env -i HOME=/root PATH=/opt/zig/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}

# Makes the folder, or uses it again, with these packages besides Rust, and copies the project to /src there.
debian() {
    local mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian} packages
    packages=(cargo rustc rust-src gcc libc6-dev ca-certificates "$@")
    [ -e "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase sid "$root" "$mirror"
    if ! inside dpkg-query -W "${packages[@]}" >"$root/packages" 2>&1; then
        cp /etc/resolv.conf "$root/etc/resolv.conf"
        # Also from a mirror that is a copy of an earlier day.
        inside apt-get update -q -o Acquire::Check-Valid-Until=false
        inside apt-get install -y -q --no-install-recommends "${packages[@]}"
    fi
    trap leave EXIT
    mountpoint -q "$root/proc" || enter proc proc -t proc
    # The certificates of this machine: a company may have added one of its own.
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    # The sources of the commit, and the crates that are already here.
    rm -rf "$root/src"
    mkdir -p "$root/src"
    git ls-files -z | xargs -0 tar -c | tar -x -C "$root/src"
    local registry=${CARGO_HOME:-$HOME/.cargo}/registry
    if [ -d "$registry" ]; then
        enter "$registry" root/.cargo/registry --bind
    fi
}

mounted=()
enter() {
    mkdir -p "$root/$2"
    mount "${@:3}" "$1" "$root/$2"
    mounted+=("$root/$2")
}
leave() {
    local place
    for place in "${mounted[@]}"; do
        umount "$place"
    done
}

# Debian's compiler is a stable one, which builds the standard library only when told that this is meant.
cargo_inside() {
    inside env -C /src RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=/target CARGO_INCREMENTAL=0 \
        CARGO_PROFILE_DEV_DEBUG=0 ${CARGO_BUILD_JOBS:+CARGO_BUILD_JOBS="$CARGO_BUILD_JOBS"} "$@"
}
