/** Whom a recommender is compared with. */
import type { Policy } from '../model/policy.ts';
import { autopilotMax, autopilotMid, autopilotP98 } from './autopilot.ts';
import { crane } from './crane.ts';
import { manual, oracle } from './ends.ts';
import { koordinator } from './koordinator.ts';
import { krr } from './krr.ts';
import { vpa } from './vpa.ts';

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
