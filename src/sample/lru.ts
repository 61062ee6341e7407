/** Finds out which LRU the kernel uses (Documentation/admin-guide/mm/multigen_lru.rst). */

import type { Host } from '../edges/host.ts';
import type { Lru } from '../model/cgroup.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';

const mainSwitch = 1;

/**
 * Parses `/sys/kernel/mm/lru_gen/enabled`: a hexadecimal mask whose lowest bit is the main switch.
 * @throws LocatedError if the file is not such a mask
 */
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

/**
 * Vendors that backported the multi-generational LRU: Container-Optimized OS (its releases end in `+`), Android,
 * Red Hat, Liquorix, XanMod, Zen.
 */
const backports = /\+$|android|\.el\d|lqx|liquorix|xanmod|zen/i;

/**
 * Guesses the LRU from the kernel release, for recordings that do not say whether the file existed. Linux before 6.1 has
 * only the classic LRU; any other release is `unknown`.
 */
export function lruOfRelease(release: string | undefined): Lru {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,4})/.exec(release ?? '') ?? [];
  if (release === undefined || major === undefined || minor === undefined || backports.test(release))
    return 'unknown';
  return Number(major) < 6 || (Number(major) === 6 && Number(minor) < 1) ? 'classic' : 'unknown';
}

export interface FoundLru {
  readonly lru: Lru;
  /** Why the file could not be read or parsed. */
  readonly fault?: string;
}

/** The LRU of the host. An unreadable file gives `unknown` and a fault; it throws nothing. */
export function findLru(host: Host): FoundLru {
  try {
    const found = host.lruGen();
    if (found === 'none') return { lru: 'classic' };
    return { lru: found === undefined ? lruOfRelease(host.kernel) : parseLruGen(found.file, found.text) };
  } catch (error) {
    return { lru: 'unknown', fault: messageOf(error) };
  }
}
