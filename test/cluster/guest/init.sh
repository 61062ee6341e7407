#!/bin/sh
# The guest's init: mounts cgroup v2, and starts the network, containerd and the kubelet. The kernel's command line sets
# NODE and ADDRESS.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root
mount -t proc p /proc
mount -t sysfs s /sys
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts -o gid=5,mode=620,ptmxmode=666 d /dev/pts
mount -t tmpfs m /dev/shm
mount -t mqueue q /dev/mqueue
mount -t tmpfs -o mode=755 r /run
mount -t tmpfs t /tmp
mount --make-rshared /
mount -t cgroup2 -o nsdelegate c /sys/fs/cgroup
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done

sh /etc/node/network.sh
httpd -p 2080 -h /www
containerd --config /etc/node/containerd.toml >/run/containerd.log 2>&1 &
while [ ! -S /run/containerd/containerd.sock ]; do sleep .1; done
sh /etc/node/kubelet.sh >/run/kubelet.log 2>&1 &
while :; do
  wait
  sleep 1
done
