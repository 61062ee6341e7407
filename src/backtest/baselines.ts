/** The policies that realmem is compared with. */
import { daySeconds } from '../model/time.ts';
import { autopilotMax, autopilotMid, autopilotP98 } from './autopilot.ts';
import { crane } from './crane.ts';
import { koordinator } from './koordinator.ts';
import { krr } from './krr.ts';
import type { Policy } from './policy.ts';
import { multipliers } from './policy.ts';
import { vpa } from './vpa.ts';

/** Knows the future: sets the maximum of the next day. */
const oracle: Policy = {
  name: 'oracle',
  margin: 1,
  margins: Array.from({ length: 26 }, (_, step) => 0.5 + 0.02 * step),
  start(margin, { times, values }) {
    let next = 0;
    return {
      observe: () => void next++,
      limit(at) {
        let peak: number | undefined;
        for (let index = next; index < times.length && (times[index] ?? at) < at + daySeconds; index++)
          peak = Math.max(peak ?? 0, values[index] ?? 0);
        return peak === undefined ? undefined : peak * margin;
      },
    };
  },
};

/** Keeps the limit that people had set. */
const manual: Policy = {
  name: 'manual',
  margin: 1,
  margins: multipliers,
  start(margin, { limitBytes }) {
    return limitBytes === undefined ? undefined : { observe: () => {}, limit: () => limitBytes * margin };
  },
};

/** The common recommenders. @param floors whether VPA and KRR keep their default minimum */
export const shipped = (floors: boolean): readonly Policy[] => [
  vpa(floors),
  krr(floors),
  crane,
  koordinator,
  autopilotMax,
  autopilotP98,
  autopilotMid,
];

/** Not recommenders: the best and the usual case, for orientation. */
export const references: readonly Policy[] = [oracle, manual];
