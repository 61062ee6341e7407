/** What becomes of an answer on a host. test/host/probe.test.ts probes containers. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { keepOnHost } from '../../../src/cli/probing/host.ts';
import { probeForms } from '../../../src/probe/render.ts';
import { result } from '../../probe-job/made.ts';
import { tempDir } from '../../temp.ts';

describe('keepOnHost', () => {
  it('says why nothing is kept, also with -o lines', async (test) => {
    const directory = tempDir(test);
    assert.equal(
      await keepOnHost(result, 'lines', directory),
      'Not kept for realmem suggest: with -o lines, the program that reads the lines keeps it.',
    );
    for (const form of probeForms) {
      const interrupted = { ...result, answer: { ...result.answer, stopped: 'interrupted' } } as const;
      assert.match(await keepOnHost(interrupted, form, directory), /^Not kept for realmem suggest: .*\.$/);
      assert.match(
        await keepOnHost(result, form, `${directory}/none`),
        /^Not kept for realmem suggest: .*\.$/,
        'no agent keeps a history there',
      );
    }
    assert.deepEqual(fs.readdirSync(directory), []);
  });
});
