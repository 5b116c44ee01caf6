#!/bin/sh
# Intune shell script for macOS: installs the package from your own server, unless this version is installed already. Run
# it as root. Exits with 0 if the version is then installed, or 1. docs/how-to/intune.md: why Intune needs a script.
set -u

# Set these for each release. The checksums are in the release's SHA256SUMS.
VERSION=
ARM64_URL=
ARM64_SHA256=
X64_URL=
X64_SHA256=

RECEIPT=dev.foundry-credential-helper.pkg

say() {
  printf 'foundry-credential-helper: %s\n' "$1"
}

fail() {
  say "$1" >&2
  exit 1
}

installed_version() {
  pkgutil --pkg-info "$RECEIPT" 2>/dev/null | sed -n 's/^version: //p'
}

# A script that runs under Rosetta sees an Intel processor, so "uname -m" isn't enough.
if [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ]; then
  url=$ARM64_URL
  checksum=$ARM64_SHA256
else
  url=$X64_URL
  checksum=$X64_SHA256
fi
for value in "$VERSION" "$url" "$checksum"; do
  [ -n "$value" ] || fail 'set the version, the addresses, and the checksums at the top of the script'
done

if [ "$(installed_version)" = "$VERSION" ]; then
  say "$VERSION is installed already"
  exit 0
fi

folder=$(mktemp -d) || fail 'no temporary folder'
trap 'rm -rf "$folder"' EXIT
package=$folder/package.pkg
curl --fail --silent --show-error --location --proto '=https' --max-time 1800 --output "$package" "$url" ||
  fail "can't download $url"
[ "$(shasum -a 256 "$package" | cut -d ' ' -f 1)" = "$checksum" ] || fail "$url has another checksum than expected"
installer -pkg "$package" -target / || fail 'the installation failed: see /var/log/install.log'
[ "$(installed_version)" = "$VERSION" ] || fail "the package isn't version $VERSION"
say "installed $VERSION"
