/** The whole report for programs: JSON and YAML. */
import { stringify } from 'yaml';
import type { NodeReport } from '../model/report.ts';
import { printableLines } from '../model/text.ts';

// Both writers escape most controls; what they let through (C1, bidirectional marks) is escaped here, which
// in a JSON string means the same text.
export const renderJson = (report: NodeReport): string =>
  printableLines(`${JSON.stringify(report, undefined, 2)}\n`);

/** Strings that need no quotes have none; `\uXXXX` is only understood between double ones. */
export function renderYaml(report: NodeReport): string {
  const safe = JSON.parse(JSON.stringify(report)) as unknown;
  return stringify(safe, { lineWidth: 0, aliasDuplicateObjects: false, ...quoting });
}

const quoting = { defaultStringType: 'PLAIN', defaultKeyType: 'PLAIN' } as const;
