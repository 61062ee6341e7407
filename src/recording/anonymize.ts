/**
 * Replaces names by salted hashes. The same name gets the same hash everywhere, so references between files still match.
 * The structural parts of a name stay (`kubepods`, `.service`, `cri-containerd-`), so every cgroup keeps its role.
 */

/** A text → 64 hexadecimal digits, salted for this run. */
export type Hash = (text: string) => string;

/** Names that define the structure of the tree and reveal no owner. */
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

/** Usual names in the paths of mount points. */
const mountWords =
  /^(?:|sys|fs|cgroup|host|proc|run|mnt|memory|unified|systemd|hugetlb|cpu|cpuacct|cpuset|devices|freezer|blkio|pids|perf_event|net_cls|net_prio|rdma|misc|[a-z_]+(?:,[a-z_]+)+)$/;

export class Anonymizer {
  private readonly hash: Hash;

  constructor(hash: Hash) {
    this.hash = hash;
  }

  /** `n` and 12 digits: a name that no rule for cgroup paths matches. */
  name(text: string): string {
    return `n${this.hash(text).slice(0, 12)}`;
  }

  /** A UID or an ID of the same form. Two spellings of one UID, with `-` or `_`, still give the same digits. */
  id(text: string): string {
    const digits = text.replace(/[_-]/g, '').toLowerCase();
    if (!hexadecimal.test(text)) return this.name(digits);
    const hashed = this.hash(digits).repeat(Math.ceil(digits.length / 64));
    let at = 0;
    return text.replace(/[0-9a-f]/gi, () => hashed[at++] as string);
  }

  /** The path of a cgroup in its hierarchy. */
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
