#!/bin/sh
# Jamf Pro extension attribute: whether this computer's user has a working sign-in to Foundry, and if not, why.
# Data type "String", input type "Script". Always exits 0: Jamf drops the value of a script that fails.
set -u

# --- begin: the same in deploy/jamf/extension-attribute.sh and deploy/kandji/audit.sh ---

INSTALLED='/Library/Application Support/foundry-credential-helper/bin/foundry-credential-helper'
BINARY=${FOUNDRY_CREDENTIAL_HELPER_BINARY:-$INSTALLED}

# Whether someone is logged in at the screen. At the login window and in Setup Assistant, no one is.
console_user() {
  console=$(stat -f %Su /dev/console 2>/dev/null) || return 1
  case $console in
    '' | root | loginwindow | _mbsetupuser) return 1 ;;
  esac
  id -u "$console" >/dev/null 2>&1
}

# An MDM runs this as root, but the agent and the keychain are found only in the user's session, as the user.
as_user() {
  if [ "$(id -u)" -eq 0 ]; then
    launchctl asuser "$(id -u "$console")" sudo -H -u "$console" -- "$@"
  else
    "$@"
  fi
}

# Sets `state` to a word, and a reason after a colon if there is one, and `verdict` to 0 or 1.
# docs/how-to/mdm-scripts.md explains the words.
find_state() {
  verdict=1
  if [ ! -e "$BINARY" ]; then state=not-installed; return; fi
  if ! console_user; then state=no-user; verdict=0; return; fi
  # Not every folder that root works in is open to the user.
  cd / || return
  exit_code=0
  # The reason comes on stderr, before the word.
  output=$(as_user "$BINARY" status --mdm 2>&1) || exit_code=$?
  word=$(printf '%s\n' "$output" | sed -n '$p')
  reason=$(printf '%s\n' "$output" | sed -n 'x;$p')
  case $exit_code in
    0 | 1) ;;
    *) word= ;;
  esac
  case $word in
    # The program would have said a word. It doesn't start, or isn't this program.
    '' | *[!a-z-]*) state="blocked: exit $exit_code" ;;
    *) state="$word${reason:+: $reason}"; verdict=$exit_code ;;
  esac
}

# --- end ---

find_state
# Jamf reads this as XML.
printf '<result>%s</result>\n' "$(printf '%s' "$state" | tr -d '<>&')"
: "$verdict"
