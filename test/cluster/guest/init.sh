#!/bin/sh
# The guest's init: cgroup v2, network, containerd, kubelet. NODE and ADDRESS come with the kernel's command line.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root
mount -t proc p /proc
mount -t sysfs s /sys
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts -o gid=5,mode=620,ptmxmode=666 d /dev/pts
mount -t tmpfs m /dev/shm
mount -t mqueue q /dev/mqueue
mount -t tmpfs -o mode=755 r /run
mount -t tmpfs t /tmp
mkdir -p /var/lib/node/containerd
mount -t ext4 -o noatime /dev/vdb /var/lib/node/containerd
mount --make-rshared /
mount -t cgroup2 -o nsdelegate c /sys/fs/cgroup
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done

modprobe -a virtio_net virtio_rng overlay veth
hostname "$NODE"
printf '127.0.0.1 localhost\n%s %s\n' "$ADDRESS" "$NODE" >/etc/hosts
ip link set lo up
ip address add "$ADDRESS/32" dev lo
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
echo 1 >/proc/sys/net/ipv4/ip_forward
# QEMU's network asks for the pods' addresses on this wire, and so they need no NAT.
echo 1 >/proc/sys/net/ipv4/conf/eth0/proxy_arp

httpd -p 2080 -h /www
containerd --config /etc/node/containerd.toml >/run/containerd.log 2>&1 &
while [ ! -S /run/containerd/containerd.sock ]; do sleep .1; done
kubelet --config=/etc/node/kubelet.json --kubeconfig=/etc/node/kubeconfig --hostname-override="$NODE" \
  --node-ip="$ADDRESS" --v=2 >/run/kubelet.log 2>&1 &
while :; do
  wait
  sleep 1
done
