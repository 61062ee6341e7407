/** Runs in the guest: measures, and prints what it finds as lines. */
import fs from 'node:fs';
import { measureAll, type Work } from '../workers.ts';
import type { Printed } from './printed.ts';

const print = (printed: Printed): void => void process.stdout.write(`@${JSON.stringify(printed)}\n`);
const work: Work = JSON.parse(fs.readFileSync('/bench/work.json', 'utf8'));
const place = {
  disk: '/var/tmp',
  reader: '/bin/reader',
  realmem: ['/bin/node', '/realmem/realmem.mjs'],
  postgresScale: 1,
};
await measureAll(place, work, {
  say: (said) => print({ said }),
  measured: (measured) => print({ measured }),
  failed: (name, why) => print({ failed: { name, why } }),
});
print({ isDone: true });
process.exit();
