/** How a terminal shows text, from the environment. */
import type { BarOptions } from './bars.ts';

export type Look = Pick<BarOptions, 'colour' | 'ascii'>;

/** For a terminal. Anything else gets no colours, and UTF-8. */
export function lookOf(env: Readonly<Record<string, string | undefined>>): Look {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    colour: !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    // ASCII only if a locale is set and is not UTF-8. A pod has no locale, but its reader knows UTF-8.
    ascii: locale !== '' && !/utf-?8/i.test(locale),
  };
}
