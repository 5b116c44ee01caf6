#!/bin/sh
# Kandji (Iru) custom app, audit script: exits with 0 if the program is installed, or 1. On 1, Kandji installs it.
# Don't use audit.sh for that: it also exits with 1 if the network or a setting is at fault, which no installation helps.
set -u

# The version that computers should have, such as 1.2.3. Empty: any.
VERSION=

RECEIPT=dev.foundry-credential-helper.pkg
PROGRAM='/Library/Application Support/foundry-credential-helper/bin/foundry-credential-helper'

installed=$(pkgutil --pkg-info "$RECEIPT" 2>/dev/null | sed -n 's/^version: //p')
if [ -z "$installed" ] || [ ! -x "${FOUNDRY_CREDENTIAL_HELPER_BINARY:-$PROGRAM}" ]; then
  echo 'foundry-credential-helper: not installed'
  exit 1
fi
echo "foundry-credential-helper: $installed is installed"
[ -z "$VERSION" ] || [ "$installed" = "$VERSION" ]
