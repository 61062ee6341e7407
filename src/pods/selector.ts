/** Parses label selectors in the syntax of `kubectl -l`. */
import { InputError } from '../model/located-error.ts';
import { quoted } from '../model/text.ts';

type Labels = Readonly<Record<string, string>>;
type Match = (labels: Labels) => boolean;

const key = '([A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?)';
const value = '([A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?|)';
const equality = new RegExp(`^${key}\\s*(==|=|!=)\\s*${value}$`);
const membership = new RegExp(`^${key}\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const member = new RegExp(`^${value}$`);
const existence = new RegExp(`^(!?)\\s*${key}$`);

/**
 * Parses `app=web,tier!=test,env in (a, b),!canary`. An empty selector matches everything.
 * @throws InputError at the first part of another form
 */
export function parseSelector(where: string, text: string): Match {
  if (text.trim() === '') return () => true;
  // Commas inside parentheses belong to a set.
  const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  const matches = parts.map((part) => parsePart(where, part));
  return (labels) => matches.every((match) => match(labels));
}

function parsePart(where: string, part: string): Match {
  const equals = equality.exec(part);
  if (equals) {
    const [, name = '', operator, wanted = ''] = equals;
    return operator === '!=' ? (labels) => labels[name] !== wanted : (labels) => labels[name] === wanted;
  }
  const [, name = '', operator, list] = membership.exec(part) ?? [];
  const items = list?.split(',').map((item) => item.trim());
  if (items?.every((item) => member.test(item))) {
    const set = new Set(items);
    const isIn: Match = (labels) => labels[name] !== undefined && set.has(labels[name]);
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const exists = existence.exec(part);
  if (exists) {
    const [, not, name = ''] = exists;
    return (labels) => Object.hasOwn(labels, name) === (not === '');
  }
  throw new InputError({
    where,
    expected: 'a label selector such as app=web or env in (a, b)',
    got: quoted(part),
  });
}
