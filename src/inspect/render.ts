/** One cgroup explained, in the form that is asked for. */

import type { MemoryUsage } from '../model/usage.ts';
import type { BarOptions } from '../render/bars.ts';
import { renderColumns } from '../render/columns.ts';
import { renderJson, renderYaml } from '../render/structured.ts';
import { shownBy } from '../render/tool-format.ts';
import type { Rival } from '../render/tool-reading.ts';
import type { Explained } from './explained.ts';
import { formulaOf, offOf, whyOf } from './explained.ts';
import { renderSheet } from './sheet.ts';

export const explainForms = ['table', 'wide', 'json', 'yaml'] as const;
export type ExplainForm = (typeof explainForms)[number];

export function renderExplained(explained: Explained, form: ExplainForm, options: BarOptions): string {
  if (form === 'table') return renderSheet(explained, options);
  if (form === 'wide') return oneLineEach(explained);
  const rows = explained.rivals.map((rival) => rowOf(rival, explained.usage));
  return form === 'json' ? renderJson(rows) : renderYaml(rows);
}

/** For programs: no column to be parsed, no figure where none is known. */
function rowOf(rival: Rival, usage: MemoryUsage): Readonly<Record<string, unknown>> {
  const { tool, version, value, writing } = rival;
  const shows = shownBy(rival);
  return {
    tool,
    version,
    ...(shows !== undefined && { shows }),
    ...(value !== undefined && { [writing === 'count' ? 'count' : 'bytes']: value }),
    ...(rival.formula !== undefined && { formula: formulaOf(rival) }),
    why: whyOf(rival, usage),
  };
}

function oneLineEach({ rivals, usage }: Explained): string {
  return renderColumns<Rival>(
    [
      { heading: 'TOOL', cell: ({ tool }) => tool },
      { heading: 'VERSION', cell: ({ version }) => version },
      { heading: 'SHOWS', right: true, cell: shownBy },
      { heading: 'OFF', right: true, cell: (rival) => offOf(rival, usage) },
      { heading: 'FORMULA', cell: (rival) => formulaOf(rival) || undefined },
      { heading: 'WHY', cell: (rival) => whyOf(rival, usage) },
    ],
    rivals,
    true,
  );
}
