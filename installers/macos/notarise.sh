#!/bin/sh
# Makes the package that a fleet should get from one that `npm run package` made: the program signed with a Developer ID
# and the hardened runtime, the package made again by Apple's own tools, signed, notarized and stapled. Runs on a Mac
# with Xcode's command line tools.
#
#   DEVELOPER_ID_APPLICATION='Developer ID Application: Contoso (TEAMID)' \
#   DEVELOPER_ID_INSTALLER='Developer ID Installer: Contoso (TEAMID)' \
#   NOTARY_PROFILE=contoso \
#   sh installers/macos/notarise.sh dist/foundry-credential-helper-VERSION-arm64.pkg SIGNED.pkg
#
# The three variables are names, not secrets: of certificates in the keychain, and of the credentials that
# `xcrun notarytool store-credentials` has put there. If that was another keychain than the default one, NOTARY_KEYCHAIN
# names it. docs/maintainers/packaging-macos.md has the whole way.
set -eu

IDENTIFIER=dev.foundry-credential-helper
RECEIPT=dev.foundry-credential-helper.pkg
COMPONENT=foundry-credential-helper-component.pkg
ENTITLEMENTS=$(dirname "$0")/../../installers/macos/entitlements.plist

fail() {
  printf 'notarise.sh: %s\n' "$1" >&2
  exit 1
}

need_command() {
  command -v "$1" >/dev/null 2>&1 || fail "there's no $1 here: this runs on a Mac with Xcode's command line tools"
}

# The value of an attribute that the element has once: Distribution is this project's own file and has one on each line.
attribute() {
  sed -n "s/.*<$1 [^>]*$2=\"\\([^\"]*\\)\".*/\\1/p" "$expanded/Distribution" | head -n 1
}

[ "$#" -eq 2 ] || fail "usage: notarise.sh PACKAGE.pkg SIGNED.pkg"
package=$1
signed=$2
for command in codesign pkgutil pkgbuild productbuild xcrun spctl; do need_command "$command"; done
[ -n "${DEVELOPER_ID_APPLICATION:-}" ] || fail "set DEVELOPER_ID_APPLICATION to the name of a certificate for programs"
[ -n "${DEVELOPER_ID_INSTALLER:-}" ] || fail "set DEVELOPER_ID_INSTALLER to the name of a certificate for packages"
[ -n "${NOTARY_PROFILE:-}" ] || fail "set NOTARY_PROFILE to the name given to \"xcrun notarytool store-credentials\""
[ -f "$package" ] || fail "there's no $package"
[ ! -e "$signed" ] || fail "$signed exists already"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
expanded=$work/expanded
pkgutil --expand-full "$package" "$expanded"
root=$expanded/$COMPONENT/Payload
program="$root/Library/Application Support/foundry-credential-helper/bin/foundry-credential-helper"
version=$(attribute product version)
if [ ! -f "$program" ] || [ -z "$version" ]; then fail "$package isn't a package of this program"; fi

# The native addons next to it, with the organization's own signature in place of their makers'.
for addon in "${program%/*}"/*.node; do
  [ -f "$addon" ] || continue
  name=$(basename "$addon" .node)
  codesign --force --sign "$DEVELOPER_ID_APPLICATION" --identifier "$IDENTIFIER.$name" --timestamp \
    --options runtime "$addon"
  codesign --verify --strict --verbose=2 "$addon"
done
codesign --force --sign "$DEVELOPER_ID_APPLICATION" --identifier "$IDENTIFIER" --timestamp \
  --options runtime --entitlements "$ENTITLEMENTS" "$program"
codesign --verify --strict --verbose=2 "$program"
# Entitlements that V8 lacks show at the first start. Only a Mac of the same kind can tell.
if [ "$(attribute options hostArchitectures)" = "$(uname -m)" ]; then
  "$program" version || fail "the signed program doesn't start: see installers/macos/entitlements.plist"
fi

# Folders that exist keep their permissions; pkgbuild's default is to overwrite them.
printf '<pkg-info overwrite-permissions="false" relocatable="false" postinstall-action="none"/>\n' >"$work/PackageInfo"
pkgbuild --root "$root" --scripts "$expanded/$COMPONENT/Scripts" --info "$work/PackageInfo" --identifier "$RECEIPT" \
  --version "$version" --install-location / --ownership recommended "$work/$COMPONENT"
# In a finished package "#" marks what is inside of it; productbuild wants the name of the file and puts the mark there.
sed "s/>#$COMPONENT</>$COMPONENT</" "$expanded/Distribution" >"$work/Distribution"
productbuild --distribution "$work/Distribution" --package-path "$work" --sign "$DEVELOPER_ID_INSTALLER" --timestamp \
  "$signed"

if ! xcrun notarytool submit "$signed" --keychain-profile "$NOTARY_PROFILE" \
  ${NOTARY_KEYCHAIN:+--keychain "$NOTARY_KEYCHAIN"} --wait; then
  fail "Apple didn't accept it: \"xcrun notarytool log\" with the submission's id says why"
fi
# Fails unless the submission was accepted.
xcrun stapler staple "$signed"
spctl --assess --type install --verbose=2 "$signed"
printf 'notarise.sh: %s is signed, notarized and stapled\n' "$signed"
