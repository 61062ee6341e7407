/** Which LRU is in force (Documentation/admin-guide/mm/multigen_lru.rst). */

import type { Host } from '../edges/host.ts';
import type { Lru } from '../model/cgroup.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';

const mainSwitch = 1;

/** `/sys/kernel/mm/lru_gen/enabled`: a mask in hexadecimal, of which the first bit is the main switch. @throws Fault */
export function parseLruGen(file: string, text: Uint8Array): Lru {
  const [, mask] = /^0x([0-9a-f]{1,8})\n*$/i.exec(new TextDecoder().decode(text)) ?? [];
  if (mask === undefined)
    throw new LocatedError({
      where: file,
      line: 1,
      expected: 'a mask such as 0x0007',
      got: excerpt(text, 1),
    });
  return (Number.parseInt(mask, 16) & mainSwitch) === 0 ? 'classic' : 'multi-generational';
}

/** Vendors brought it to older kernels: Container-Optimized OS (its releases end in `+`), Android, Red Hat, Liquorix, XanMod. */
const backports = /\+$|android|\.el\d|lqx|liquorix|xanmod|zen/i;

/** By the release of a kernel of which nobody knows whether it has that file: Linux before 6.1 has no other LRU. */
export function lruOfRelease(release: string | undefined): Lru {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,4})/.exec(release ?? '') ?? [];
  if (release === undefined || major === undefined || minor === undefined || backports.test(release))
    return 'unknown';
  return Number(major) < 6 || (Number(major) === 6 && Number(minor) < 1) ? 'classic' : 'unknown';
}

export interface FoundLru {
  readonly lru: Lru;
  /** Why it could not be read. */
  readonly fault?: string;
}

export function findLru(host: Host): FoundLru {
  try {
    const found = host.lruGen();
    if (found === 'none') return { lru: 'classic' };
    return { lru: found === undefined ? lruOfRelease(host.kernel) : parseLruGen(found.file, found.text) };
  } catch (error) {
    return { lru: 'unknown', fault: messageOf(error) };
  }
}
