# Plays a schedule in its own cgroup, with or without a limit. Prints the result of each step, and the files of the cgroup at
# the end. Without a limit it prints the files after each step too.
# Needs VERSION, CGROUP, DISK and SHM (directories to create), LIMIT (bytes, or empty), FILE (MiB), the functions `program`,
# which writes the player, and `schedule`, which prints its steps, and own-cgroup.sh.

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

# exec gives the process fresh memory: pages of the shell are charged to another cgroup.
mkfifo "$DISK/steps" "$DISK/answers"
sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$CGROUP" \
  "$DISK/player" play "$DISK" "$SHM" <"$DISK/steps" >"$DISK/answers" 2>"$DISK/errors" &
child=$!
exec 3>"$DISK/steps" 4<"$DISK/answers"

# The player waits meanwhile. A sample needs none of the files that are unreadable.
show() {
  printf '==== %s\n' "$1"
  (cd "$CGROUP" && grep -s '' memory.*) || :
}

# A killed player does not answer.
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
cat "$DISK/errors" >&2
[ $status -eq 0 ] || [ $status -eq 137 ] || fail "the player ended with $status"
