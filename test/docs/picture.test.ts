import { it } from 'node:test';
import { picture } from '../../docs/picture.ts';
import { languages, whyPicture } from '../../docs/why-picture.ts';
import { matchesGolden } from '../golden.ts';

const docs = new URL('../../docs/', import.meta.url);

it('docs/top.svg shows the output of realmem top', async () => {
  matchesGolden(new URL('top.svg', docs), await picture());
});

for (const words of languages)
  it(`docs/${words.file} shows the parts that each tool counts`, () =>
    matchesGolden(new URL(words.file, docs), whyPicture(words)));
