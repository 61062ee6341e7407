# What the scripts of this folder begin with: all that they make goes at the end, however it comes. Before it stand CGROUP (a
# directory to make), DISK and SHM (the same). What they start is `child`.
set -eu
child=

# The last process of a cgroup is counted a moment longer than it runs.
remove() {
  tries=0
  while [ -d "$1" ] && ! rmdir "$1" 2>/dev/null && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep .05
  done
  [ ! -d "$1" ] || fail "$1 cannot be removed"
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
