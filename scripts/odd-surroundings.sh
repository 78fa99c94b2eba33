#!/usr/bin/env bash
# Runs the tests where nothing is as usual: a target folder and a temporary folder with spaces in their names,
# proxies that do not answer, a narrow terminal, another language, time zone and umask, a key and other settings in
# the environment, and, for root, no network and a user without rights.
#
#   scripts/odd-surroundings.sh [OPTIONS OF THE TEST PROGRAMS]
#
# Everything that was built before is used again: the folder with spaces is a link.

set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=${CARGO_TARGET_DIR:-$PWD/target}
mkdir -p "$target" "$work/a temporary folder"
ln -s "$target" "$work/a target folder"
chmod 755 "$work"
chmod 1777 "$work/a temporary folder"

programs=()
while IFS= read -r program; do
    programs+=("$program")
done < <(CARGO_TARGET_DIR="$work/a target folder" cargo test --locked --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | grep '/deps/')
[ ${#programs[@]} -gt 0 ]

odd=(env -i PATH="$PATH" HOME=/nonexistent TMPDIR="$work/a temporary folder"
    HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 ALL_PROXY=socks5://127.0.0.1:9
    http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 all_proxy=socks5://127.0.0.1:9
    COLUMNS=37 LINES=5 TERM=dumb CLICOLOR_FORCE=1 RUST_LOG=trace
    LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 LANGUAGE=tr TZ=Pacific/Kiritimati
    WORKOS_API_KEY=sk_live_thisisodd WORKOS_BASE_URL=https://workos.invalid
    CARGO_MANIFEST_DIR="$PWD" INSTA_UPDATE=no)
if [ "$(id -u)" -eq 0 ]; then
    # A network with nothing but the loopback device, which comes up by itself only with an address.
    odd=(unshare --net sh -c 'ip link set lo up && exec "$@"' sh
        setpriv --reuid=65534 --regid=65534 --clear-groups "${odd[@]}")
else
    printf 'odd-surroundings: not root: with the network, as this user\n' >&2
fi

failed=0
umask 077
for program in "${programs[@]}"; do
    printf '\n=== %s\n' "$(basename "$program")"
    "${odd[@]}" "$program" --quiet "$@" </dev/null || failed=1
done
exit "$failed"
