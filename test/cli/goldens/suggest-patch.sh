# 7 workloads to change. Printing this applies nothing: read it, then run it.
# run: 95 % of all five minutes stayed within 403Mi: that is the request; the largest of 6 days was 443Mi, by what it was killed at; a limit of 735Mi costs least, where a kill costs as much as 7 days of the whole limit unused; killed once 2024-10-12T02:04:00Z (report-1) at a limit of 384Mi: it needs 442Mi at the least (× 1.15)
kubectl -n shop patch cronjob report --type strategic -p '{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"run","resources":{"requests":{"memory":"404Mi"},"limits":{"memory":"736Mi"}}}]}}}}}}'
# web: 95 % of all five minutes stayed within 265Mi: that is the request; the largest of 6 days was 261Mi, on 2024-10-07; a limit of 324Mi costs least, where a kill costs as much as 7 days of the whole limit unused; -Xmx512m lets the heap of this JVM grow to 512Mi: with 25 % beside it 640Mi at the least; for less, lower the cap first
kubectl -n shop patch deployment api --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","resources":{"requests":{"memory":"256Mi"},"limits":{"memory":"640Mi"}}}]}}}}'
# proxy: 95 % of all five minutes stayed within 22.2Mi: that is the request; the largest of 6 days was 22.1Mi, on 2024-10-07; a limit of 27.1Mi costs least, where a kill costs as much as 7 days of the whole limit unused
kubectl -n shop patch deployment cart --type strategic -p '{"spec":{"template":{"spec":{"initContainers":[{"name":"proxy","resources":{"requests":{"memory":"23Mi"},"limits":{"memory":"28Mi"}}}]}}}}'
# shop/Job/migrate: no command, a job that exists cannot be changed: set it where it is made.
# shop/Pod/debug: a pod of no owner is changed where it runs.
kubectl -n shop patch pod debug --subresource resize --type strategic -p '{"spec":{"containers":[{"name":"sh","resources":{"requests":{"memory":"4Mi"},"limits":{"memory":"12Mi"}}}]}}'
# shop/Rollout/blue: no command, set it where its own kind has it.
# web: 95 % of all five minutes stayed within 305Mi: that is the request; the largest of 6 days was 301Mi, on 2024-10-07; a limit of 372Mi costs least, where a kill costs as much as 7 days of the whole limit unused; 700Mi of its page cache were active all the time, and 90.3Mi were read back within an hour after the kernel had dropped them: they are kept in request and limit (+ 700Mi)
kubectl -n shop patch statefulset search --type strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","resources":{"requests":{"memory":"1005Mi"},"limits":{"memory":"1073Mi"}}}]}}}}'
