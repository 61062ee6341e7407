/**
 * A cgroup's path → what it is. The path is read from the top, one segment after the other, and each segment is
 * looked up in the table for where we stand. A container ends it: whatever a workload names below its own cgroup is
 * its own affair and never believed.
 */
import type { OtherType, Place } from '../model/place.ts';

const ID = '([0-9a-f]{64})';
const UID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}';

/** Where the next segment stands. */
type Standing =
  | 'host'
  /** Below a service: systemd's, with pods only where a runtime's driver disagrees with the kubelet's. */
  | 'service'
  /** Below user.slice, where anyone may make cgroups of any name: no pods there. */
  | 'user'
  /** Below `docker`, `lxc`, a namespace of containerd: what stands here is a container, whatever its name. */
  | 'runtime'
  /** The same below a service or a user: no node is believed there. */
  | 'userRuntime'
  /** Above this the path was hidden by a cgroup namespace (`..`). */
  | 'hidden'
  /** Below kubepods: here, and only here, `pod<uid>` is a pod. */
  | 'kubepods'
  | 'pod'
  /** Below a container outside pods: it may be a whole node (kind, minikube, docker-nested ones). */
  | 'nodeContainer'
  | 'inner';

interface Rule {
  readonly name: RegExp;
  readonly place: (match: RegExpExecArray, above: Above) => Place;
  readonly below: Standing;
}

interface Above {
  readonly parent: string;
  readonly pod: { readonly podUID: string; readonly qos: string };
}

const kube = (): Place => ({ kind: 'kube' });
const inner = (): Place => ({ kind: 'inner' });
const skip = (why: string) => (): Place => ({ kind: 'skip', why });

const other =
  (type: OtherType) =>
  (match: RegExpExecArray): Place => ({ kind: 'other', type, name: unescapeUnit(match[1] ?? match[0]) });

/** Outside pods a container goes by the twelve digits that `docker ps` prints. */
const shortId = (match: RegExpExecArray): Place => ({
  kind: 'other',
  type: 'container',
  name: (match[1] as string).slice(0, 12),
});

const qosOf = (level: string | undefined): string =>
  level === 'besteffort' ? 'BestEffort' : level === 'burstable' ? 'Burstable' : 'Guaranteed';

/** The kubelet writes `-` in a UID as `_` where systemd would take it for a level. */
const uidOf = (written: string | undefined): string => (written ?? '').replaceAll('_', '-');

const podSlice = (match: RegExpExecArray): Place => ({
  kind: 'pod',
  podUID: uidOf(match[2]),
  qos: qosOf(match[1]),
});

const podDirectory = (match: RegExpExecArray, { parent }: Above): Place => ({
  kind: 'pod',
  podUID: uidOf(match[1]),
  qos: qosOf(parent),
});

const runtimes: Readonly<Record<string, string>> = {
  'cri-containerd': 'containerd',
  crio: 'cri-o',
  docker: 'docker',
  kata: 'kata',
};

function container(podUID: string, prefix: string | undefined, id: string | undefined): Place {
  const runtime = prefix === undefined ? undefined : runtimes[prefix];
  return { kind: 'container', podUID, id: id ?? '', ...(runtime !== undefined && { runtime }) };
}

const podContainer = (match: RegExpExecArray, { pod }: Above): Place =>
  container(pod.podUID, match[1], match[2]);

const conmon = skip('the monitor process of a container (conmon), not a container');

const kubepods: readonly Rule[] = [
  { name: /^kubepods$/, place: kube, below: 'kubepods' },
  // A root of its own comes as a prefix: kubelet-kubepods.slice (kind), node2-kubepods-burstable.slice.
  { name: /^(?:.+-)?kubepods(?:-besteffort|-burstable)?\.slice$/s, place: kube, below: 'kubepods' },
];

/** Kubelet on systemd, runtime on cgroupfs: slice:prefix:id in one segment. */
const disagreeing: Rule = {
  name: new RegExp(`^(?:.+-)?kubepods(?:-besteffort|-burstable)?-pod([^:]+)\\.slice:([^:]+):${ID}$`, 's'),
  place: (match) => container(uidOf(match[1]), match[2], match[3]),
  below: 'inner',
};

/** Where one stands below what is no pod. */
interface Below {
  readonly container: Standing;
  readonly runtime: Standing;
  readonly service: Standing;
  readonly group: Standing;
}

