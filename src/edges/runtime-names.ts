/**
 * Reads the names that people gave their containers, from the files of docker, podman and nerdctl. Asks no daemon.
 * Sources: moby/moby `daemon/container/container.go` (`ConfigPath`), containers/storage `containers.go`
 * (`containerLocations`), containerd/nerdctl `docs/dir.md`.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { CgroupId } from '../model/cgroup.ts';
import { fieldsOf, listOf, parseJson, textOf } from '../model/json.ts';
import type { RuntimeName } from '../model/observation.ts';
import { readFile } from './files.ts';

/** Bytes. docker writes some 5 KiB for a container, podman 1 KiB in the list of all. */
const longestFile = 16 * 1024 * 1024;
/** Values in one JSON file. */
const mostValues = 1_000_000;
/** Bytes of /etc/passwd and of daemon.json. */
const longestSettings = 1024 * 1024;
/** Name files of nerdctl, and directories of each kind. */
const mostEntries = 4096;

/** What docker, podman and nerdctl accept as a name. Users choose it, so anything else is dropped. */
const validName = /^[a-zA-Z0-9][\w.-]{0,254}$/;

/** The directories of one owner: root or a user with rootless containers. */
interface Homes {
  readonly docker: string;
  readonly podman: string;
  readonly nerdctl: string;
  /** Owner of the files. Undefined: root's directories, which only root can write. */
  readonly uid?: number;
}

interface Index {
  /** Changes when a file of the index does. */
  readonly stamp: string;
  readonly names: ReadonlyMap<string, string>;
}

/** The names of containers outside pods. Reads the files once for each new cgroup, not in each pass. */
export class RuntimeNames {
  private readonly root: string;
  private readonly known = new WeakMap<CgroupId, RuntimeName | 'none'>();
  private readonly indexes = new Map<string, Index>();

  /** @param root the directory that represents the host's `/` */
  constructor(root: string) {
    this.root = root;
  }

  /** @returns undefined without a name, and where these files are missing or unreadable: names are optional */
  nameOf(cgroup: CgroupId): RuntimeName | undefined {
    const known = this.known.get(cgroup) ?? this.find(cgroup.path) ?? 'none';
    this.known.set(cgroup, known);
    return known === 'none' ? undefined : known;
  }

  private find(cgroup: string): RuntimeName | undefined {
    const id = /[0-9a-f]{64}/.exec(path.basename(cgroup))?.[0];
    const homes = id === undefined ? undefined : this.homesOf(cgroup);
    if (id === undefined || homes === undefined) return undefined;
    return (
      named('docker', this.inDocker(homes, id)) ??
      named('podman', this.inPodman(homes, id)) ??
      named('nerdctl', this.inNerdctl(homes, id))
    );
  }

  /** Users choose the names of their own containers only: their files count below their own slice. */
  private homesOf(cgroup: string): Homes | undefined {
    const user = /^\/user\.slice\/user-(\d{1,10})\.slice\//.exec(cgroup)?.[1];
    if (user === undefined)
      return {
        docker: this.dockerRoot(),
        podman: 'var/lib/containers/storage',
        nerdctl: 'var/lib/nerdctl',
      };
    const home = homeIn(this.text('etc/passwd', {}, longestSettings) ?? '', user);
    if (home === undefined) return undefined;
    const share = path.join(home, '.local/share');
    return {
      docker: path.join(share, 'docker'),
      podman: path.join(share, 'containers/storage'),
      nerdctl: path.join(share, 'nerdctl'),
      uid: Number(user),
    };
  }

  private dockerRoot(): string {
    const settings = this.json('etc/docker/daemon.json', {}, longestSettings);
    return textOf(fieldsOf(settings)['data-root']) ?? 'var/lib/docker';
  }

