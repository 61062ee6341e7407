/** Renders an explanation in the requested format. */

import { renderColumns } from '../layout/columns.ts';
import { renderJson, renderYaml } from '../layout/structured.ts';
import type { MemoryUsage } from '../model/usage.ts';
import { shownBy } from '../render/tool-format.ts';
import type { ToolReading } from '../render/tool-reading.ts';
import type { Explanation } from './explanation.ts';
import { formulaOf, offOf, whyOf } from './explanation.ts';
import { renderSheet } from './sheet.ts';
import { renderShort, type ShortOptions } from './short.ts';

export const explainForms = ['table', 'wide', 'json', 'yaml'] as const;
export type ExplainForm = (typeof explainForms)[number];

export interface ExplainOptions extends ShortOptions {
  /** Print every tool with its formula as a table, too. */
  readonly all?: boolean;
}

export function renderExplanation(
  explained: Explanation,
  form: ExplainForm,
  options: ExplainOptions,
): string {
  if (form === 'table')
    return options.all ? renderSheet(explained, options) : renderShort(explained, options);
  if (form === 'wide') return oneLineEach(explained);
  const rows = explained.tools.map((reading) => rowOf(reading, explained.usage));
  return form === 'json' ? renderJson(rows) : renderYaml(rows);
}

/** For programs. A figure that is unknown has no key. */
function rowOf(reading: ToolReading, usage: MemoryUsage): Readonly<Record<string, unknown>> {
  const { tool, version, value, writing } = reading;
  const shows = shownBy(reading);
  return {
    tool,
    version,
    ...(shows !== undefined && { shows }),
    ...(value !== undefined && { [writing === 'count' ? 'count' : 'bytes']: value }),
    ...(reading.formula !== undefined && { formula: formulaOf(reading) }),
    why: whyOf(reading, usage),
  };
}

function oneLineEach({ tools, usage }: Explanation): string {
  return renderColumns<ToolReading>(
    [
      { heading: 'TOOL', cell: ({ tool }) => tool },
      { heading: 'VERSION', cell: ({ version }) => version },
      { heading: 'SHOWS', right: true, cell: shownBy },
      { heading: 'OFF', right: true, cell: (reading) => offOf(reading, usage) },
      { heading: 'FORMULA', cell: (reading) => formulaOf(reading) || undefined },
      { heading: 'WHY', cell: (reading) => whyOf(reading, usage) },
    ],
    tools,
    true,
  );
}
