#!/bin/sh
# Installs a package that `npm run package` made on this Mac, twice, checks what launchd makes of it, and removes it
# again. For a Mac that no one uses: it ends with the program uninstalled, whether it was installed before or not. Run
# it as the user who is logged in at the screen; it asks for the password because Installer wants root.
#
#   sh installers/macos/verify-this-mac.sh dist/foundry-credential-helper-VERSION-arm64.pkg
set -u

RECEIPT=dev.foundry-credential-helper.pkg
LABEL=dev.foundry-credential-helper.agent
AGENT=/Library/LaunchAgents/$LABEL.plist
SUPPORT='/Library/Application Support/foundry-credential-helper'
PROGRAM=$SUPPORT/bin/foundry-credential-helper
WAIT_SECONDS=30
# Where the user's own agent runs from, next to the package's.
OWN_FOLDER=$HOME/foundry-credential-helper-trial
OWN_PROGRAM=$OWN_FOLDER/foundry-credential-helper
OWN_AGENT=$HOME/Library/LaunchAgents/$LABEL.plist
failures=0

fail() {
  printf 'verify-this-mac.sh: %s\n' "$1" >&2
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

# Runs the command until it succeeds, for a while.
soon() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt "$WAIT_SECONDS" ] || return 1
    sleep 1
  done
}

# A launchd domain is a user's session, and this is the user's own.
launchd_has_it() {
  launchctl print "gui/$(id -u)/$LABEL"
}

# Which property list it has loaded.
launchd_has_loaded() {
  launchd_has_it | grep -qF "path = $1"
}

launchd_has_nothing() {
  ! launchd_has_it >/dev/null 2>&1
}

agent_runs() {
  "$PROGRAM" agent status
}

# The process id that the agent reports.
agent_pid() {
  "$PROGRAM" agent status --json | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p'
}

is_another_agent() {
  pid=$(agent_pid)
  [ -n "$pid" ] && [ "$pid" != "$1" ]
}

says_enabled() {
  "$PROGRAM" agent status --json | grep -Eq "\"enabled\": *$1"
}

switch() {
  launchctl "$1" "gui/$(id -u)/$LABEL"
}

copy_program() {
  mkdir -p "$OWN_FOLDER" && cp "$PROGRAM" "$OWN_PROGRAM.new" && mv "$OWN_PROGRAM.new" "$OWN_PROGRAM"
}

# launchd ends the old agent in the background, and refuses a new one until then: five times in a row, because a race
# doesn't show every time.
install_own_repeatedly() {
  for round in 1 2 3 4 5; do
    printf '%s\n' "$round"
    "$PROGRAM" agent uninstall && "$OWN_PROGRAM" agent install || return 1
  done
}

own_is_gone() {
  [ ! -e "$OWN_AGENT" ]
}

starts_by_package() {
  "$PROGRAM" agent status --json | grep -q '"launch-agent"'
}

# macOS may let only installed files run, so an installed program puts none into the user's folders.
unpacks_nothing() {
  unpacked=$(find "$HOME/Library" -path '*/foundry-credential-helper/keyring-*.node' 2>/dev/null)
  printf '%s\n' "$unpacked"
  [ -z "$unpacked" ]
}

is_gone() {
  for path in "$PROGRAM" "$AGENT" "$SUPPORT"; do
    if [ -e "$path" ]; then
      printf '%s is still there\n' "$path"
      return 1
    fi
  done
}

has_no_receipt() {
  ! pkgutil --pkg-info "$RECEIPT" >/dev/null 2>&1
}

[ "$#" -eq 1 ] || fail 'usage: verify-this-mac.sh PACKAGE.pkg'
package=$1
[ -f "$package" ] || fail "there's no $package"
[ "$(id -u)" -ne 0 ] || fail 'run this as the user who is logged in at the screen, not as root'
for command in installer launchctl pkgutil; do
  command -v "$command" >/dev/null 2>&1 || fail "there's no $command here: this runs on a Mac"
done

printf '== It installs\n'
check 'installer' sudo installer -pkg "$package" -target /
[ -x "$PROGRAM" ] || fail 'nothing more can be checked'
check 'the program starts' "$PROGRAM" version
check 'launchd has the agent' soon launchd_has_it
check 'the agent runs' soon agent_runs
check 'the agent says that it starts at log-in' starts_by_package
check "launchd has loaded the package's agent" launchd_has_loaded "$AGENT"
check 'the agent is reported as enabled' says_enabled true
if [ -f "$SUPPORT/bin/keyring.node" ]; then
  check 'the keystore answers' "$PROGRAM" keystore-probe
  check 'the program unpacks no library' unpacks_nothing
fi

printf '== It updates\n'
before=$(agent_pid)
check 'installer once more' sudo installer -pkg "$package" -target /
check 'another agent runs' soon is_another_agent "$before"

printf '== It starts an agent that was stopped\n'
check 'the agent stops' "$PROGRAM" agent stop
check 'the agent starts' "$PROGRAM" agent start
check 'the agent runs again' soon agent_runs

printf '== It stays off if the user switched it off\n'
check 'launchctl disable' switch disable
check 'the agent is reported as switched off' says_enabled false
check 'installer over it' sudo installer -pkg "$package" -target /
check 'launchd has no agent that is off' launchd_has_nothing
check 'launchctl enable' switch enable
check 'the agent is reported as enabled again' says_enabled true
check 'installer once it is on' sudo installer -pkg "$package" -target /
check 'the agent runs once it is on' soon agent_runs

printf "== It makes room for the user's own\n"
check 'the program is copied' copy_program
check 'it installs and uninstalls repeatedly' install_own_repeatedly
check "launchd has loaded the user's agent" soon launchd_has_loaded "$OWN_AGENT"
check "the user's agent runs" soon agent_runs
before=$(agent_pid)
check 'the program is replaced' copy_program
check 'it installs over the same file' "$OWN_PROGRAM" agent install
check 'the new program runs' soon is_another_agent "$before"
check "the user's agent uninstalls" "$OWN_PROGRAM" agent uninstall
check "the user's file is gone" own_is_gone
check "launchd has loaded the package's agent again" soon launchd_has_loaded "$AGENT"
rm -rf "$OWN_FOLDER"

printf '== It uninstalls\n'
check 'the uninstaller' sudo "$SUPPORT/uninstall.sh"
check 'its files are gone' is_gone
check 'its receipt is gone' has_no_receipt
check 'launchd has no agent' soon launchd_has_nothing

if [ "$failures" -gt 0 ]; then
  fail "$failures checks failed"
fi
printf 'All checks passed.\n'
