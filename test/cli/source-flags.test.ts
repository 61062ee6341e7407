import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostOptions, screen, targetOptions } from '../../src/cli/source-flags.ts';
import type { Io } from '../../src/edges/process.ts';
import { podsLimit } from '../../src/identify/names-source.ts';
import { UsageError } from '../../src/model/located-error.ts';

describe('hostOptions', () => {
  const read: unknown[] = [];
  const io = {
    readText: (...args: readonly unknown[]) => {
      read.push(args);
      return 'the pods';
    },
  } as Partial<Io> as Io;

  it('reads / and no file of pods by default', () => {
    assert.deepEqual(hostOptions({}, io), { root: '/' });
    assert.deepEqual(read, []);
  });

  it('reads the file of pods up to its limit', () => {
    assert.deepEqual(hostOptions({ root: '/r', pods: '-' }, io), {
      root: '/r',
      pods: { file: '-', text: 'the pods' },
    });
    assert.deepEqual(read.splice(0), [['-', podsLimit]]);
  });
});

describe('targetOptions', () => {
  const parsed = (positionals: readonly string[], values = {}) => ({
    positionals,
    values,
    switches: new Set<string>(),
  });

  it('takes the first argument, with a namespace only if one is given', () => {
    assert.deepEqual(targetOptions('ps', parsed(['web'])), { target: 'web' });
    assert.deepEqual(targetOptions('ps', parsed(['web'], { namespace: 'shop' })), {
      target: 'web',
      namespace: 'shop',
    });
  });

  it('refuses a command without a target, and names its help', () =>
    assert.throws(
      () => targetOptions('explain', parsed([])),
      (error) =>
        error instanceof UsageError &&
        /^TARGET is required: .*; see realmem explain --help$/.test(error.message),
    ));
});

describe('screen', () => {
  const of = (env: Io['env'], isTerminal = true, columns?: number) =>
    screen({ env, output: { isTerminal, columns } } as Partial<Io> as Io);

  it('is as wide as the terminal, from 40 to 120, and 80 if the width is unknown', () =>
    assert.deepEqual(
      [undefined, 1, 39, 40, 41, 119, 120, 121, 500].map((columns) => of({}, true, columns).columns),
      [80, 40, 40, 40, 41, 119, 120, 120, 120],
    ));

  for (const [env, isTerminal, colour] of [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '0' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ TERM: 'xterm' }, true, true],
  ] as const)
    it(`${colour ? 'has' : 'has no'} colour ${isTerminal ? 'on a terminal' : 'in a pipe'} with ${JSON.stringify(env)}`, () =>
      assert.equal(of(env, isTerminal).colour, colour));

  for (const [env, ascii] of [
    [{}, false],
    [{ LANG: 'C' }, true],
    [{ LANG: 'POSIX' }, true],
    [{ LANG: 'en_US.UTF-8' }, false],
    [{ LANG: 'de_DE.utf8' }, false],
    [{ LANG: 'de_DE.ISO-8859-1' }, true],
    [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }, true],
    [{ LANG: 'C', LC_CTYPE: 'C', LC_ALL: 'C.UTF-8' }, false],
    [{ LANG: 'C.UTF-8', LC_CTYPE: '', LC_ALL: '' }, false],
  ] as const)
    it(`draws with ${ascii ? 'ASCII' : 'blocks'} on a terminal with ${JSON.stringify(env)}`, () =>
      assert.equal(of(env).ascii, ascii));

  it('draws with blocks in a pipe, whatever the locale', () =>
    assert.equal(of({ LANG: 'C' }, false).ascii, false));
});
