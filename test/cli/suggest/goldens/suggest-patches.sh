## injected-sidecar
# 1 workload to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only app 7 s, istio-proxy 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# istio-proxy: Istio injects it into the pod: annotate the pod template with sidecar.istio.io/proxyMemory: "197Mi" and sidecar.istio.io/proxyMemoryLimit: "388Mi" (Istio then drops its own defaults: set sidecar.istio.io/proxyCPU and proxyCPULimit too).
kubectl -n shop patch deployment cart --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","resources":{"requests":{"memory":"197Mi"},"limits":{"memory":"388Mi"}}}]}}}}'

## injected-sidecar --pods injected-sidecar/pods.json
# 1 workload to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only app 7 s, istio-proxy 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# istio-proxy: Istio injects it into the pod: annotate the pod template with sidecar.istio.io/proxyMemory: "197Mi" and sidecar.istio.io/proxyMemoryLimit: "388Mi" (Istio then drops its own defaults: set sidecar.istio.io/proxyCPU and proxyCPULimit too).
kubectl -n shop patch deployment cart --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"app","resources":{"requests":{"memory":"197Mi"},"limits":{"memory":"388Mi"}}}]}}}}'

## injected-sidecar --in-place --pods injected-sidecar/pods.json
# 1 workload to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only app 7 s, istio-proxy 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# shop/cart-5d4f8b7c9-aaaaa: the limit of app stays at 2048Mi: before Kubernetes 1.34 the API server refuses to lower a memory limit unless resizePolicy is RestartContainer.
# shop/cart-5d4f8b7c9-aaaaa: the limit of istio-proxy stays at 1024Mi: before Kubernetes 1.34 the API server refuses to lower a memory limit unless resizePolicy is RestartContainer.
kubectl -n shop patch pod cart-5d4f8b7c9-aaaaa --subresource resize --type strategic -p '{"spec":{"containers":[{"name":"app","resources":{"requests":{"memory":"197Mi"}}},{"name":"istio-proxy","resources":{"requests":{"memory":"197Mi"}}}]}}'

## in-place
# 4 workloads to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -A
# Low confidence: history of only etcd 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# kube-system/Pod/etcd-cp1: no command, because the pod is unknown, and the API server refuses to resize some pods (static, BestEffort, pod-level resources). Pass --kubeconfig or --pods.
#   etcd: request 197Mi and limit 388Mi
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# main: no command, because it sets nothing now, and realmem does not know whether its pod sets resources as a whole (spec.resources). Pass --kubeconfig or --pods. If the pod sets none: request 197Mi and limit 388Mi.
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
kubectl -n shop patch deployment big --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"197Mi"},"limits":{"memory":"388Mi"}}}]}}}}'
# Low confidence: history of only sh 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# shop/Pod/debug: no command, because the pod is unknown, and the API server refuses to resize some pods (static, BestEffort, pod-level resources). Pass --kubeconfig or --pods.
#   sh: request 197Mi and limit 388Mi

## in-place --pods in-place/pods.json
# 4 workloads to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -A
# Low confidence: history of only etcd 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# kube-system/Pod/etcd-cp1: no command, because it is a static pod: the kubelet of cp1 creates it from a file there (kubeadm: /etc/kubernetes/manifests/etcd.yaml). Set these values in that file.
#   etcd: request 197Mi and limit 388Mi
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
kubectl -n shop patch deployment be --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"197Mi"},"limits":{"memory":"388Mi"}}}]}}}}'
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
kubectl -n shop patch deployment big --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"197Mi"},"limits":{"memory":"388Mi"}}}]}}}}'
# Low confidence: history of only sh 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# shop/Pod/debug: no command, because a resize may not change the QoS class (from BestEffort to Burstable). Set these values in what creates the pod. They apply to its next pod.
#   sh: request 197Mi and limit 388Mi

