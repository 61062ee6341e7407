#!/bin/sh
# Measures the workloads of /bench/work.json, and powers off. LRU_GEN is a parameter of the kernel: y or n.
export PATH=/bin:/usr/bin HOME=/
mount -t proc p /proc
mount -t sysfs s /sys
for directory in /tmp /run /dev/shm; do mkdir -p $directory && mount -t tmpfs t $directory; done
chmod 1777 /tmp /var/tmp /dev/shm
mount -t cgroup2 c /sys/fs/cgroup
ip link set lo up
echo "$LRU_GEN" >/sys/kernel/mm/lru_gen/enabled
echo "$(uname -sr), lru_gen $(cat /sys/kernel/mm/lru_gen/enabled)"
node /bench/inside.mjs
poweroff -f
