/** How the truth is made sure of, in docs/accuracy.md. */
export const method = `
## How the truth is made sure of

- **Nothing moves.** The workload sleeps; usage and \`memory.stat\` are read when both have been the same for longer than the
  two seconds in which the kernel gathers its statistics from all CPUs.
- **Charges in advance.** The kernel charges 64 pages at a time and keeps the rest on each CPU: up to 63 pages on each. Before
  either reading a small process visits each CPU in a cgroup beside the measured one, and that is removed: to let it go, the
  kernel takes back all that those CPUs keep (\`drain_all_stock\`), and nothing is reclaimed for it.
- **Everything is asked for, again and again.** On v1 \`memory.force_empty\`, on v2 \`memory.reclaim\` of 1 GiB and of 1 MiB,
  until ten rounds in a row took nothing more: caches of objects give back a share at each asking, small ones only at every
  few; a mapped page has to be found untouched twice; an executable one once more.
- **Dirty pages** are written first: \`sync\` in each round. A journal holds blocks until the commit after the one that wrote
  them, so each round changes something that the next can commit.
- **Pages of others.** Files to be read are written outside the cgroup and dropped from the page cache before the workload
  starts, so that it is charged for them. Each workload must show at least three quarters of its size in the figure it is to
  stress, or the measurement fails.
- **Truth is checked** against construction: where the size alone says what stays (all, half or nothing), it must, within 1 %
  or 1 MiB; and the page-cache lists must be empty (256 KiB).
- **No swap**, or anonymous memory would be reclaimable too. Kernel threads are charged to the root. The program's own memory,
  0.2 MiB, is in the figures and in the truth.
- **TCP on v1** is charged to a counter outside usage, which the kernel keeps only where a TCP limit is set: usage, and truth
  as taken from it, do not have it. On v2 they do.
`;
