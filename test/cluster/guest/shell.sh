#!/bin/sh
# Runs the posted script; the last line is its exit code.
printf 'Content-Type: text/plain\r\n\r\n'
sh 2>&1
echo "
$?"
