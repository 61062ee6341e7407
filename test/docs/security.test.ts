import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rows } from '../cluster/attacks/attack-table.ts';
import { attacksOf, dutiesOf } from '../cluster/attacks/attacks.ts';

it('docs/security.md has a row for each attack with a stolen token', () => {
  const tried = [...attacksOf('a', 'b'), ...dutiesOf('a')].map(({ what }) => what);
  assert.deepEqual(rows().toSorted(), tried.toSorted(), 'UPDATE_GOLDENS=1 npm run test:cluster');
});
