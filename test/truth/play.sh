# A schedule, played in a cgroup of its own, with a limit or without: how each step went, and the cgroup's files at the end;
# without a limit also after each step.
# Before it stand VERSION, CGROUP (a directory to make), DISK and SHM (the same), LIMIT (bytes, or empty), FILE (MiB), and the
# functions `program`, which writes the player, and `schedule`, its steps; and own-cgroup.sh.

limit=memory.limit_in_bytes
if [ "$VERSION" = 2 ]; then
  limit=memory.max
  echo +memory >"${CGROUP%/*}/cgroup.subtree_control"
fi
mkdir "$CGROUP"
[ -z "$LIMIT" ] || echo "$LIMIT" >"$CGROUP/$limit"
[ ! -f "$CGROUP/memory.swap.max" ] || echo 0 >"$CGROUP/memory.swap.max"
mkdir -p "$DISK" "$SHM"
program >"$DISK/player"
chmod +x "$DISK/player"
schedule >"$DISK/schedule"
"$DISK/player" prepare "$DISK" "$FILE"
sync

# Not a process of a shell that was charged elsewhere: it begins anew with its program.
mkfifo "$DISK/steps" "$DISK/answers"
sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$CGROUP" \
  "$DISK/player" play "$DISK" "$SHM" <"$DISK/steps" >"$DISK/answers" 2>"$DISK/complaints" &
child=$!
exec 3>"$DISK/steps" 4<"$DISK/answers"

# It waits meanwhile. Files that cannot be read are none of a sample's.
show() {
  printf '==== %s\n' "$1"
  (cd "$CGROUP" && grep -s '' memory.*) || :
}

# One that was killed answers no more.
while read -r step; do
  echo "$step" >&3
  read -r answer <&4 || break
  if [ -z "$LIMIT" ]; then show "step $answer"; else echo "==== step $answer"; fi
done <"$DISK/schedule"
exec 3>&-
status=0
wait "$child" || status=$?
child=
show "end $status"
cat "$DISK/complaints" >&2
[ $status -eq 0 ] || [ $status -eq 137 ] || fail "the player ended with $status"
