import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fail, named, ok, warn } from '../../src/doctor/check.ts';
import { checksAsJson, hasFailed, renderChecks } from '../../src/doctor/render.ts';

const checks = [
  ok('a', 'fine'),
  warn('long name', 'one two three four five six', 'go there'),
  fail('b', 'no'),
];

it('renderChecks aligns the messages, wraps them, and counts the statuses', () => {
  assert.equal(
    renderChecks(checks, { columns: 40, colour: false }),
    `ok    a          fine
warn  long name  one two three four five
                 six
                 To do: go there
fail  b          no

1 ok, 1 warning, 1 failure
`,
  );
});

it('renderChecks colours only the status', () => {
  const [first] = renderChecks(checks, { columns: 40, colour: true }).split('\n');
  assert.equal(first, '\u001b[36mok    \u001b[0ma          fine');
});

it('renderChecks escapes control characters of names', () => {
  assert.match(
    renderChecks([ok('a', '\u001b[2Jx')], { columns: 80, colour: false }),
    /ok {4}a {2}\\u001b\[2Jx/,
  );
});

it('checksAsJson has the kind and each check, with todo only where there is one', () => {
  assert.deepEqual(JSON.parse(checksAsJson(checks.slice(0, 2))), {
    apiVersion: 'realmem.dev/v1alpha1',
    kind: 'DoctorReport',
    checks: [
      { name: 'a', status: 'ok', message: 'fine' },
      { name: 'long name', status: 'warn', message: 'one two three four five six', todo: 'go there' },
    ],
  });
});

it('hasFailed is true for a failure, and not for a warning', () => {
  assert.deepEqual([hasFailed(checks), hasFailed(checks.slice(0, 2))], [true, false]);
});

it('named shows three names, and the number of the others', () => {
  assert.deepEqual(
    [named(['a', 'b', 'c']), named(['a', 'b', 'c', 'd', 'e'])],
    ['a, b, c', 'a, b, c and 2 more'],
  );
});
