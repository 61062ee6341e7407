#!/bin/busybox sh
# The guest's first process: waits for the disks, copies this start's keys to the root disk, and becomes its init.
# The root is a disk because runc needs pivot_root, which does not work on the kernel's initial file system.
b=/bin/busybox
$b mount -t devtmpfs d /dev
for module in /modules/*; do $b insmod "$module"; done
while [ ! -b /dev/vda ] || [ ! -b /dev/vdb ]; do $b sleep .1; done
$b mount -t ext4 -o noatime /dev/vda /root
$b mount -t ext4 -o noatime /dev/vdb /root/var/lib/node/containerd
$b cp /keys/* /root/etc/node/
$b mount --move /dev /root/dev
exec $b switch_root /root /sbin/init
