/** Whom a recommender is compared with. */
import { daySeconds } from '../model/time.ts';
import { autopilotMax, autopilotMid, autopilotP98 } from './autopilot.ts';
import { crane } from './crane.ts';
import { koordinator } from './koordinator.ts';
import { krr } from './krr.ts';
import type { Policy } from './policy.ts';
import { multipliers } from './policy.ts';
import { vpa } from './vpa.ts';

/** The largest of the day that begins. */
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

/** The limit that people had set, for ever. */
const manual: Policy = {
  name: 'manual',
  margin: 1,
  margins: multipliers,
  start(margin, { limitBytes }) {
    return limitBytes === undefined ? undefined : { observe: () => {}, limit: () => limitBytes * margin };
  },
};

/** Those that people use. @param floors whether VPA and KRR recommend no less than they do unless told otherwise */
export const shipped = (floors: boolean): readonly Policy[] => [
  vpa(floors),
  krr(floors),
  crane,
  koordinator,
  autopilotMax,
  autopilotP98,
  autopilotMid,
];

export const ends: readonly Policy[] = [oracle, manual];
