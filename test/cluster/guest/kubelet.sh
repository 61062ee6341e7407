#!/bin/sh
# The guest's kubelet, by NODE and ADDRESS.
exec kubelet --config=/etc/node/kubelet.json --kubeconfig=/etc/node/kubeconfig --hostname-override="$NODE" \
  --node-ip="$ADDRESS" --v=2
