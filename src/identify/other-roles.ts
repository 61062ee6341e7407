/** The roles of cgroups outside pods, and the forms of names that carry a container ID. */
import type { CgroupRole, OtherType } from '../model/cgroup-role.ts';
import { ID, runtimes } from './rule.ts';

/** A cgroup name with a container ID, in the forms of all runtimes. */
export const withId = new RegExp(
  `^(?:(?<prefix>docker|libpod|libpod-payload|cri-containerd|crio|nerdctl)-)?(?<id>${ID})(?:\\.scope)?$`,
);

export const other =
  (type: OtherType) =>
  (match: RegExpExecArray): CgroupRole => ({ kind: 'other', type, name: unescapeUnit(match[1] ?? match[0]) });

/** Decodes systemd's `\xNN` escapes in a unit name. Source: systemd-escape(1). */
const unescapeUnit = (name: string): string =>
  name.replace(/(?:\\x[0-9a-f]{2})+/g, (bytes) =>
    new TextDecoder().decode(Uint8Array.from(bytes.slice(2).split('\\x'), (hex) => Number.parseInt(hex, 16))),
  );

/** A container outside pods, named by the 12 digits that `docker ps` prints. */
export const shortId = ({ groups }: RegExpExecArray): CgroupRole => ({
  kind: 'other',
  type: 'container',
  name: groups?.['id']?.slice(0, 12) ?? '',
});

/** The same with its full ID, where only root can create cgroups: a pod's status may list this ID. */
export const trustedId = (match: RegExpExecArray): CgroupRole => {
  const { id, prefix } = match.groups ?? {};
  const runtime = prefix === undefined ? undefined : runtimes.get(prefix);
  return {
    ...shortId(match),
    ...(id !== undefined && { id }),
    ...(runtime !== undefined && { runtime }),
  } as CgroupRole;
};
