#!/bin/sh
# Starts the guest's kubelet with the name NODE and the address ADDRESS.
exec kubelet --config=/etc/node/kubelet.json --kubeconfig=/etc/node/kubeconfig --hostname-override="$NODE" \
  --node-ip="$ADDRESS" --v=2
