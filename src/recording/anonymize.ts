/**
 * Names made unreadable, everywhere alike: what belonged together still does, and every cgroup is still what it was.
 * What a name means for the structure stays (`kubepods`, `.service`, `cri-containerd-`); the rest becomes a hash.
 */

/** A text → hexadecimal digits, 64 of them, with the salt of this run in it. */
export type Hash = (text: string) => string;

/** Names that say what stands below them, and nothing of whose it is. */
const structural =
  /^(?:\.\.|kubepods|besteffort|burstable|kubelet|docker|lxc|default|k8s\.io|moby|buildkit|libpod_parent|kata_overhead|container|payload|-\.slice|(?:system|user|machine|kubelet|kata-overhead)\.slice|init\.scope)$/;

const kubeSlice =
  /^((?:.+-)?)(kubepods(?:-besteffort|-burstable)?)(?:-pod([^:]+?))?\.slice(?::([^:]+):(.+))?$/s;
const kubeDirectory =
  /^(?:kubepods|besteffort|burstable|\.\.|(?:.+-)?kubepods(?:-besteffort|-burstable)?\.slice)$/s;
const podDirectory = /^pod(.+)$/s;
const longID = /^(.*?)([0-9a-f]{64})(.*)$/s;
const runtimePrefix =
  /^(?:docker-|libpod-|libpod-payload-|cri-containerd-|crio-|nerdctl-|kata_|crio-conmon-|libpod-conmon-|runtime-rs-)?$/;
const runtimeName = /^(?:cri-containerd|crio|docker|containerd|libpod)$/;
const prefixed =
  /^(lxc\.payload\.|machine-qemu-?|machine-|nerdctl-|crio-conmon-|libpod-conmon-)(.+?)(\.scope)?$/s;
const unit = /^(.+)(\.(?:service|scope|slice|mount|swap|socket|device|timer|target|path|automount))$/s;

const hexadecimal = /^[0-9a-f][0-9a-f_-]*$/i;

/** Directories in which hierarchies are mounted. */
const mountWords =
  /^(?:|sys|fs|cgroup|host|proc|run|mnt|memory|unified|systemd|hugetlb|cpu|cpuacct|cpuset|devices|freezer|blkio|pids|perf_event|net_cls|net_prio|rdma|misc|[a-z_]+(?:,[a-z_]+)+)$/;

export class Anonymizer {
  private readonly hash: Hash;

  constructor(hash: Hash) {
    this.hash = hash;
  }

  /** A name; never one that means something to whoever reads paths. */
  name(text: string): string {
    return `n${this.hash(text).slice(0, 12)}`;
  }

  /** A UID or an ID: digits for digits, so that its form stays; with other separators it is still the same one. */
  id(text: string): string {
    const digits = text.replace(/[_-]/g, '').toLowerCase();
    if (!hexadecimal.test(text)) return this.name(digits);
    const hashed = this.hash(digits).repeat(Math.ceil(digits.length / 64));
    let at = 0;
    return text.replace(/[0-9a-f]/gi, () => hashed[at++] as string);
  }

  /** A cgroup's path in its hierarchy. */
  cgroup(path: string): string {
    let parent = '';
    return path
      .split('/')
      .map((name) => {
        const made = name === '' ? '' : this.segment(name, parent);
        if (name !== '') parent = name;
        return made;
      })
      .join('/');
  }

  mountPoint(path: string): string {
    return path
      .split('/')
      .map((name) => (mountWords.test(name) ? name : this.name(name)))
      .join('/');
  }

  private segment(name: string, parent: string): string {
    if (structural.test(name)) return name;
    const slice = kubeSlice.exec(name);
    if (slice) {
      const [, prefix = '', kubepods, uid, runtime, id] = slice;
      const before = prefix === '' || prefix === 'kubelet-' ? prefix : `${this.name(prefix)}-`;
      const pod = uid === undefined ? '' : `-pod${this.id(uid)}`;
      const container = id === undefined ? '' : `:${this.word(runtime as string)}:${this.id(id)}`;
      return `${before}${kubepods}${pod}.slice${container}`;
    }
    const pod = podDirectory.exec(name)?.[1];
    const isUID = pod !== undefined && hexadecimal.test(pod) && pod.replaceAll('-', '').length === 32;
    if (pod !== undefined && (isUID || kubeDirectory.test(parent))) return `pod${this.id(pod)}`;
    const [, before = '', id, after = ''] = longID.exec(name) ?? [];
    if (id !== undefined && runtimePrefix.test(before) && /^(?:\.scope)?$/.test(after))
      return `${before}${this.id(id)}${after}`;
    const [, prefix, rest = '', scope = ''] = prefixed.exec(name) ?? [];
    if (prefix !== undefined) return `${prefix}${this.name(rest)}${scope}`;
    const [, base, extension] = unit.exec(name) ?? [];
    return base === undefined ? this.name(name) : `${this.name(base)}${extension}`;
  }

  private word(runtime: string): string {
    return runtimeName.test(runtime) ? runtime : this.name(runtime);
  }
}
