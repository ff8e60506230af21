#include "ledger/package.h"

namespace stanch::ledger {

std::string_view verify_script() {
  return R"sh(#!/bin/sh
# Checks this package with sha256sum, openssl and the usual tools alone.
#   sh verify.sh [KEY.pem]
# KEY.pem is the ledger's public key as you got it by another way. Without it that of the package
# is used, and then this only shows that nothing was damaged.
set -eu
export LC_ALL=C
fail() { echo "FAILED: $*" >&2; exit 1; }

key=$(realpath -- "${1:-$(dirname "$0")/keys/ledger.pub.pem}")
[ -r "$key" ] || fail "there is no key at $key"
cd "$(dirname "$0")"
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

signed() { # FILE SIGNATURE
  openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$1" -sigfile "$2" >"$t/out" 2>&1 ||
    fail "the signature of $1"
}
each_line() { # the SHA-256 of each line of standard input, its newline included
  rm -rf "$t/lines" && mkdir "$t/lines" && split -l 1 -a 8 -d - "$t/lines/"
  (cd "$t/lines" && ls | xargs -r sha256sum) | cut -c1-64
}

# 1. Every file is what the manifests say, the manifests are signed, and there are no others.
sha256sum --quiet --strict --check tagmanifest-sha256.txt manifest-sha256.txt || fail "a file"
signed tagmanifest-sha256.txt tagmanifest-sha256.sig
{ cut -c67- manifest-sha256.txt tagmanifest-sha256.txt
  echo tagmanifest-sha256.txt; echo tagmanifest-sha256.sig; } | sort >"$t/listed"
find . -type f | cut -c3- | sort | cmp -s "$t/listed" - || fail "a file that is not listed"

# 2. The checkpoint is signed: its text, without the blank line, by key id and signature.
sed '/^$/,$d' data/log/checkpoint >"$t/text"
sed -n 's/^— [^ ]* //p' data/log/checkpoint | head -n 1 | base64 -d | tail -c 64 >"$t/sig"
signed "$t/text" "$t/sig"

# 3. The tree of all leaves has the root that the checkpoint signs: SHA-256(01 left right), level
#    by level; a node without a neighbour goes up as it is.
cp data/log/leaves.txt "$t/nodes"
[ "$(wc -l <"$t/nodes")" -eq "$(sed -n 2p "$t/text")" ] || fail "the number of leaves"
while [ "$(wc -l <"$t/nodes")" -gt 1 ]; do
  n=$(wc -l <"$t/nodes")
  rm -rf "$t/pairs" && mkdir "$t/pairs"
  head -n $((n / 2 * 2)) "$t/nodes" | paste -d '' - - | sed 's/^/01/' | tr 'a-f\n' 'A-F ' |
    tr -d ' ' | basenc --base16 -d | split -b 65 -a 8 -d - "$t/pairs/"
  (cd "$t/pairs" && ls | xargs sha256sum) | cut -c1-64 >"$t/up"
  [ $((n % 2)) -eq 0 ] || tail -n 1 "$t/nodes" >>"$t/up"
  mv "$t/up" "$t/nodes"
done
root=$(tr 'a-f\n' 'A-F ' <"$t/nodes" | tr -d ' ' | basenc --base16 -d | base64 -w 0)
[ "$root" = "$(sed -n 3p "$t/text")" ] || fail "the root of the tree"

# 4. In each stream every entry names the hash of the one before it, and commits to its payload.
ledger=$(cat data/ledger-id.txt)
tab=$(printf '\t')
while IFS=$tab read -r number count stream <&3; do
  headers=data/streams/$number.headers.ndjson
  [ "$(wc -l <"$headers")" -eq "$count" ] || fail "the number of entries of $stream"
  each_line <"$headers" >"$t/hashes"
  sed 's/.*"prev":"\([0-9a-f]*\)".*/\1/' "$headers" >"$t/prevs"
  { printf 'stanch.stream/1 %s %s\n' "$ledger" "$stream" | sha256sum | cut -c1-64
    head -n -1 "$t/hashes"; } | cmp -s - "$t/prevs" || fail "the chain of $stream"
  # An empty line is a payload that was erased or withheld.
  each_line <"data/streams/$number.payloads.txt" |
    sed 's/^01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b$/-/' >"$t/payloads"
  sed 's/.*"commitment":"\([0-9a-f]*\)".*/\1/' "$headers" | paste -d ' ' - "$t/payloads" |
    awk '$2 != "-" && $1 != $2 { exit 1 }' || fail "a payload of $stream"
  sed 's/^/\x00/' "$headers" | each_line >>"$t/leaves"
done 3<data/streams.tsv

# 5. Every entry is a leaf of the tree.
touch "$t/leaves"
sort -u data/log/leaves.txt >"$t/known"
[ -z "$(sort -u "$t/leaves" | comm -23 - "$t/known")" ] || fail "an entry that is not in the tree"
echo "OK: $(wc -l <"$t/leaves") entries of $(wc -l <data/streams.tsv) streams, below a signed" \
  "checkpoint of $(sed -n 2p "$t/text")"
)sh";
}

}  // namespace stanch::ledger
