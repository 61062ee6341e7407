/** Renders the result of a backtest as a table and as JSON. */

import { type Column, renderColumns } from '../layout/columns.ts';
import { printable } from '../model/text.ts';
import type { Backtest, Comparison, Outcome } from './judge.ts';

/** One entry for each policy and margin. */
export const renderBacktestJson = ({ outcomes }: Backtest): string =>
  `${JSON.stringify(outcomes, null, 2)}\n`;

export function renderBacktest(found: Backtest): string {
  const { outcomes, shipped, marginsGiven, comparisons, notes } = found;
  const [{ series, days } = { series: 0, days: 0 }] = outcomes;
  const text = [
    `${series} series, ${Math.round(days)} container-days. `,
    marginsGiven ? 'Each policy at the margins of --margins:\n\n' : 'Each policy at its default margin:\n\n',
    renderColumns(outcomeColumns, marginsGiven ? outcomes : shipped, true),
    '\nSlack (unused share of the limit) at equal rates of OOM kills per container and day:\n\n',
    renderColumns(comparisonColumns(comparisons), [...new Set(outcomes.map(({ policy }) => policy))], true),
    '\n',
    ...comparisons.map(verdict),
    ...notes.map((note) => `${printable(note)}\n`),
  ];
  return text.join('');
}

const share = (value: number): string => value.toFixed(3);

const outcomeColumns: readonly Column<Outcome>[] = [
  { heading: 'POLICY', cell: ({ policy }) => policy },
  { heading: 'MARGIN', right: true, cell: ({ margin }) => String(margin) },
  { heading: 'SLACK', right: true, cell: ({ slack }) => share(slack) },
  { heading: 'OOM/DAY', right: true, cell: ({ oomPerDay }) => oomPerDay.toFixed(3) },
  { heading: 'OOM-FREE%', right: true, cell: ({ oomFreeDaysPct }) => oomFreeDaysPct.toFixed(1) },
  { heading: 'CHANGES/DAY', right: true, cell: ({ changesPerDay }) => changesPerDay.toFixed(2) },
  {
    heading: 'UNUSED GiB·h/DAY',
    right: true,
    cell: ({ slackByteSeconds, days }) => (slackByteSeconds / 2 ** 30 / 3600 / days).toFixed(1),
  },
];

const comparisonColumns = (comparisons: readonly Comparison[]): readonly Column<string>[] => [
  { heading: 'POLICY', cell: (policy) => policy },
  ...comparisons.map(({ rate, slack }) => ({
    heading: `AT ${rate}`,
    right: true,
    cell: (policy: string) => {
      const value = slack.get(policy);
      return value === undefined ? undefined : share(value);
    },
  })),
];

function verdict({ rate, slack, best, interval }: Comparison): string {
  const ours = slack.get('realmem');
  const theirs = best === undefined ? undefined : slack.get(best);
  if (ours === undefined || theirs === undefined) return '';
  const range =
    interval === undefined
      ? ''
      : ` (90 % bootstrap confidence interval: ${signed(interval[0])} to ${signed(interval[1])})`;
  return `At ${rate} kills/day: realmem ${share(ours)}, the best other policy (${best}) ${share(theirs)}, difference ${signed(ours - theirs)}${range}\n`;
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
