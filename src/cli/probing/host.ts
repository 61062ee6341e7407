/** Keeps the answer of `realmem probe` on a host, for the agent of this machine. */
import { keepProbe, probesFileIn } from '../../checkpoint/probes-file.ts';
import { now } from '../../edges/clock.ts';
import { hostName } from '../../edges/host.ts';
import { messageOf } from '../../model/located-error.ts';
import type { ProbeResult } from '../../probe/answer.ts';
import { keptAnswer } from '../../probe/kept.ts';
import type { ProbeForm } from '../../probe/render.ts';

/** @param directory of the agent's history @returns what became of the answer, in a sentence */
export async function keepOnHost(result: ProbeResult, form: ProbeForm, directory: string): Promise<string> {
  // In the pod of a Job, whoever created it keeps the answer.
  if (form === 'lines') return notKept('with -o lines, the program that reads the lines keeps it');
  const kept = keptAnswer(result, now() / 1000);
  if (typeof kept === 'string') return notKept(kept);
  try {
    const file = probesFileIn(directory, hostName());
    await keepProbe(file, result.cgroup, kept);
    return `Kept in ${file}. The agent of this machine takes it into the history, and realmem suggest uses it.`;
  } catch (error) {
    return notKept(messageOf(error));
  }
}

const notKept = (why: string): string => `Not kept for realmem suggest: ${why}.`;
