import { it } from 'node:test';
import { picture } from '../../docs/picture.ts';
import { matchesGolden } from '../golden.ts';

it('docs/top.svg shows the output of realmem top', async () => {
  matchesGolden(new URL('../../docs/top.svg', import.meta.url), await picture());
});