/** What is no pod. Rules go from the particular to the general; the last takes all. */
const others = (below: Below): readonly Rule[] => [
  { name: /^(?:crio|libpod)-conmon-/, place: conmon, below: 'inner' },
  { name: /\.(?:mount|swap)$/, place: skip('a mount or swap unit: it holds no processes'), below: 'inner' },
  {
    name: new RegExp(`^(?:(?:docker|libpod|cri-containerd|crio|nerdctl)-)?${ID}(?:\\.scope)?$`),
    place: shortId,
    below: below.container,
  },
  { name: /^nerdctl-/, place: skip('a build of nerdctl: it ends with its command'), below: 'inner' },
  { name: /^lxc\.payload\.(.+)$/s, place: other('container'), below: below.container },
  { name: /^machine-(qemu.*)\.scope$/s, place: other('vm'), below: 'inner' },
  { name: /^machine-(.+)\.scope$/s, place: other('container'), below: below.container },
  { name: /^(.+)\.(?:service|scope)$/s, place: other('service'), below: below.service },
  { name: /^(user)\.slice$/, place: other('slice'), below: 'user' },
  { name: /^(.+)\.slice$/s, place: other('slice'), below: below.group },
  {
    name: /^(?:docker|lxc|default|k8s\.io|moby|buildkit|libpod_parent)$/,
    place: other('slice'),
    below: below.runtime,
  },
  { name: /^.+$/s, place: other('slice'), below: below.group },
];

const runtime = (below: Below): readonly Rule[] => [
  { name: /^buildkit$/, place: other('slice'), below: below.runtime },
  { name: new RegExp(`^(?:libpod-)?${ID}$`), place: shortId, below: below.container },
  { name: /^libpod-conmon-/, place: conmon, below: 'inner' },
  { name: /^.+$/s, place: other('container'), below: below.container },
];

const belowHost: Below = {
  container: 'nodeContainer',
  runtime: 'runtime',
  service: 'service',
  group: 'host',
};
const belowService: Below = {
  container: 'inner',
  runtime: 'userRuntime',
  service: 'service',
  group: 'service',
};
const belowUser: Below = { container: 'inner', runtime: 'userRuntime', service: 'user', group: 'user' };

const rules: Readonly<Record<Standing, readonly Rule[]>> = {
  host: [...kubepods, disagreeing, { name: /^\.\.$/, place: kube, below: 'hidden' }, ...others(belowHost)],
  service: [disagreeing, ...others(belowService)],
  user: others(belowUser),
  runtime: runtime(belowHost),
  userRuntime: runtime(belowUser),
  hidden: [
    { name: /^\.\.$/, place: kube, below: 'hidden' },
    { name: new RegExp(`^pod(${UID})$`), place: podDirectory, below: 'pod' },
    { name: /^(?:.+-)?kubepods(?:-(besteffort|burstable))?-pod(.+)\.slice$/s, place: podSlice, below: 'pod' },
    ...kubepods,
    ...others(belowHost),
  ],
  kubepods: [
    ...kubepods,
    { name: /^(?:besteffort|burstable)$/, place: kube, below: 'kubepods' },
    { name: /^(?:.+-)?kubepods(?:-(besteffort|burstable))?-pod(.+)\.slice$/s, place: podSlice, below: 'pod' },
    { name: /^pod(.+)$/s, place: podDirectory, below: 'pod' },
    { name: /^.+$/s, place: skip('below kubepods, but no pod and no quality of service'), below: 'inner' },
  ],
  pod: [
    {
      name: new RegExp(`^(?:(cri-containerd|crio|docker|libpod)-)?${ID}(?:\\.scope)?$`),
      place: podContainer,
      below: 'inner',
    },
    { name: new RegExp(`^(kata)_${ID}$`), place: podContainer, below: 'inner' },
    { name: /^crio-conmon-/, place: conmon, below: 'inner' },
    { name: /^.+$/s, place: skip('below a pod, but its name holds no container ID'), below: 'inner' },
  ],
  nodeContainer: [
    ...kubepods,
    { name: /^kubelet(?:\.slice)?$/, place: kube, below: 'nodeContainer' },
    { name: /^.+$/s, place: inner, below: 'inner' },
  ],
  inner: [{ name: /^.+$/s, place: inner, below: 'inner' }],
};

/** systemd writes the bytes that a unit's name may not hold as `\xNN`. */
const unescapeUnit = (name: string): string =>
  name.replace(/(?:\\x[0-9a-f]{2})+/g, (bytes) =>
    new TextDecoder().decode(Uint8Array.from(bytes.slice(2).split('\\x'), (hex) => Number.parseInt(hex, 16))),
  );

/** The kernel's NAME_MAX: with it the work on a path is linear in its length, whatever the expressions cost. */
const longestName = 255;

/** What the cgroup at `path` (from the root of the hierarchy, beginning with `/`) is. */
export function placeOf(path: string): Place {
  let place: Place = { kind: 'root' };
  let standing: Standing = 'host';
  let pod = { podUID: '', qos: '' };
  let parent = '';
  for (const segment of path.split('/')) {
    if (segment === '') continue;
    if (segment.length > longestName)
      return { kind: 'skip', why: `a name of more than ${longestName} bytes` };
    const table: readonly Rule[] = rules[standing];
    for (const rule of table) {
      const match = rule.name.exec(segment);
      if (!match) continue;
      place = rule.place(match, { parent, pod });
      standing = rule.below;
      break;
    }
    if (place.kind === 'pod') pod = place;
    parent = segment;
  }
  return place;
}

/** Whether anything of interest can stand below. A container outside pods may be a node. */
export function holdsOthers(place: Place): boolean {
  return place.kind === 'root' || place.kind === 'kube' || place.kind === 'pod' || place.kind === 'other';
}
