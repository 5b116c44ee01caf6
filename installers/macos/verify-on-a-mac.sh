#!/bin/sh
# What only a Mac can say about a package that `npm run package` made elsewhere: whether Apple's tools read it, whether
# they would have made the same, and whether it installs and the program runs. Changes only a disk image of its
# own; asks for the password because Installer wants root.
#
#   sh installers/macos/verify-on-a-mac.sh dist/foundry-credential-helper-VERSION-arm64.pkg \
#     dist/macos-arm64/foundry-credential-helper-component.pkg
set -u

RECEIPT=dev.foundry-credential-helper.pkg
COMPONENT=foundry-credential-helper-component.pkg
PROGRAM='Library/Application Support/foundry-credential-helper/bin/foundry-credential-helper'
AGENT=Library/LaunchAgents/dev.foundry-credential-helper.agent.plist
failures=0

fail() {
  printf 'verify-on-a-mac.sh: %s\n' "$1" >&2
  exit 1
}

# Runs the command and says how it went. Continues in any case.
check() {
  name=$1
  shift
  if output=$("$@" 2>&1); then
    printf 'ok      %s\n' "$name"
  else
    printf 'FAILED  %s\n%s\n' "$name" "$output"
    failures=$((failures + 1))
  fi
}

same() {
  [ -s "$1" ] && diff "$1" "$2"
}

# Path, mode, size and checksum. Owners depend on what pkgbuild recommends, times on when the files were unpacked.
list_bom() {
  lsbom -p fmsc "$1" | sort
}

package_runs() {
  [ "$("$1" version | head -n 1)" != "" ]
}

[ "$#" -eq 2 ] || fail "usage: verify-on-a-mac.sh PACKAGE.pkg COMPONENT.pkg"
package=$1
component=$2
for command in codesign hdiutil installer lsbom pkgbuild pkgutil plutil productbuild xar; do
  command -v "$command" >/dev/null 2>&1 || fail "there's no $command here: this runs on a Mac"
done
for file in "$package" "$component"; do
  [ -f "$file" ] || fail "there's no $file"
done

work=$(mktemp -d)
volume=$work/volume
trap 'hdiutil detach -quiet "$volume" 2>/dev/null; rm -rf "$work"' EXIT

printf '== Apple reads it\n'
check 'xar lists the members' xar -tf "$package"
check 'pkgutil unpacks it' pkgutil --expand-full "$package" "$work/ours"
check 'installer reads the product' installer -pkginfo -pkg "$package"
[ -d "$work/ours/$COMPONENT/Payload" ] || fail 'nothing more can be checked'
root=$work/ours/$COMPONENT/Payload
check 'the LaunchAgent is a property list' plutil -lint "$root/$AGENT"
check 'the signature of the program is valid' codesign --verify --strict --verbose=2 "$root/$PROGRAM"
for addon in "$root/${PROGRAM%/*}"/*.node; do
  [ -f "$addon" ] || continue
  check "the signature of $(basename "$addon") is valid" codesign --verify --strict --verbose=2 "$addon"
done
check 'the program starts' package_runs "$root/$PROGRAM"

printf '== Apple would have made the same\n'
version=$(sed -n 's/.*<product [^>]*version="\([^"]*\)".*/\1/p' "$work/ours/Distribution")
check 'pkgbuild makes the reference' pkgbuild --root "$root" --scripts "$work/ours/$COMPONENT/Scripts" \
  --identifier "$RECEIPT" --version "$version" --install-location / --ownership recommended "$work/$COMPONENT"
sed "s/>#$COMPONENT</>$COMPONENT</" "$work/ours/Distribution" >"$work/Distribution"
check 'productbuild accepts this Distribution' productbuild --distribution "$work/Distribution" --package-path "$work" \
  "$work/reference.pkg"
check 'pkgutil unpacks the reference' pkgutil --expand "$work/reference.pkg" "$work/reference"
list_bom "$work/ours/$COMPONENT/Bom" >"$work/ours.bom"
list_bom "$work/reference/$COMPONENT/Bom" >"$work/reference.bom"
check 'the bills of materials agree' same "$work/reference.bom" "$work/ours.bom"
pkgutil --payload-files "$package" | sort >"$work/ours.files"
pkgutil --payload-files "$work/reference.pkg" | sort >"$work/reference.files"
check 'the payloads have the same files' same "$work/reference.files" "$work/ours.files"
xar -tf "$package" | sort >"$work/ours.members"
xar -tf "$work/reference.pkg" | sort >"$work/reference.members"
check 'the archives have the same members' same "$work/reference.members" "$work/ours.members"

printf '== It installs, on a separate volume\n'
# The product is for the volume that macOS runs from; its component goes anywhere.
check 'a disk image' hdiutil create -quiet -size 400m -fs APFS -volname verify "$work/volume.dmg"
check 'a volume' hdiutil attach -quiet -mountpoint "$volume" "$work/volume.dmg"
check 'installer' sudo installer -pkg "$component" -target "$volume"
check 'the program is what was packed' cmp "$volume/$PROGRAM" "$root/$PROGRAM"
check 'the installed program starts' package_runs "$volume/$PROGRAM"
check 'the receipt' pkgutil --volume "$volume" --pkg-info "$RECEIPT"

if [ "$failures" -gt 0 ]; then
  fail "$failures checks failed"
fi
printf 'All checks passed.\n'
