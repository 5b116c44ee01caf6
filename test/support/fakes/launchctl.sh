#!/bin/sh
# launchctl as a Mac's launchd answers it, for one user or several, without launchd. State is in $FAKE_LAUNCHD, or in
# /state: a file for each list, one entry a line.
#   sessions  domains of users who are logged in at the screen, such as gui/501
#   loaded    services, such as gui/501/LABEL; jobs/501.LABEL has a service's property list and process
#   ending    services that were booted out and haven't ended, each with how many more calls it takes
#   disabled  services that are switched off
#   unlisted  services that are switched off without print-disabled saying so
#   refused   domains in which bootstrap fails
#   transient error codes, 5 or 37, with which the next bootstraps fail, one each
#   stuck     services that never end
#   no-domain the code with which bootstrap fails without a session at the screen; default 125
#   wording   "old" for the words of macOS 12 and earlier
#   calls     every call; changes has those that change something
# A call is the unit of time, so a test that polls sees the same whatever the speed of the computer. Sources:
#   bootout returns before the job has ended: github.com/osquery/osquery/issues/5698 (36)
#   bootstrap then fails with 5: github.com/headroomlabs-ai/headroom/issues/1289, github.com/openclaw/openclaw/issues/136453
#   bootstrap may fail so even if the service is gone: github.com/tomcounsell/ai/issues/2104
#   launchd's own word for it is 37: github.com/Layr-Labs/d-inference/issues/1102
#   kickstart then fails with 37, and afterwards with 113: github.com/openclaw/openclaw/issues/112731
#   bootstrap of a loaded service fails with 37: github.com/nteract/nteract/pull/1187
#   bootstrap of a disabled service fails with 119: github.com/Augustas11/macprovider/pull/152
#   without a session at the screen: 125 (github.com/nix-community/home-manager/issues/4413), and print fails with 112 and
#   "Could not find domain" (github.com/duh17/oppi/issues/38, github.com/openclaw/openclaw/pull/8642)
#   or bootstrap fails with 5: github.com/psimaker/vaultsync/issues/89
#   print's lines: github.com/wazuh/wazuh-packages/issues/2206
#   print-disabled: github.com/ninehills/blog/issues/85 ("=> true"); "=> disabled" since macOS 13
#   an unknown argument exits with 64: github.com/pingdotgg/t3code/issues/11995
set -u
S=${FAKE_LAUNCHD:-/state}
CALLS_TO_END=3

has() { grep -qxF -e "$2" "$S/$1" 2>/dev/null; }
drop() {
  grep -vxF -e "$2" "$S/$1" >"$S/$1.new"
  mv "$S/$1.new" "$S/$1"
}
fail() {
  printf '%s\n' "$2" >&2
  exit "$1"
}
changes() { printf '%s\n' "launchctl $*" >>"$S/changes"; }
job_file() { printf '%s' "$S/jobs/${1#gui/}" | sed 's|/\([^/]*\)$|.\1|'; }
is_ending() { grep -qF -e "$1 " "$S/ending" 2>/dev/null; }
is_known() { has loaded "$1" || is_ending "$1"; }
domain_of() { printf '%s' "${1%/*}"; }

run_job() {
  number=$(($(cat "$S/last-pid" 2>/dev/null || echo 400) + 1))
  echo "$number" >"$S/last-pid"
  printf '%s\n%s\n' "$2" "$number" >"$(job_file "$1")"
}

need_domain() {
  has sessions "$1" || fail "$2" "$3"
}

# Time passes: jobs that end get closer to their end.
mkdir -p "$S/jobs"
printf '%s\n' "$*" >>"$S/calls"
if [ -s "$S/ending" ]; then
  while read -r service left; do
    if has stuck "$service"; then
      echo "$service $left"
    elif [ "$left" -gt 1 ]; then
      echo "$service $((left - 1))"
    else
      rm -f "$(job_file "$service")"
    fi
  done <"$S/ending" >"$S/ending.new"
  mv "$S/ending.new" "$S/ending"
fi

