/** Reads the root cgroup: the figures from which the kubelet computes the working set of the node. */
import { bytes, type Optional } from '../model/bytes.ts';
import type { CgroupVersion, RawCgroup, RootCgroup } from '../model/cgroup.ts';
import { usageFile } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import type { OnFault } from '../model/located-error.ts';
import { faultAt, KeyTable, parseKeyed } from './keyed.ts';
import { exactly, isExact, parseNumber } from './number.ts';

/** Only these keys: on the root, the others need not add up. */
const tables = {
  1: new KeyTable(['total_inactive_file']),
  2: new KeyTable(['inactive_file', 'anon', 'file']),
} as const;

/**
 * @param onFault receives the error of each malformed value; the result lacks only that value
 * @throws CgroupGone if the hierarchy was unmounted; LocatedError if a file cannot be read or has no usable line
 */
export function sampleRoot(raw: RawCgroup, version: CgroupVersion, onFault: OnFault): RootCgroup {
  const usageText = raw.read(usageFile[version]);
  const usage = usageText && bytes(parseNumber(`/${usageFile[version]}`, usageText));
  const text = raw.read('memory.stat');
  return defined<RootCgroup>({ usage, ...(text && statOf(text, version, onFault)) });
}

function statOf(text: Uint8Array, version: CgroupVersion, onFault: OnFault): Omit<RootCgroup, 'usage'> {
  const file = '/memory.stat';
  const table = tables[version];
  const values = new Float64Array(table.keys.length);
  parseKeyed(file, text, table, values, onFault);
  const [inactiveFile, anon, filePages] = table.keys.map((key, slot): Optional => {
    const value = values[slot] as number;
    if (Number.isNaN(value)) return undefined;
    if (isExact(value)) return bytes(value);
    onFault(faultAt(file, text, key, exactly));
    return undefined;
  });
  return defined<Omit<RootCgroup, 'usage'>>({ inactiveFile, anon, file: filePages });
}
