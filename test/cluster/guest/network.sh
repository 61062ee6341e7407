#!/bin/sh
# Configures the guest's network with the name NODE and the address ADDRESS.
modprobe -a virtio_net virtio_rng overlay veth
hostname "$NODE"
printf '127.0.0.1 localhost\n%s %s\n' "$ADDRESS" "$NODE" >/etc/hosts
ip link set lo up
ip address add "$ADDRESS/32" dev lo
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
echo 1 >/proc/sys/net/ipv4/ip_forward
# Answers ARP requests of QEMU's network for the pods' addresses, so pods need no NAT.
echo 1 >/proc/sys/net/ipv4/conf/eth0/proxy_arp