  private inDocker(homes: Homes, id: string): string | undefined {
    const config = this.json(path.join(homes.docker, 'containers', id, 'config.v2.json'), homes);
    return textOf(fieldsOf(config)['Name'])?.replace(/^\//, '');
  }

  private inPodman(homes: Homes, id: string): string | undefined {
    const lists = this.list(homes.podman).filter((entry) => entry.endsWith('-containers'));
    const files = lists.flatMap((driver) =>
      // From podman 4.4 on, containers with --rm are in the second one.
      ['containers.json', 'volatile-containers.json'].map((file) => path.join(homes.podman, driver, file)),
    );
    return this.index(homes.podman, files, () =>
      files.flatMap((file) =>
        listOf(this.json(file, homes)).flatMap(({ id, names }): [string, string][] => {
          const [key, name] = [textOf(id), Array.isArray(names) ? textOf(names[0]) : undefined];
          return key === undefined || name === undefined ? [] : [[key, name]];
        }),
      ),
    ).get(id);
  }

  private inNerdctl(homes: Homes, id: string): string | undefined {
    const below = (directory: string): readonly string[] =>
      this.list(directory).map((entry) => path.join(directory, entry));
    const namespaces = below(homes.nerdctl).flatMap((store) => below(path.join(store, 'names')));
    return this.index(homes.nerdctl, namespaces, () =>
      namespaces
        .flatMap(below)
        .slice(0, mostEntries)
        .flatMap((file): [string, string][] => {
          const owner = this.text(file, homes, 128)?.trim();
          return owner === undefined ? [] : [[owner, path.basename(file)]];
        }),
    ).get(id);
  }

  /** The names of one runtime, read again only when one of these files or directories has changed. */
  private index(
    home: string,
    files: readonly string[],
    read: () => readonly [string, string][],
  ): ReadonlyMap<string, string> {
    const stamp = files.map((file) => this.stampOf(file)).join(' ');
    const kept = this.indexes.get(home);
    if (kept?.stamp === stamp) return kept.names;
    const names = new Map(read().filter(([, name]) => validName.test(name)));
    this.indexes.set(home, { stamp, names });
    return names;
  }

  private stampOf(file: string): string {
    try {
      const { ino, size, mtimeMs } = fs.statSync(path.join(this.root, file));
      return `${ino}:${size}:${mtimeMs}`;
    } catch {
      return '-';
    }
  }

  private list(directory: string): readonly string[] {
    try {
      return fs.readdirSync(this.inside(directory)).slice(0, mostEntries);
    } catch {
      return [];
    }
  }

  private json(file: string, owner: Pick<Homes, 'uid'>, longest = longestFile): unknown {
    const text = this.text(file, owner, longest);
    try {
      return text === undefined ? undefined : parseJson(text, undefined, mostValues);
    } catch {
      // The runtime may be writing the file now.
      return undefined;
    }
  }

  /** Undefined where the file is missing, unreadable, too large, or another user's. */
  private text(file: string, { uid }: Pick<Homes, 'uid'>, longest: number): string | undefined {
    try {
      const target = this.inside(file);
      if (uid !== undefined && fs.statSync(target).uid !== uid) return undefined;
      return readFile(target, longest).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /** @throws when the path does not exist, or a link leads out of the root: a recording shows only its own host */
  private inside(file: string): string {
    const target = fs.realpathSync(path.join(this.root, file));
    const from = path.relative(fs.realpathSync(this.root), target);
    if (from === '..' || from.startsWith('../')) throw new Error(`${file} is outside ${this.root}`);
    return target;
  }
}

const named = (runtime: RuntimeName['runtime'], name: string | undefined): RuntimeName | undefined =>
  name !== undefined && validName.test(name) ? { name, runtime } : undefined;

/** The home directory of a user. Source: passwd(5). */
function homeIn(passwd: string, uid: string): string | undefined {
  const fields = passwd.split('\n').map((line) => line.split(':'));
  const home = fields.find(([, , id]) => id === uid)?.[5];
  return home?.startsWith('/') === true ? home : undefined;
}
