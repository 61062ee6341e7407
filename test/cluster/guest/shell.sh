#!/bin/sh
# Runs the posted script. The last line of the answer is the script's exit code.
printf 'Content-Type: text/plain\r\n\r\n'
sh 2>&1
echo "
$?"
