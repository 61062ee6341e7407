/** The tables of rules on their own: which rule decides for a name in a state. Whole paths are in role.test.ts. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PathState } from '../../src/identify/rule.ts';
import { rules } from '../../src/identify/rules.ts';
import { anyText } from '../model/any-text.ts';
import { decide, other } from './decide.ts';

const states = Object.keys(rules) as PathState[];

const indexOf = (state: PathState, name: string): number =>
  rules[state].findIndex((rule) => rule.name.test(name));

/** Every name in the paths of the recorded and documented layouts. */
const recorded = [
  ...new Set(
    fs
      .globSync('*/paths.txt', { cwd: new URL('../../fixtures/paths/', import.meta.url).pathname })
      .flatMap((file) =>
        fs
          .readFileSync(new URL(`../../fixtures/paths/${file}`, import.meta.url), 'utf8')
          .split('\n')
          .filter((line) => !line.startsWith('#'))
          .flatMap((line) => line.split('/').filter((name) => name !== '')),
      ),
  ),
];

const name = fc
  .oneof(
    fc.constantFrom(...recorded),
    fc.tuple(fc.constantFrom(...recorded), anyText({ maxLength: 5 })).map((parts) => parts.join('')),
    anyText({ minLength: 1, maxLength: 30 }).map((text) => text.replaceAll('/', '_')),
  )
  .filter((text) => text !== '' && text.length <= 255);

describe('the rules of each state', () => {
  it('decide for any name, also with line breaks and control characters', () => {
    for (const state of states) {
      for (const text of ['\n', 'a\nb', '\0', '\ufffd', ' ', '.', '-', '\u2028'])
        assert.notEqual(indexOf(state, text), -1, `${state} ${JSON.stringify(text)}`);
      fc.assert(
        fc.property(name, (text) => assert.notEqual(indexOf(state, text), -1)),
        { numRuns: 100 },
      );
    }
  });

  it('each decide for a recorded name: no rule is hidden by an earlier one', () => {
    const names = [...recorded, 'buildkit'];
    // In machine.slice, names without a dot are containers, so rules for such names do not apply there.
    for (const state of states.filter((one) => one !== 'machines'))
      for (const [at, rule] of rules[state].entries())
        assert.ok(
          names.some((text) => indexOf(state, text) === at),
          `${state}: ${rule.name.source}`,
        );
  });

  it('lead only to states that exist, and each state but host is led to', () => {
    const led = new Set(states.flatMap((state) => rules[state].map(({ below }) => below)));
    assert.deepEqual([...led].toSorted(), states.toSorted());
  });

  it('use expressions without memory, so the same name always gives the same rule', () => {
    for (const { name: expression } of Object.values(rules).flat())
      assert.equal(/[gy]/.test(expression.flags), false, expression.source);
  });

  it('return an empty name for no cgroup', () =>
    fc.assert(
      fc.property(fc.constantFrom(...states), name, (state, text) => {
        const [role] = decide(state, text);
        if (role.kind === 'other') assert.notEqual(role.name, '', text);
      }),
      { numRuns: 1_000 },
    ));

  it('return a pod only below kubepods or a hidden beginning, and a container of a pod only below a pod', () =>
    fc.assert(
      fc.property(fc.constantFrom(...states), name, (state, text) => {
        const { kind } = decide(state, text)[0];
        if (kind === 'pod') assert.ok(['kubepods', 'hidden'].includes(state), state);
        if (kind === 'container' && state !== 'pod')
          assert.match(text, /^[^:]*kubepods[^:]*:[^:]+:[0-9a-f]{64}$/);
      }),
      { numRuns: 2_000 },
    ));

  it('end at inner for each container of a pod and for each overhead, and stay at inner', () =>
    fc.assert(
      fc.property(fc.constantFrom(...states), name, (state, text) => {
        const [role, below] = decide(state, text);
        if (role.kind === 'container' || (role.kind === 'other' && role.overheadOf !== undefined))
          assert.equal(below, 'inner');
        if (state === 'inner') assert.deepEqual([role, below], [{ kind: 'inner' }, 'inner']);
      }),
      { numRuns: 2_000 },
    ));

  it('return a full ID only in states below root, machine.slice, a runtime or a hidden beginning', () =>
    fc.assert(
      fc.property(fc.constantFrom(...states), name, (state, text) => {
        const [role] = decide(state, text);
        if (role.kind === 'other' && role.id !== undefined)
          assert.ok(['host', 'machines', 'runtime', 'hidden'].includes(state), state);
      }),
      { numRuns: 2_000 },
    ));
});

describe('machine.slice', () => {
  it('has a container for a name without a dot, and the other rules for a name with one', () => {
    assert.deepEqual(decide('machines', '101'), [other('container', '101'), 'nodeContainer']);
    assert.deepEqual(decide('machines', 'garden'), [other('container', 'garden'), 'nodeContainer']);
    assert.deepEqual(decide('machines', 'kubepods'), [{ kind: 'kube' }, 'kubepods']);
    assert.deepEqual(decide('machines', 'machine-qemu\\x2d1\\x2dvm.scope'), [
      other('vm', 'qemu-1-vm'),
      'inner',
    ]);
    assert.deepEqual(decide('machines', 'machine-web.scope'), [other('container', 'web'), 'nodeContainer']);
    assert.deepEqual(decide('machines', 'systemd-nspawn@web.service'), [
      other('container', 'web'),
      'nodeContainer',
    ]);
    assert.deepEqual(decide('machines', 'nerdctl-a.b')[0].kind, 'skip');
  });
});
