/** Runs `realmem suggest` as users run it on a cluster. */
import assert from 'node:assert/strict';
import { runProcess } from '../../cli/process.ts';
import type { Bed } from '../bed/bed.ts';

/** Asks for one namespace with low confidence, because a test runs for minutes only. */
export const suggestOn =
  (bed: Pick<Bed, 'kubeconfig'>, namespace: string) =>
  async (...flags: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runProcess([
      ...['suggest', '--kubeconfig', bed.kubeconfig, '-n', namespace, '--min-confidence', 'low'],
      ...flags,
    ]);
    assert.equal(code, 0, stderr);
    return stdout;
  };
