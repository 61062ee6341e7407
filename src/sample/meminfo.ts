/** `/proc/meminfo` (proc_meminfo(5)): `Name: number kB` lines. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { Fault } from '../model/fault.ts';
import type { Meminfo } from '../model/meminfo.ts';
import { excerpt } from './excerpt.ts';

const names: readonly (readonly [keyof Meminfo, string])[] = [
  ['memTotal', 'MemTotal'],
  ['memFree', 'MemFree'],
  ['buffers', 'Buffers'],
  ['cached', 'Cached'],
  ['memAvailable', 'MemAvailable'],
  ['shmem', 'Shmem'],
  ['slabReclaimable', 'SReclaimable'],
  ['swapTotal', 'SwapTotal'],
  ['swapFree', 'SwapFree'],
];
const required = 4;
const wanted = new Set(names.map(([, name]) => name));

const form = /^([^\s:]+):\s+(\d+)(?: kB)?$/;

/** @throws Fault at a broken line, or where one of the first four is missing. */
export function parseMeminfo(file: string, text: Uint8Array): Meminfo {
  const found = new Map<string, Bytes>();
  const lines = new TextDecoder().decode(text).split('\n');
  for (const [index, content] of lines.entries()) {
    if (content === '') continue;
    const match = form.exec(content);
    const value = bytes(Number(match?.[2]) * (content.endsWith(' kB') ? 1024 : 1));
    const name = match?.[1];
    // Others may be larger: on hosts with five levels of page tables VmallocTotal is 12.5 PiB.
    if (name === undefined || (wanted.has(name) && !Number.isSafeInteger(value)))
      throw new Fault({
        where: file,
        line: index + 1,
        expected: '"Name: number kB"',
        got: excerpt(text, index + 1),
      });
    found.set(name, value);
  }
  const missing = names.slice(0, required).filter(([, name]) => !found.has(name));
  if (missing.length > 0)
    throw new Fault({
      where: file,
      expected: `a line for ${missing.map(([, name]) => name).join(', ')}`,
      got: `${found.size} other lines`,
    });
  return Object.fromEntries(
    names.flatMap(([field, name]) => (found.has(name) ? [[field, found.get(name)]] : [])),
  ) as unknown as Meminfo;
}
