/** The section of docs/accuracy.md on how we measure the truth. */
export const method = `
## How we measure the truth

- **Idle workload.** It sleeps. We read usage and \`memory.stat\` once both have been constant for longer than the
  two seconds in which the kernel gathers its statistics from all CPUs.
- **Precharged pages.** The kernel charges 64 pages at a time and keeps the rest on each CPU: up to 63 pages each. Before
  each of the two readings, a small process in another cgroup runs on each CPU. Then we remove that cgroup. To release it, the
  kernel takes back the precharged pages of those CPUs (\`drain_all_stock\`), and reclaims nothing.
- **Repeated reclaim.** On v1 \`memory.force_empty\`, on v2 \`memory.reclaim\` of 1 GiB and of 1 MiB,
  until ten rounds in a row reclaim nothing more. Object caches give back a share each time, and small ones only every
  few times. The kernel reclaims a mapped page only when it has found it unused twice,
  and an executable one three times.
- **Dirty pages** are written first: \`sync\` in each round. A journal releases a block one commit after it wrote the block, so
  each round writes a file for another commit.
- **Files.** We write them outside the cgroup, and drop them from the page cache before the workload starts. So the kernel
  charges their pages to the workload. Each workload must show at least three quarters of its size in the figure that it
  stresses; otherwise the measurement fails.
- **Check of the truth.** Where the size alone determines what stays (all, half or nothing), the truth must match it within 1 %
  or 1 MiB. The page-cache lists must be empty (256 KiB).
- **No swap**, because with swap anonymous memory would be reclaimable too. Kernel threads are charged to the root. The program's own memory,
  0.2 MiB, is in the figures and in the truth.
- **TCP on v1** is charged to a counter outside usage, and only where a TCP limit is set. So neither usage nor the truth derived from
  it contains TCP buffers. On v2 both do.
`;
