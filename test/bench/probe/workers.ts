/** Measures workloads on the machine that this process runs on. */
import os from 'node:os';
import { messageOf } from '../../../src/model/located-error.ts';
import { ownCgroup } from '../../host/machine/cgroups.ts';
import { Cleanup } from '../../host/machine/cleanup.ts';
import { Container } from './container.ts';
import { type Measured, Measurement, type Plan } from './measure.ts';
import { type Place, type Workload, workloadsAt } from './workloads.ts';

export interface Work {
  readonly names: readonly string[];
  readonly plan: Plan;
  /** Workloads that run at the same time. Those that keep the processors busy run alone. */
  readonly parallel: number;
}

export interface Listener {
  say(line: string): void;
  measured(measured: Measured): void;
  /** @param why one line */
  failed(name: string, why: string): void;
}

export const workloadNames = (place: Place): readonly string[] => workloadsAt(place).map(({ name }) => name);

/** Goes on with the others when one fails. */
export async function measureAll(
  place: Place,
  { names, plan, parallel }: Work,
  { say, measured, failed }: Listener,
  cleanup = new Cleanup({ after: () => {} }),
): Promise<void> {
  const parent = ownCgroup(cleanup);
  const wanted = workloadsAt(place).filter(({ name }) => names.includes(name));
  const measureEach = async (left: Workload[]): Promise<void> => {
    for (let workload = left.shift(); workload !== undefined; workload = left.shift())
      try {
        const container = new Container(cleanup, parent, place.disk);
        measured(await new Measurement(workload, container, plan, place, say).measure());
      } catch (error) {
        say(`${workload.name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
        failed(workload.name, oneLine(error));
      }
  };
  const paced = wanted.filter(({ isBusy }) => !isBusy);
  await Promise.all(Array.from({ length: parallel }, () => measureEach(paced)));
  await measureEach(wanted.filter(({ isBusy }) => isBusy));
}

const oneLine = (error: unknown): string => (messageOf(error).split('\n')[0] as string).slice(0, 200);

/** For people. */
export const machineName = (version: 1 | 2): string =>
  `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}, ${os.type()} ${os.release()}, cgroup v${version}`;
