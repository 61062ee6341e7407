/** The page's template, which `npm run page` makes. In a bundle this module contains the text itself (image/bundle.ts). */
import { readText } from '../edges/files.ts';
import { LocatedError } from '../model/located-error.ts';
import { templateFile } from './document.ts';

/** @throws LocatedError in a clone without the file */
export function pageTemplate(): string {
  const file = `${import.meta.dirname}/${templateFile}`;
  const text = readText(file);
  if (text !== undefined) return text;
  throw new LocatedError({
    where: file,
    expected: 'the template of the page',
    got: 'no such file',
    todo: 'npm run page',
  });
}
