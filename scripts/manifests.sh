#!/usr/bin/env bash
# Writes the Homebrew formula and the Scoop manifest of a release from its SHA-256 sums.
#
#   scripts/manifests.sh REPOSITORY FOLDER
#
# REPOSITORY is the address of the project (https://github.com/OWNER/workos-orgs). FOLDER has the .sha256 files
# of the archives, as scripts/package.sh writes them, and gets workos-orgs.rb and workos-orgs.json.

set -euo pipefail
shopt -s inherit_errexit

repository=${1:?usage: manifests.sh REPOSITORY FOLDER}
folder=${2:?}
here=$(cd "$(dirname "$0")/.." && pwd)

field() {
    sed -n "s/^$1 = \"\(.*\)\"/\1/p" "$here/Cargo.toml" | head -1
}
version=$(field version)
description=$(field description)

archive() {
    case $1 in
    *windows*) printf 'workos-orgs-%s-%s.zip' "$version" "$1" ;;
    *) printf 'workos-orgs-%s-%s.tar.gz' "$version" "$1" ;;
    esac
}
url() {
    printf '%s/releases/download/v%s/%s' "$repository" "$version" "$(archive "$1")"
}
sum() {
    local sum
    sum=$(cut -d ' ' -f 1 "$folder/$(archive "$1").sha256")
    [[ $sum =~ ^[0-9a-f]{64}$ ]] || {
        printf 'manifests: no SHA-256 sum of %s\n' "$1" >&2
        return 1
    }
    printf '%s' "$sum"
}

# One system of the formula: its name and the targets for Apple's or ARM's processors and for Intel's.
formula_for() {
    local arm intel
    arm=$(sum "$2")
    intel=$(sum "$3")
    cat <<TEXT
  on_$1 do
    on_arm do
      url "$(url "$2")"
      sha256 "$arm"
    end
    on_intel do
      url "$(url "$3")"
      sha256 "$intel"
    end
  end

TEXT
}

formula() {
    cat <<TEXT
class WorkosOrgs < Formula
  desc "Import a customer list into WorkOS, one organization per row"
  homepage "$repository"
  version "$version"
  license "MIT"

TEXT
    formula_for macos aarch64-apple-darwin x86_64-apple-darwin
    formula_for linux aarch64-unknown-linux-musl x86_64-unknown-linux-musl
    cat <<'TEXT'
  def install
    bin.install "workos-orgs"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/workos-orgs.bash" => "workos-orgs"
    zsh_completion.install "completions/workos-orgs.zsh" => "_workos-orgs"
    fish_completion.install "completions/workos-orgs.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/workos-orgs --version")
  end
end
TEXT
}

manifest_for() {
    local sum
    sum=$(sum "$1")
    printf '{ "url": "%s", "hash": "%s", "extract_dir": "workos-orgs-%s-%s" }' "$(url "$1")" "$sum" "$version" "$1"
}

manifest() {
    local intel arm
    intel=$(manifest_for x86_64-pc-windows-msvc)
    arm=$(manifest_for aarch64-pc-windows-msvc)
    cat <<TEXT
{
  "version": "$version",
  "description": "$description",
  "homepage": "$repository",
  "license": "MIT",
  "architecture": {
    "64bit": $intel,
    "arm64": $arm
  },
  "bin": "workos-orgs.exe"
}
TEXT
}

formula >"$folder/workos-orgs.rb"
manifest >"$folder/workos-orgs.json"
