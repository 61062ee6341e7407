/** Sentences about containers that need more so far. text.test.ts and patch.test.ts have them in their output. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerKey, Setting } from '../../src/model/container-key.ts';
import { needsNow } from '../../src/suggest/needs.ts';
import type { SuggestionRow } from '../../src/suggest/rows.ts';
import { MiB, mib, rowOf } from './made.ts';

const needy = (
  key: Partial<ContainerKey> = {},
  needs: Partial<Record<'request' | 'limit', ReturnType<typeof mib>>> = { limit: mib(122) },
  setting: Partial<Setting> = { limit: 64 * MiB },
): SuggestionRow =>
  rowOf({
    ...{ key, setting },
    recommendation: {
      confidence: 'low',
      learning: { peak: mib(61), request: mib(32), limit: mib(64), needs, because: [] },
    },
  });

const command = / For its command, run: (.*)$/;

describe('needsNow', () => {
  it('names only the values that are too low, and 0 where none is set', () => {
    const sentence = (...given: Parameters<typeof needy>) =>
      needsNow([needy(...given)])[0]?.replace(command, '');
    assert.equal(sentence(), 'shop/Deployment/web/web needs more so far: limit at least 122Mi, now 64Mi.');
    assert.equal(
      sentence({}, { request: mib(62) }, {}),
      'shop/Deployment/web/web needs more so far: request at least 62Mi, now 0.',
    );
  });

  it('is empty for a container that is learning and needs no more, and for one that is not learning', () => {
    const learning = { peak: mib(61), request: mib(62), because: [] };
    assert.deepEqual(needsNow([rowOf({ recommendation: { learning } }), rowOf()]), []);
  });

  it('names a whole pod by its workload alone', () =>
    assert.match(
      needsNow([needy({ container: '' })])[0] ?? '',
      /^shop\/Deployment\/web needs more so far: /,
    ));

  for (const [count, last] of [
    [3, undefined],
    [4, '1 more container needs more so far: --why names them.'],
    [5, '2 more containers need more so far: --why names them.'],
  ] as const)
    it(`has three sentences for ${count} containers${last === undefined ? '' : ', and one about the others'}`, () =>
      assert.deepEqual(
        needsNow(Array.from({ length: count }, () => needy())).slice(3),
        last === undefined ? [] : [last],
      ));

  it('has a command for names of the API in lower case, and none where a shell could run a part of a name', () => {
    const commandOf = (key: Partial<ContainerKey>) => command.exec(needsNow([needy(key)])[0] ?? '')?.[1];
    assert.equal(
      commandOf({ workload: 'StatefulSet/db' }),
      'kubectl realmem suggest -n shop statefulset/db --min-confidence low -o patch',
    );
    for (const key of [
      ...[{ namespace: 'a;id' }, { namespace: '' }, { workload: 'Deployment/$(id)' }],
      ...[{ workload: 'Deploy ment/a' }, { workload: 'Deployment/a/b' }, { workload: '' }],
    ])
      assert.equal(commandOf(key), undefined, JSON.stringify(key));
  });

  it('shows no control character of a name', () =>
    assert.doesNotMatch(needsNow([needy({ container: 'a\u001b[31m' })])[0] ?? '', /\p{Cc}/u));
});
