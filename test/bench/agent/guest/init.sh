#!/bin/busybox sh
# The first process of the guest. It makes the cgroups that /cgroups lists, runs the program of each line of /turns alone, and prints what
# each costs. A line of /turns: program, seconds between two samples, round, seconds of warming up, seconds of measuring.
export PATH=/bin HOME=/ MALLOC_ARENA_MAX=1
for directory in proc sys dev tmp; do mkdir -p /$directory; done
mount -t proc p /proc
mount -t sysfs s /sys
mount -t devtmpfs d /dev
mount -t tmpfs t /tmp
mount -t cgroup2 c /sys/fs/cgroup
ip link set lo up

top=/sys/fs/cgroup
echo +memory >$top/cgroup.subtree_control
n=0
while read -r kind cgroup; do
  mkdir "$top$cgroup"
  if [ "$kind" = parent ]; then
    echo +memory >"$top$cgroup/cgroup.subtree_control"
  else
    # It moves itself into the cgroup, and writes a file of another size there.
    sh -c 'echo 0 >"$0/cgroup.procs" && head -c $1 /dev/zero >/tmp/$2' "$top$cgroup" $((n % 16 * 4096 + 4096)) $n
    n=$((n + 1))
  fi
done </cgroups
mkdir -p /host/sys/fs/cgroup
mount --bind $top/bench /host/sys/fs/cgroup
mount -o remount,bind,ro /host/sys/fs/cgroup
echo "made $n containers"

threads() {
  for thread in /proc/$1/task/*; do
    read -r time rest <$thread/schedstat && echo "@$2 ${thread##*/} $time"
  done
}

# How many containers or cgroups a program has figures of.
figures() {
  case $1 in
    realmem) wget -q -O - http://127.0.0.1:9644/report.json | grep -o '"name": *"container-' | wc -l ;;
    *) wget -q -O - http://127.0.0.1:8080/metrics | grep -c '^container_memory_usage_bytes{id="/bench/kubepods' ;;
  esac 2>/dev/null
}

while read -r program period round warm measured; do
  sed "s/PERIOD/$period/" /config.template >/tmp/config.yaml
  rm -rf /tmp/history
  mkdir /tmp/history
  sh "/start-$program" "$period" >/tmp/log 2>&1 &
  pid=$!
  while [ -d /proc/$pid ] && [ "$(figures "$program")" = 0 ]; do sleep 1; done
  sleep "$warm"
  echo "@turn $program $period $round"
  read -r began rest </proc/uptime
  threads $pid before
  sleep "$measured"
  threads $pid after
  read -r ended rest </proc/uptime
  echo "@time $began $ended"
  sed -n 's/^\(Rss\|Anonymous\): *\([0-9]*\) kB/@\1 \2/p' /proc/$pid/smaps_rollup
  echo "@figures $(figures "$program")"
  kill $pid
  wait $pid
  echo "@end"
  head -n 5 /tmp/log
done </turns
echo "@done"
poweroff -f
