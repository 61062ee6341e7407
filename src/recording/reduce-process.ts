/** Reduces files of `/proc/<pid>` to memory figures and the name of the process. */

const statusLines =
  /^(?:Name|State|Tgid|Pid|PPid|Threads|Vm(?:Peak|Size|Lck|Pin|HWM|RSS|Data|Stk|Exe|Lib|PTE|Swap)|Rss(?:Anon|File|Shmem)|HugetlbPages):/;

/** Fields of `stat` from the name up to the resident set (proc_pid_stat(5), 3 to 24). The later ones contain addresses. */
const statFields = 22;
const allStatFields = 50;

const reducers: Readonly<Record<string, (text: string) => string | undefined>> = {
  stat(text) {
    const end = text.lastIndexOf(')');
    if (end === -1) return undefined;
    const fields = text
      .slice(end + 1)
      .trim()
      .split(' ');
    const kept = fields.slice(0, statFields);
    const zeros = fields.slice(statFields, allStatFields).map(() => '0');
    return `${text.slice(0, end + 1)} ${[...kept, ...zeros].join(' ')}\n`;
  },
  status: (text) =>
    text
      .split('\n')
      .filter((line) => statusLines.test(line))
      .map((line) => `${line}\n`)
      .join(''),
  statm: (text) => (/^[\d ]+\n?$/.test(text) ? text : undefined),
  // Zero the addresses in the first line. The line itself must stay: it identifies the format.
  smaps_rollup: (text) =>
    text
      .split('\n')
      .filter((line) => /^[A-Za-z_]+:\s+\d+ kB$/.test(line) || line.endsWith(' [rollup]'))
      .map((line) => `${line.replace(/^[0-9a-f]+-[0-9a-f]+ /, '00000000-00000000 ')}\n`)
      .join(''),
  cgroup: (text) => text,
};

/** @param file its name. @returns undefined for a file that a recording does not keep */
export function reduceProcessFile(file: string, text: Uint8Array): Uint8Array | undefined {
  const reduced = Object.hasOwn(reducers, file)
    ? reducers[file]?.(new TextDecoder().decode(text))
    : undefined;
  return reduced === undefined ? undefined : new TextEncoder().encode(reduced);
}
