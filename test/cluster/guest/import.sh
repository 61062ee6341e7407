#!/bin/sh
# Imports the posted image.
printf 'Content-Type: text/plain\r\n\r\n'
ctr --namespace k8s.io images import - 2>&1
echo "
$?"
