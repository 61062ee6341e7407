/** The ends of the scale: who knows what comes, and who set a number once. */
import type { Policy } from '../model/policy.ts';
import { multipliers } from './margins.ts';

const daySeconds = 86_400;

/** The largest of the day that begins. */
export const oracle: Policy = {
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
export const manual: Policy = {
  name: 'manual',
  margin: 1,
  margins: multipliers,
  start(margin, { limitBytes }) {
    return limitBytes === undefined ? undefined : { observe: () => {}, limit: () => limitBytes * margin };
  },
};
