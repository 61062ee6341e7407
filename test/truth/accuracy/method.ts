/** The section of docs/accuracy.md on how we measure the truth. */
export const method = `
## How we measure the truth

- **Nothing moves.** The workload sleeps. We read usage and \`memory.stat\` once both have been constant for longer than the
  two seconds in which the kernel gathers its statistics from all CPUs.
- **Charges in advance.** The kernel charges 64 pages at a time and keeps the rest on each CPU: up to 63 pages each. Before
  either reading a small process visits each CPU in a cgroup beside the measured one. Then we remove that cgroup. To release it, the
  kernel takes back everything that those CPUs keep (\`drain_all_stock\`), and reclaims nothing.
- **Repeated reclaim.** On v1 \`memory.force_empty\`, on v2 \`memory.reclaim\` of 1 GiB and of 1 MiB,
  until ten rounds in a row reclaim nothing more. Object caches give back a share each time, and small ones only every
  few times. The kernel has to find a mapped page untouched twice, and an executable one once more.
- **Dirty pages** are written first: \`sync\` in each round. A journal holds blocks until the commit after the one that wrote
  them, so each round changes something that the next can commit.
- **Pages of others.** We write files to be read outside the cgroup, and drop them from the page cache before the workload
  starts, so that the kernel charges them to the workload. Each workload must show at least three quarters of its size in the figure that it
  stresses; otherwise the measurement fails.
- **Check of the truth.** Where the size alone determines what stays (all, half or nothing), the truth must match it within 1 %
  or 1 MiB. The page-cache lists must be empty (256 KiB).
- **No swap**, because with swap anonymous memory would be reclaimable too. Kernel threads are charged to the root. The program's own memory,
  0.2 MiB, is in the figures and in the truth.
- **TCP on v1** is charged to a counter outside usage, and only where a TCP limit is set. So neither usage nor the truth derived from
  it contains TCP buffers. On v2 both do.
`;