## in-place --in-place --pods in-place/pods.json
# 4 workloads to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -A
# Low confidence: history of only etcd 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# kube-system/etcd-cp1: no command, because it is a static pod: the kubelet of cp1 creates it from a file there (kubeadm: /etc/kubernetes/manifests/etcd.yaml). Set these values in that file.
#   etcd: request 197Mi and limit 388Mi
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# shop/be-5d4f8b7c9-aaaaa: no command, because a resize may not change the QoS class (from BestEffort to Burstable). Set these values in what creates the pod. They apply to its next pod.
#   main: request 197Mi and limit 388Mi
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# shop/big-5d4f8b7c9-aaaaa: the limit of main stays at 2048Mi: before Kubernetes 1.34 the API server refuses to lower a memory limit unless resizePolicy is RestartContainer.
kubectl -n shop patch pod big-5d4f8b7c9-aaaaa --subresource resize --type strategic -p '{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"197Mi"}}}]}}'
# Low confidence: history of only sh 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# shop/debug: no command, because a resize may not change the QoS class (from BestEffort to Burstable). Set these values in what creates the pod. They apply to its next pod.
#   sh: request 197Mi and limit 388Mi

## whole-pod
# 1 workload to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only a 7 s, b 7 s, c 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# a: no command, because it sets nothing now, and realmem does not know whether its pod sets resources as a whole (spec.resources). Pass --kubeconfig or --pods. If the pod sets none: request 147Mi and limit 288Mi.
# b: no command, because it sets nothing now, and realmem does not know whether its pod sets resources as a whole (spec.resources). Pass --kubeconfig or --pods. If the pod sets none: request 147Mi and limit 288Mi.
# c: no command, because it sets nothing now, and realmem does not know whether its pod sets resources as a whole (spec.resources). Pass --kubeconfig or --pods. If the pod sets none: request 147Mi and limit 288Mi.

## whole-pod --pods whole-pod/pods.json
# 1 workload to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only whole pod 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# whole pod: Request 441Mi: the suggested requests of its 3 containers together. Limit 582Mi: at least 582Mi (one container at its limit, the others at their requests), at most 864Mi (all containers at their limits).
kubectl -n shop patch deployment shared --type strategic -p '{"spec":{"template":{"spec":{"resources":{"requests":{"memory":"441Mi"},"limits":{"memory":"582Mi"}}}}}}'

## whole-pod --in-place --pods whole-pod/pods.json
# 1 workload to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only whole pod 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# whole pod: Request 441Mi: the suggested requests of its 3 containers together. Limit 582Mi: at least 582Mi (one container at its limit, the others at their requests), at most 864Mi (all containers at their limits).
# shop/shared-5d4f8b7c9-aaaaa: no command, because the API server resizes no pod that sets resources as a whole (spec.resources). Set these values in what creates the pod.
#   whole pod: request 441Mi and limit 582Mi

## autoscaled
# 2 workloads to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
kubectl -n shop patch deployment api --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"277Mi"},"limits":{"memory":"545Mi"}}}]}}}}'
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
kubectl -n shop patch deployment pgb --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"3Mi"},"limits":{"memory":"12Mi"}}}]}}}}'

## autoscaled --pods autoscaled/pods.json
# 2 workloads to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
kubectl -n shop patch deployment api --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"277Mi"},"limits":{"memory":"545Mi"}}}]}}}}'
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
kubectl -n shop patch deployment pgb --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"3Mi"},"limits":{"memory":"12Mi"}}}]}}}}'

## autoscaled --in-place --pods autoscaled/pods.json
# 2 workloads to change. realmem has applied nothing: review these commands, then run them.
# realmem does not see HorizontalPodAutoscalers, VerticalPodAutoscalers, LimitRanges and quotas. An HPA on memory scales out when you lower a request. A LimitRange or a quota may refuse new values. Check first: kubectl get hpa,limitrange,quota -n shop
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# shop/api-5d4f8b7c9-aaaaa: the limit of main stays at 1024Mi: before Kubernetes 1.34 the API server refuses to lower a memory limit unless resizePolicy is RestartContainer.
kubectl -n shop patch pod api-5d4f8b7c9-aaaaa --subresource resize --type strategic -p '{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"277Mi"}}}]}}'
# Low confidence: history of only main 7 s. It may not include nights, peaks or jobs: first check each value that is lower than now.
# shop/pgb-5d4f8b7c9-aaaaa: the limit of main stays at 128Mi: before Kubernetes 1.34 the API server refuses to lower a memory limit unless resizePolicy is RestartContainer.
kubectl -n shop patch pod pgb-5d4f8b7c9-aaaaa --subresource resize --type strategic -p '{"spec":{"containers":[{"name":"main","resources":{"requests":{"memory":"3Mi"}}}]}}'
