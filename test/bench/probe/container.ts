/** A cgroup that realmem takes for a container, without a runtime. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { CgroupVersion } from '../../../src/model/cgroup.ts';
import { codeOf } from '../../../src/model/located-error.ts';
import { directoryOf, makeCgroup, readMemory } from '../../host/machine/cgroups.ts';
import type { Cleanup } from '../../host/machine/cleanup.ts';
import { endProcesses, toolPath } from '../../host/machine/command.ts';
import type { CgroupFigures } from './timeline.ts';

/** An unprivileged user: PostgreSQL refuses to run as root. */
export const nobody = 65534;

const join = 'echo 0 >"$0/cgroup.procs" && exec "$@"';

export interface SpawnOptions {
  /** Default: root. */
  readonly isUnprivileged?: boolean;
  /** In the cgroup of this process. */
  readonly isOutside?: boolean;
}

export class Container {
  /** As `realmem probe` wants it. */
  readonly id = randomBytes(32).toString('hex');
  readonly version: CgroupVersion;
  /** Directories of the workload: on a disk, and on tmpfs. */
  readonly disk: string;
  readonly shm: string;
  private readonly cgroup: string;
  private readonly directory: string;
  private readonly children = new Set<ChildProcess>();

  /** @param parent a cgroup whose cleanup removes this one too @param disk a directory on a disk */
  constructor(cleanup: Cleanup, parent: string, disk: string) {
    this.cgroup = `${parent}/${this.id}`;
    makeCgroup(this.cgroup);
    this.directory = directoryOf(this.cgroup);
    this.version = fs.existsSync(`${this.directory}/memory.current`) ? 2 : 1;
    [this.disk, this.shm] = [disk, '/dev/shm'].map((parent) => {
      const directory = fs.mkdtempSync(`${parent}/realmem-bench-probe-`);
      fs.chownSync(directory, nobody, nobody);
      cleanup.add(() => fs.rmSync(directory, { recursive: true, force: true }));
      return directory;
    }) as [string, string];
    cleanup.add(() => this.empty());
  }

  /** Starts a program in the cgroup, or outside. */
  spawn(
    words: readonly string[],
    { isUnprivileged = false, isOutside = false }: SpawnOptions = {},
  ): ChildProcessByStdio<null, Readable, Readable> {
    const user = isUnprivileged
      ? ['/usr/bin/setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
      : [];
    const [program = '', ...rest] = [...user, ...words];
    const [file, args] = isOutside ? [program, rest] : ['sh', ['-c', join, this.directory, program, ...rest]];
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.disk,
      env: { ...process.env, PATH: toolPath },
    });
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  /** Runs a program to its end. @throws Error with its messages, unless it exits with 0 */
  async run(words: readonly string[], options: SpawnOptions = {}): Promise<string> {
    const child = this.spawn(words, options);
    const [out, messages, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${messages}`);
    return out;
  }

  /** Reads all files of its disk from inside, as a backup does. */
  async readAllFiles(): Promise<void> {
    await this.run(['sh', '-c', 'find . -type f -exec cat {} + >/dev/null']);
  }

  /** @param bytes undefined: no limit @returns false if the kernel cannot take so much */
  setLimit(bytes: number | undefined): boolean {
    const [file, none] =
      this.version === 1 ? ['memory.limit_in_bytes', '-1'] : (['memory.max', 'max'] as const);
    try {
      fs.writeFileSync(path.join(this.directory, file), bytes === undefined ? none : String(bytes));
      return true;
    } catch (error) {
      if (codeOf(error) === 'EBUSY') return false;
      throw error;
    }
  }

  get pids(): readonly number[] {
    return fs
      .readFileSync(path.join(this.directory, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(Number);
  }

  /** Ends everything that was started, and removes what it wrote. */
  empty(): void {
    endProcesses([...this.pids, ...[...this.children].flatMap(({ pid }) => pid ?? [])], 0);
    for (const parent of [this.disk, this.shm])
      for (const name of fs.readdirSync(parent)) fs.rmSync(path.join(parent, name), { recursive: true });
  }

  get figures(): CgroupFigures {
    const { usage, activeFile, inactiveFile } = readMemory(this.cgroup);
    const text = fs.readFileSync(path.join(this.directory, 'memory.stat'), 'utf8');
    const key = `${this.version === 1 ? 'total_' : ''}workingset_refault_file`;
    const refaults = Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1]);
    if (!Number.isFinite(refaults)) throw new Error(`memory.stat: expected ${key}`);
    return { usageBytes: usage, activeFileBytes: activeFile, inactiveFileBytes: inactiveFile, refaults };
  }
}
