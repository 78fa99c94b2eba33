#!/usr/bin/env bash
# Compares the program with curl and WorkOS's Node SDK: the same organizations, the same machine, a
# new sandbox each, by turns. Needs curl; Node.js and npm for the SDK.
#
#   benches/compare.sh [ROWS] [ROUNDS]

set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:-5000}
rounds=${2:-3}
cargo build --release --locked --quiet
program=$PWD/target/release/workos-orgs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export WORKOS_API_KEY=sk_test_sandbox

awk -v rows="$rows" 'BEGIN {
    print "name,domain,external_id,metadata.plan"
    for (i = 0; i < rows; i++)
        printf "Company Number %d Incorporated,company%d.example.com,ext-%07d,enterprise\n", i, i, i
}' >"$work/customers.csv"

with_sandbox() {
    "$program" sandbox --port 4711 --rate-limit unlimited 2>"$work/sandbox" &
    local sandbox=$!
    until grep -q API "$work/sandbox"; do sleep 0.05; done
    export WORKOS_BASE_URL=http://127.0.0.1:4711
    local start end
    start=$(date +%s%N)
    "$@"
    end=$(date +%s%N)
    kill "$sandbox"
    wait "$sandbox" 2>/dev/null || true
    awk -v what="$1" -v rows="$rows" -v ns="$((end - start))" \
        'BEGIN { printf "%-12s %8.0f rows/s\n", what, rows / (ns / 1e9) }'
}

ours() {
    rm -f "$work"/customers.results.*
    "$program" import "$work/customers.csv" --rate unlimited --quiet
}

# One transfer per row, in a file of curl options; curl reuses its connections.
with_curl() {
    awk -F, -v url="$WORKOS_BASE_URL" -v key="$WORKOS_API_KEY" 'NR > 1 {
        if (NR > 2) print "next"
        printf "url = \"%s/organizations\"\n", url
        printf "header = \"Authorization: Bearer %s\"\n", key
        print "header = \"Content-Type: application/json\""
        body = sprintf("{\"name\":\"%s\",\"domain_data\":[{\"domain\":\"%s\",\"state\":\"pending\"}],\"external_id\":\"%s\",\"metadata\":{\"plan\":\"%s\"}}", $1, $2, $3, $4)
        gsub(/"/, "\\\"", body)
        printf "data = \"%s\"\n", body
        print "output = \"/dev/null\""
    }' "$work/customers.csv" >"$work/curl"
    curl --silent --fail --parallel --parallel-max 64 --config "$work/curl"
}

with_node() {
    node benches/node-sdk/import.mjs "$work/customers.csv"
}

if command -v npm >/dev/null; then
    (cd benches/node-sdk && npm ci --silent --no-audit --no-fund)
fi
for round in $(seq "$rounds"); do
    echo "round $round"
    with_sandbox ours
    with_sandbox with_curl
    if command -v node >/dev/null; then
        with_sandbox with_node
    fi
done
