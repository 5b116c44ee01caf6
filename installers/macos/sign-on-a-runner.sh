#!/bin/sh
# Signs and notarizes packages on a Mac without certificates, such as a runner of GitHub Actions: puts the
# ones from the environment into a separate keychain, runs notarise.sh for each package, and replaces the package. If
# the environment has no certificate, leaves the packages unchanged and says so.
#
#   sh installers/macos/sign-on-a-runner.sh PACKAGE.pkg ...
#
# APPLICATION_CERTIFICATE, INSTALLER_CERTIFICATE: PKCS#12 files, in base64; CERTIFICATE_PASSWORD: of both
# NOTARY_KEY: the .p8 file of an App Store Connect API key; NOTARY_KEY_ID and NOTARY_ISSUER: its identifiers
set -eu

if [ -z "${APPLICATION_CERTIFICATE:-}" ]; then
  printf "sign-on-a-runner.sh: there's no certificate, so the packages stay unsigned\\n"
  exit 0
fi
for name in INSTALLER_CERTIFICATE CERTIFICATE_PASSWORD NOTARY_KEY NOTARY_KEY_ID NOTARY_ISSUER; do
  eval "value=\${$name:-}"
  # shellcheck disable=SC2154 # eval sets it
  if [ -z "$value" ]; then
    printf 'sign-on-a-runner.sh: set %s\n' "$name" >&2
    exit 1
  fi
done

umask 077
work=$(mktemp -d)
keychain=$work/signing.keychain-db
password=$(openssl rand -hex 24)
trap 'security delete-keychain "$keychain" 2>/dev/null || :; rm -rf "$work"' EXIT

security create-keychain -p "$password" "$keychain"
# Without a time after which it locks: notarization takes as long as Apple wants.
security set-keychain-settings "$keychain"
security unlock-keychain -p "$password" "$keychain"

# Imports one certificate and prints its name, which codesign and productbuild want.
import_certificate() {
  printf '%s' "$1" | base64 --decode >"$work/certificate.p12"
  security import "$work/certificate.p12" -k "$keychain" -P "$CERTIFICATE_PASSWORD" -f pkcs12 \
    -T /usr/bin/codesign -T /usr/bin/productbuild -T /usr/bin/pkgbuild >/dev/null
  rm "$work/certificate.p12"
}
import_certificate "$APPLICATION_CERTIFICATE"
import_certificate "$INSTALLER_CERTIFICATE"
# Otherwise macOS asks on the screen whether these programs may use the keys.
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db

name_of() {
  security find-identity -v -p basic "$keychain" | sed -n "s/.*\"\\($1: .*\\)\"\$/\\1/p" | head -n 1
}
DEVELOPER_ID_APPLICATION=$(name_of 'Developer ID Application')
DEVELOPER_ID_INSTALLER=$(name_of 'Developer ID Installer')
NOTARY_PROFILE=ci
NOTARY_KEYCHAIN=$keychain
export DEVELOPER_ID_APPLICATION DEVELOPER_ID_INSTALLER NOTARY_PROFILE NOTARY_KEYCHAIN
printf '%s\n' "$NOTARY_KEY" >"$work/notary.p8"
xcrun notarytool store-credentials "$NOTARY_PROFILE" --keychain "$keychain" --key "$work/notary.p8" \
  --key-id "$NOTARY_KEY_ID" --issuer "$NOTARY_ISSUER"
rm "$work/notary.p8"
# What notarise.sh starts needs none of these.
unset APPLICATION_CERTIFICATE INSTALLER_CERTIFICATE CERTIFICATE_PASSWORD NOTARY_KEY

for package in "$@"; do
  sh "$(dirname "$0")/notarise.sh" "$package" "$work/signed.pkg"
  mv "$work/signed.pkg" "$package"
done
