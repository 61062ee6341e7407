/** Runs all simulations, and writes docs/scale.md. Fails if the nodes write more than the budget. */
import fs from 'node:fs';
import { page } from './page.ts';
import { misses } from './requirements.ts';
import { simulateAll } from './simulate.ts';
import { large, pairs, usual } from './simulation/pods.ts';
import { sizeOf } from './sizes.ts';

const begin = Date.now();
const seconds = (): number => Math.round((Date.now() - begin) / 1000);
const results = await simulateAll((message) => process.stderr.write(`${seconds()} s: ${message}\n`));
const text = page(results, [sizeOf(30, usual), sizeOf(30, large), sizeOf(110, pairs)]);
fs.writeFileSync(new URL('../../docs/scale.md', import.meta.url), text);
process.stderr.write(`${seconds()} s\n`);
const missed = misses(results);
for (const miss of missed) process.stderr.write(`${miss}\n`);
if (missed.length > 0) process.exitCode = 1;
