#!/bin/sh
# Removes the program from this Mac, for all users: run it as root, by hand or by device management. Users' settings,
# logs and sign-ins stay; `foundry-credential-helper logout` removes the sign-in of the user who runs it.
set -u

# --- begin: the same in preinstall, postinstall and uninstall.sh of installers/macos ---

# Root runs this, perhaps by sudo, which keeps the user's PATH on macOS: no program from a user's folder.
PATH=/bin:/sbin:/usr/bin:/usr/sbin
export PATH
LABEL=dev.foundry-credential-helper.agent

say() {
  printf 'foundry-credential-helper: %s\n' "$1"
}

# Everyone who is logged in at the screen, also behind fast user switching. People's numbers begin at 501.
session_users() {
  ps -A -o uid= | sort -n -u | while read -r uid; do
    if [ "$uid" -gt 500 ] && launchctl print "gui/$uid" >/dev/null 2>&1; then
      echo "$uid"
    fi
  done
}

is_loaded() {
  launchctl print "gui/$1/$LABEL" >/dev/null 2>&1
}

# --- end ---

# --- begin: the same in preinstall and uninstall.sh of installers/macos ---

# launchd ends an agent after 20 seconds at the latest. bootout returns before that, on some versions with an error.
unload_agents() {
  for uid in $(session_users); do
    is_loaded "$uid" || continue
    launchctl bootout "gui/$uid/$LABEL" >/dev/null 2>&1
    tries=0
    while is_loaded "$uid" && [ "$tries" -lt 25 ]; do
      sleep 1
      tries=$((tries + 1))
    done
    if is_loaded "$uid"; then
      say "the agent of user $uid doesn't end"
    else
      say "stopped the agent of user $uid"
    fi
  done
}

# --- end ---

SUPPORT_FOLDER="/Library/Application Support/foundry-credential-helper"
PROGRAM="$SUPPORT_FOLDER/bin/foundry-credential-helper"
PATHS_FILE=/private/etc/paths.d/foundry-credential-helper
RECEIPT=dev.foundry-credential-helper.pkg
AGENT_COMMAND="^$PROGRAM agent run\$"

# Agents that a helper has started, which launchd doesn't know.
stop_other_agents() {
  pkill -TERM -f "$AGENT_COMMAND" || return 0
  tries=0
  while pgrep -f "$AGENT_COMMAND" >/dev/null && [ "$tries" -lt 10 ]; do
    sleep 1
    tries=$((tries + 1))
  done
  pkill -KILL -f "$AGENT_COMMAND"
  say "stopped the agents that were left"
}

if [ "$(id -u)" -ne 0 ]; then
  say "uninstalling needs root: sudo \"$0\"" >&2
  exit 1
fi

unload_agents
# The program first, so that no helper starts another agent. All of it is in folders that only root may write to, so no
# user can put a link there.
rm -f "$PROGRAM" "/Library/LaunchAgents/$LABEL.plist" "$PATHS_FILE" || exit 1
stop_other_agents
rm -rf "$SUPPORT_FOLDER" || exit 1
if pkgutil --pkg-info "$RECEIPT" >/dev/null 2>&1; then
  pkgutil --forget "$RECEIPT" || exit 1
fi
say "removed"
