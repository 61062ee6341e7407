import { it } from 'node:test';
import { picture } from '../../docs/picture.ts';
import { matchesGolden } from '../golden.ts';

it('the picture of the README shows what the program prints', async () => {
  matchesGolden(new URL('../../docs/top.svg', import.meta.url), await picture());
});
