#!/bin/busybox sh
# The guest's first process: waits for the disk, and becomes its init. A disk, because files of the kernel's initial file system are no page
# cache that the kernel can take.
b=/bin/busybox
$b mount -t devtmpfs d /dev
for module in /modules/*; do $b insmod "$module"; done
while [ ! -b /dev/vda ]; do $b sleep .1; done
$b mount -t ext4 -o noatime /dev/vda /root
$b mount --move /dev /root/dev
exec $b switch_root /root /sbin/init
