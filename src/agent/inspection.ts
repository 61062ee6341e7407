/** Inspects one container for a request to the agent. Loaded at the first request: most agents are never asked. */
import { openHost } from '../edges/host.ts';
import type { HttpAnswer } from '../http/listener.ts';
import { plainText } from '../http/listener.ts';
import type { DetailSource } from '../inspect/detail.ts';
import { explain } from '../inspect/explain.ts';
import { listProcesses, type Ps } from '../inspect/ps.ts';
import { renderJson } from '../layout/structured.ts';
import { InputError, LocatedError, messageOf } from '../model/located-error.ts';
import { probeIn } from '../recommend/probed.ts';
import { openReplay } from '../recording/replay.ts';
import { hotFiles } from '../sample/cgroup.ts';
import { parseMountinfo } from '../sample/mountinfo.ts';
import { Selection } from '../sample/selection.ts';
import { History } from '../usage/history.ts';
import type { Inspection } from './inspections.ts';
import type { Node } from './tick.ts';

/** Each takes some 0.1 ms. The agent makes no pass meanwhile. */
const mostProcesses = 2_000;

/**
 * Reads the cgroups anew, with files of its own: the passes of the agent keep their state.
 * @param at milliseconds since 1970
 * @returns 404 for an unknown container, with names like it
 */
export function inspect(
  { names, history }: Pick<Node, 'names' | 'history'>,
  root: string,
  { kind, target }: Inspection,
  at: number,
): HttpAnswer {
  // The agent's own tree has the descriptors that may stay open.
  const reservedDescriptors = Number.MAX_SAFE_INTEGER;
  const host = openHost({ root, hotFiles, parseMountinfo, openRecording: openReplay, reservedDescriptors });
  const own = { history: new History(), selection: new Selection(undefined) };
  const node: DetailSource = {
    ...{ host, names, ...own, remembered: history, mostProcesses },
    probeOf: probeIn(history),
  };
  try {
    const found =
      kind === 'explain'
        ? explain(node, root, { target }, at)
        : visible(listProcesses(node, root, { target }, at));
    return { status: 200, type: 'application/json', body: renderJson(found) };
  } catch (error) {
    if (error instanceof InputError) return plainText(404, messageOf(error));
    // For example no processes: what the user can change about it is in the message.
    if (error instanceof LocatedError) return plainText(403, messageOf(error));
    throw error;
  } finally {
    host.close();
  }
}

/** @throws LocatedError if all processes are in a PID namespace that the agent cannot see */
function visible(ps: Ps): Ps {
  const { processes, unseen } = ps.processes;
  if (processes.length > 0 || unseen === 0) return ps;
  throw new LocatedError({
    where: ps.name,
    expected: 'processes that the agent can see',
    got: 'processes in another PID namespace',
    todo: "set the chart's value hostPID: helm upgrade … --reset-then-reuse-values --set hostPID=true (docs/install.md)",
  });
}
