# Starts the scripts of this folder. Removes everything that they created, however they end. Needs CGROUP, DISK and SHM
# (directories to create). The process that a script starts is `child`.
set -eu
child=

# The kernel counts the last process of a cgroup a moment longer than it runs.
remove() {
  tries=0
  while [ -d "$1" ] && ! rmdir "$1" 2>/dev/null && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep .05
  done
  [ ! -d "$1" ] || fail "could not remove $1"
}

fail() {
  echo "$1" >&2
  exit 1
}

finish() {
  status=$?
  trap - EXIT
  trap '' HUP INT TERM PIPE
  [ -z "$child" ] || kill -9 "$child" 2>/dev/null || :
  wait 2>/dev/null || :
  rm -rf "$DISK" "$SHM"
  remove "$CGROUP-passing"
  remove "$CGROUP"
  exit $status
}
trap finish EXIT
trap 'exit 1' HUP INT TERM PIPE
