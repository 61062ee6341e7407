# Runs one workload in its own cgroup. Prints its figures, and those that remain after the kernel has reclaimed everything.
# Needs VERSION, CGROUP, DISK and SHM (directories to create), KINDS, the function `program`, which writes the program of
# the workload, and own-cgroup.sh.

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

# exec gives the process fresh memory: pages of the shell are charged to another cgroup.
mkfifo "$DISK/ready"
sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$CGROUP" \
  "$DISK/workload" take "$DISK" "$SHM" $KINDS </dev/null >"$DISK/ready" 2>"$DISK/errors" &
child=$!
read -r answer <"$DISK/ready" || :
if [ "${answer:-}" != ready ]; then
  cat "$DISK/errors" >&2
  fail "the workload $KINDS did not print ready"
fi

# Returns the pages that the kernel precharged to the cgroup: up to 63 per CPU. When the kernel removes a cgroup with
# precharged pages on a CPU, it takes back those of all cgroups on that CPU.
drain() {
  mkdir "$CGROUP-passing"
  sh -c 'echo 0 >"$1/cgroup.procs" && exec "$2" visit' sh "$CGROUP-passing" "$DISK/workload"
  remove "$CGROUP-passing"
}

# memory.stat lags until the kernel collects it from all CPUs, at the latest every two seconds.
wait_until_constant() {
  same=0
  before=
  reads=0
  while [ $same -lt 5 ]; do
    reads=$((reads + 1))
    [ $reads -lt 120 ] || fail "the figures of $KINDS keep changing"
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

wait_until_constant
printf '==== undrained\n%s\n' "$(cat "$CGROUP/$usage")"
drain
sleep .2
show before

# The journal releases a block one commit after it wrote the block. So write a file each time, to have a commit.
reclaim() {
  : >"$DISK/tick-$1"
  sync
  if [ "$VERSION" = 1 ]; then
    echo 0 >"$CGROUP/memory.force_empty"
  else
    for amount in 1G 1M; do
      # "Resource temporarily unavailable" means that the cgroup has less than this.
      echo "$amount" >"$CGROUP/memory.reclaim" 2>/dev/null || :
    done
  fi
  # Wait for memory that the kernel frees after a grace period or on other CPUs.
  sleep .1
}

# Slab caches return a share of their objects in each round, and small caches not in every round. So stop after ten rounds
# in which usage does not fall.
rounds=0
idle=0
least=$(cat "$CGROUP/$usage")
while [ $idle -lt 10 ] && [ $rounds -lt 200 ]; do
  rounds=$((rounds + 1))
  reclaim $rounds
  now=$(cat "$CGROUP/$usage")
  if [ "$now" -lt "$least" ]; then
    least=$now
    idle=0
  else
    idle=$((idle + 1))
  fi
done
[ $idle -eq 10 ] || fail "$KINDS still shrinks after $rounds rounds"
drain
wait_until_constant
show after
printf '==== rounds\n%s\n' $rounds
kill -0 "$child"
