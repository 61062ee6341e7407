# One workload in a cgroup of its own: its figures, and then what is left when everything reclaimable is gone.
# Before it stand VERSION, CGROUP (a directory to make), DISK and SHM (the same), KINDS, and the function `program`,
# which writes the workload's program, and own-cgroup.sh.

if [ "$VERSION" = 1 ]; then
  usage=memory.usage_in_bytes
else
  usage=memory.current
  echo +memory >"${CGROUP%/*}/cgroup.subtree_control"
fi
mkdir "$CGROUP"
mkdir -p "$DISK" "$SHM"
program >"$DISK/workload"
chmod +x "$DISK/workload"
"$DISK/workload" prepare "$DISK" "$SHM" $KINDS
sync

# Not a process of a shell that was charged elsewhere: it begins anew with its program.
mkfifo "$DISK/says"
sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$CGROUP" \
  "$DISK/workload" take "$DISK" "$SHM" $KINDS </dev/null >"$DISK/says" 2>"$DISK/complaints" &
child=$!
read -r says <"$DISK/says" || :
if [ "${says:-}" != ready ]; then
  cat "$DISK/complaints" >&2
  fail "the workload $KINDS did not come to be ready"
fi

# Back to the cgroup's counter: what the kernel has charged to it in advance and keeps on each CPU, up to 63 pages. It
# takes back what is kept on a CPU for all cgroups together, when one goes that has something there.
drain() {
  mkdir "$CGROUP-passing"
  sh -c 'echo 0 >"$1/cgroup.procs" && exec "$2" visit' sh "$CGROUP-passing" "$DISK/workload"
  remove "$CGROUP-passing"
}

# memory.stat lags behind until the kernel gathers it from all CPUs: every two seconds at the latest.
settle() {
  same=0
  before=
  looks=0
  while [ $same -lt 5 ]; do
    looks=$((looks + 1))
    [ $looks -lt 120 ] || fail "the figures of $KINDS do not come to rest"
    sleep .5
    now=$(cat "$CGROUP/$usage" "$CGROUP/memory.stat")
    if [ "$now" = "$before" ]; then same=$((same + 1)); else same=0; fi
    before=$now
  done
}

show() {
  for file in "$CGROUP"/memory.*; do
    if text=$(cat "$file" 2>/dev/null); then printf '==== %s %s\n%s\n' "$1" "${file##*/}" "$text"; fi
  done
}

settle
printf '==== undrained\n%s\n' "$(cat "$CGROUP/$usage")"
drain
sleep .2
show before

# The journal lets go of a block at the commit after the one that wrote it: so there is always something to commit.
reclaim() {
  : >"$DISK/tick-$1"
  sync
  if [ "$VERSION" = 1 ]; then
    echo 0 >"$CGROUP/memory.force_empty"
  else
    for amount in 1G 1M; do
      # "Resource temporarily unavailable": there is not that much.
      echo "$amount" >"$CGROUP/memory.reclaim" 2>/dev/null || :
    done
  fi
  # What is freed after a grace period, and what is drained on other CPUs.
  sleep .1
}

# Caches of objects give back a share of what they have at each asking, and small ones only at every few: so it takes
# ten askings in vain to end this.
rounds=0
vain=0
least=$(cat "$CGROUP/$usage")
while [ $vain -lt 10 ] && [ $rounds -lt 200 ]; do
  rounds=$((rounds + 1))
  reclaim $rounds
  now=$(cat "$CGROUP/$usage")
  if [ "$now" -lt "$least" ]; then
    least=$now
    vain=0
  else
    vain=$((vain + 1))
  fi
done
[ $vain -eq 10 ] || fail "after $rounds rounds there is still more to reclaim of $KINDS"
drain
settle
show after
printf '==== rounds\n%s\n' $rounds
kill -0 "$child"
