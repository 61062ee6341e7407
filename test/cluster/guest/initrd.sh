#!/bin/busybox sh
# The first process of the guest: finds the disks, puts this life's keys on the root, and becomes the init there.
# (runc needs pivot_root, which does not work on the kernel's first file system: hence a disk.)
b=/bin/busybox
$b mount -t devtmpfs d /dev
for module in /modules/*; do $b insmod "$module"; done
while [ ! -b /dev/vda ] || [ ! -b /dev/vdb ]; do $b sleep .1; done
$b mount -t ext4 -o noatime /dev/vda /root
$b mount -t ext4 -o noatime /dev/vdb /root/var/lib/node/containerd
$b cp /keys/* /root/etc/node/
$b mount --move /dev /root/dev
exec $b switch_root /root /sbin/init
