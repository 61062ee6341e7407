#!/bin/sh
# Imports the posted image archive. The last line of the answer is the exit code of ctr.
printf 'Content-Type: text/plain\r\n\r\n'
ctr --namespace k8s.io images import - 2>&1
echo "
$?"