verb=${1:-}
[ "$#" -eq 0 ] || shift
case $verb in
print)
  case $1 in */*/*) domain=$(domain_of "$1") ;; *) domain=$1 ;; esac
  need_domain "$domain" 112 "Bad request.
Could not find domain for user gui: ${domain#gui/}"
  [ "$domain" != "$1" ] || exit 0
  is_known "$1" || fail 113 "Bad request.
Could not find service \"${1##*/}\" in domain for user gui: ${domain#gui/}"
  path=/Library/LaunchAgents/${1##*/}.plist
  pid=
  if [ -f "$(job_file "$1")" ]; then
    path=$(sed -n 1p "$(job_file "$1")")
    pid=$(sed -n 2p "$(job_file "$1")")
  fi
  printf '%s = {\n\tactive count = 1\n\tpath = %s\n\ttype = LaunchAgent\n' "$1" "$path"
  if [ -n "$pid" ]; then printf '\tstate = running\n\n\tpid = %s\n' "$pid"; else printf '\tstate = not running\n'; fi
  printf '\tlast exit code = (never exited)\n}\n'
  ;;
print-disabled)
  case $1 in gui/*) need_domain "$1" 112 "Could not find domain for user gui: ${1#gui/}" ;; esac
  word=disabled
  if has wording old; then word=true; fi
  printf '\n\tdisabled services = {\n\t\t"com.apple.ManagedClientAgent.enrollagent" => %s\n' "$word"
  grep -F -e "gui/${1#*/}/" "$S/disabled" 2>/dev/null | while read -r service; do
    printf '\t\t"%s" => %s\n' "${service##*/}" "$word"
  done
  grep -F -e "gui/${1#*/}/" "$S/enabled" 2>/dev/null | while read -r service; do
    if [ "$word" = true ]; then on=false; else on=enabled; fi
    printf '\t\t"%s" => %s\n' "${service##*/}" "$on"
  done
  printf '\t}\n\tlogin item associations = {\n\t}\n'
  ;;
enable | disable)
  changes "$verb" "$1"
  drop disabled "$1" 2>/dev/null
  drop enabled "$1" 2>/dev/null
  echo "$1" >>"$S/${verb}d"
  ;;
bootout)
  changes bootout "$1"
  if is_ending "$1"; then fail 37 'Boot-out failed: 37: Operation already in progress'; fi
  has loaded "$1" || fail 3 'Boot-out failed: 3: No such process'
  drop loaded "$1"
  echo "$1 $CALLS_TO_END" >>"$S/ending"
  fail 36 'Boot-out failed: 36: Operation now in progress'
  ;;
bootstrap)
  changes bootstrap "$1" "$2"
  if has no-domain 5; then need_domain "$1" 5 'Bootstrap failed: 5: Input/output error'; fi
  need_domain "$1" 125 'Bootstrap failed: 125: Domain does not support specified action'
  label=$(sed -n '/<key>Label<.key>/{n;s/.*<string>\(.*\)<.string>.*/\1/p;}' "$2" 2>/dev/null)
  if [ -z "$label" ] || has refused "$1" || is_ending "$1/$label"; then
    fail 5 'Bootstrap failed: 5: Input/output error
Try re-running the command as root for richer errors.'
  fi
  if [ -s "$S/transient" ]; then
    code=$(sed -n 1p "$S/transient")
    sed 1d "$S/transient" >"$S/transient.new"
    mv "$S/transient.new" "$S/transient"
    if [ "$code" = 5 ]; then fail 5 'Bootstrap failed: 5: Input/output error'; fi
    fail "$code" "Bootstrap failed: $code: Operation already in progress"
  fi
  if has disabled "$1/$label" || has unlisted "$1/$label"; then fail 119 'Bootstrap failed: 119: Service is disabled'; fi
  if has loaded "$1/$label"; then fail 37 'Bootstrap failed: 37: Operation already in progress'; fi
  echo "$1/$label" >>"$S/loaded"
  run_job "$1/$label" "$2"
  ;;
kickstart)
  changes kickstart "$@"
  restart=no
  if [ "$1" = -k ]; then
    restart=yes
    shift
  fi
  if is_ending "$1"; then fail 37 'Operation already in progress'; fi
  has loaded "$1" || fail 113 "Could not find service \"${1##*/}\" in domain for user gui: ${1#gui/}"
  path=$(sed -n 1p "$(job_file "$1")" 2>/dev/null)
  pid=$(sed -n 2p "$(job_file "$1")" 2>/dev/null)
  if [ "$restart" = yes ] || [ -z "$pid" ]; then run_job "$1" "${path:-/Library/LaunchAgents/${1##*/}.plist}"; fi
  ;;
*) fail 64 "Unrecognized subcommand: $verb" ;;
esac
