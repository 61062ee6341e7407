import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { thisMachine } from '../../src/edges/machine.ts';

it('thisMachine returns the page size and the online CPUs that getconf prints', () => {
  const getconf = (name: string): number => Number(spawnSync('getconf', [name], { encoding: 'utf8' }).stdout);
  assert.deepEqual(thisMachine(), { pageBytes: getconf('PAGESIZE'), cpus: getconf('_NPROCESSORS_ONLN') });
});
