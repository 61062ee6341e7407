import { test } from 'node:test';
import { matchesGolden } from '../../golden.ts';
import { Cleanup } from '../machine/cleanup.ts';
import { drawDashboard, pictureFile } from './picture.ts';

test('docs/dashboard.svg shows what Prometheus answers to the queries of the dashboard', {
  timeout: 300_000,
}, async (t) => {
  const cleanup = new Cleanup(t);
  matchesGolden(pictureFile, await drawDashboard(cleanup, cleanup.directory()));
});
