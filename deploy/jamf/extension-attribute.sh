#!/bin/sh
# Jamf Pro extension attribute: whether this computer's user has a working sign-in to Foundry, as one word or two.
# Data type "String", input type "Script". Always exits 0: Jamf drops the value of a script that fails.
set -u

# --- begin: the same in deploy/jamf/extension-attribute.sh and deploy/kandji/audit.sh ---

# The program on this computer; the MDM's own installation of it. Only the user's part of it is ever run, as that user.
INSTALLED='/Library/Application Support/foundry-credential-helper/bin/foundry-credential-helper'
BINARY=${FOUNDRY_CREDENTIAL_HELPER_BINARY:-$INSTALLED}

# Who sits at the computer. At the login window and in Setup Assistant it is nobody whose sign-in could be asked for.
console_user() {
  console=$(stat -f %Su /dev/console 2>/dev/null) || return 1
  case $console in
    '' | root | loginwindow | _mbsetupuser) return 1 ;;
  esac
  id -u "$console" >/dev/null 2>&1
}

# An MDM runs this as root, while agent, socket and keychain are the user's and are found in the user's session only.
status_as_user() {
  if [ "$(id -u)" -eq 0 ]; then
    launchctl asuser "$(id -u "$console")" sudo -H -u "$console" -- "$BINARY" status --json 2>&1
  else
    "$BINARY" status --json 2>&1
  fi
}

# A word at the top level of the JSON, where it stands two blanks in.
word_of() {
  printf '%s\n' "$output" | sed -n "s/^  \"$1\": \"\\{0,1\\}\\([a-z-]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p"
}

# The code that stands in the way: in the JSON, or on stderr where no JSON could be had.
problem_code() {
  code=$(printf '%s\n' "$output" | sed -n \
    -e '/^  "problem": {$/,/^  }/s/^    "code": "\([A-Z_]*\)",\{0,1\}$/\1/p' \
    -e 's/^foundry-credential-helper: error\[\([A-Z_]*\)\]:.*/\1/p' | head -n 1)
  printf '%s' "${code:-exit-$exit_code}"
}

# Whether the program did not run: the shell or sudo could not start it, or macOS ended it right away because of its
# signature (SIGKILL), a library (SIGABRT), or another processor (SIGILL).
did_not_run() {
  case $exit_code in
    126 | 127 | 132 | 133 | 134 | 135 | 137 | 138 | 139) return 0 ;;
    1) printf '%s\n' "$output" | grep -q -e '^sudo: unable to execute' -e '^sudo: .*: command not found$' ;;
    *) return 1 ;;
  esac
}

# Whether it printed nothing, or what could be its JSON.
is_readable() {
  case $output in
    '' | '{'*) return 0 ;;
  esac
  return 1
}

# Sets `state` to one word, or two, and `verdict` to pass or fail. docs/mdm-scripts.md explains them.
find_state() {
  verdict=pass
  if [ ! -e "$BINARY" ]; then
    state=not-installed verdict=fail
    return
  fi
  if [ ! -f "$BINARY" ] || [ ! -x "$BINARY" ]; then
    state="blocked" verdict=fail
    return
  fi
  if ! console_user; then
    state=no-user
    return
  fi
  # Not every folder that root works in is open to the user.
  cd / || return
  exit_code=0
  output=$(status_as_user) || exit_code=$?
  if did_not_run; then
    state="blocked" verdict=fail
    return
  fi
  case $exit_code in
    0) if is_readable; then state=signed-in; else state=; fi ;;
    4 | 5) state=$(word_of signIn) ;;
    *) state= ;;
  esac
  # The agent starts by itself when Claude Desktop asks for a token.
  if [ "$exit_code" -eq 6 ] && [ "$(word_of running)" = false ]; then state=agent-not-running; fi
  if [ -z "$state" ]; then
    state="problem $(problem_code)"
    verdict=fail
  fi
}

# --- end ---

find_state
printf '<result>%s</result>\n' "$state"
: "$verdict"
