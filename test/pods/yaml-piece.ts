/** Pieces of YAML that a parser may stumble over, and any text. */
import fc from 'fast-check';
import { anyText } from '../model/any-text.ts';

export const yamlPiece = fc.oneof(
  fc.constantFrom(
    '*a',
    '&a ',
    '!!binary ',
    '- ',
    ': ',
    '---\n',
    '"',
    "'",
    '|',
    '>',
    '{',
    ']',
    '\t',
    '%',
    '? ',
    '<<: ',
  ),
  anyText({ maxLength: 5 }),
);
