/** Which commands are written at all, and which of them are commented out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderPatches } from '../../src/suggest/patch.ts';
import { day, monday, type PlayedContainer, play } from '../usage/played.ts';
import { commandsIn, container, of, owners, patches, pod } from './patched.ts';
import { suggestFrom } from './suggest-from.ts';

describe('renderPatches', () => {
  it('is no command when a workload name contains shell syntax, with or without a slash', () => {
    for (const workload of [
      'Deployment/x;touch pwned;echo /y',
      'Rollout/x$(id)/y',
      'CronJob/../y',
      'Job/x;id/y',
    ]) {
      const template = { containers: [container('web')] };
      const known = { owners: owners(workload, { template }), pods: [pod(workload)] };
      for (const options of [{}, known, { ...known, inPlace: true }])
        for (const line of commandsIn(patches([of(workload)], options)))
          assert.match(line, /^kubectl -n shop patch pod web-1 --subresource resize /, line);
    }
  });

  it('is a commented command after an OOM kill on the first day, and is left out without a kill', () => {
    const at = monday + 3 * 3600;
    const young = (workload: string): PlayedContainer => ({
      ...of(workload),
      request: 64,
      limit: 128,
      real: () => 100,
    });
    const containers = [
      { ...young('Deployment/killed'), kills: [3600] },
      { ...young('Deployment/well'), pod: 'well-1' },
    ];
    const kept = play(containers, { days: 3 / 24, stepSeconds: 300 }).kept();
    const suggestions = suggestFrom([{ node: 'node-1', at, ...kept }], at);
    const text = renderPatches(suggestions, { doubts: () => undefined, least: 'medium' });
    assert.deepEqual(commandsIn(text), []);
    assert.match(
      text,
      /^# Review before you run this: OOM killed, but less than a day of history\.\n(# .*\n)*# kubectl -n shop patch deployment killed /m,
    );
    assert.match(text, /^# Left out: 1 container /m);
  });

  it('changes no container of a pod whose pod-level suggestion has too little confidence', () => {
    const whole = { ...of('Deployment/web'), podRequest: 1024, podLimit: 2048 };
    const late = { ...whole, container: 'late', real: (at: number) => (at > 2.5 * day ? 100 : undefined) };
    const text = patches([whole, late], { least: 'medium' });
    assert.deepEqual(commandsIn(text), []);
    assert.match(text, /^# Left out: 3 containers/m);
  });
});
