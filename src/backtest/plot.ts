/** Draws the frontier of each policy as SVG: slack against OOM kills. */
import { frontier } from './compare.ts';
import type { Backtest, Outcome } from './judge.ts';

const width = 760;
const height = 460;
const edge = { left: 60, right: 170, top: 36, bottom: 50 };
const rates = { least: 0.003, most: 1 };
const killTicks = [0.003, 0.01, 0.03, 0.1, 0.3, 1];

const colours = [
  '#0a7f45',
  '#d1495b',
  '#30638e',
  '#edae49',
  '#8d5a97',
  '#5f6c7b',
  '#b5651d',
  '#2a9d8f',
  '#999999',
];

const x = (rate: number): number => {
  const share = Math.log(rate / rates.least) / Math.log(rates.most / rates.least);
  return edge.left + share * (width - edge.left - edge.right);
};
const y = (slack: number): number => edge.top + (1 - slack) * (height - edge.top - edge.bottom);
const at = (value: number): string => value.toFixed(1);

export function renderBacktestSvg({ outcomes, shipped }: Backtest): string {
  const lines = [...Map.groupBy(outcomes, ({ policy }) => policy)].map(([policy, own], index) =>
    lineOf(policy, own, shipped, colours[index % colours.length] ?? '#000', index),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
<g stroke="#e3e6ea">${killTicks.map((rate) => `<path d="M${at(x(rate))} ${edge.top}V${height - edge.bottom}"/>`).join('')}${[0, 0.2, 0.4, 0.6, 0.8, 1].map((slack) => `<path d="M${edge.left} ${at(y(slack))}H${width - edge.right}"/>`).join('')}</g>
<g fill="#4a5560">${killTicks.map((rate) => `<text x="${at(x(rate))}" y="${height - edge.bottom + 18}" text-anchor="middle">${rate}</text>`).join('')}${[0, 0.2, 0.4, 0.6, 0.8, 1].map((slack) => `<text x="${edge.left - 8}" y="${at(y(slack) + 4)}" text-anchor="end">${slack}</text>`).join('')}
<text x="${(edge.left + width - edge.right) / 2}" y="${height - 12}" text-anchor="middle">OOM kills per container and day</text>
<text transform="translate(16 ${(edge.top + height - edge.bottom) / 2}) rotate(-90)" text-anchor="middle">slack: unused share of the limit</text>
<text x="${edge.left}" y="20" font-size="14" fill="#1c2329">Lower left is better. A dot is the default margin.</text></g>
${lines.join('\n')}
</svg>
`;
}

function lineOf(
  policy: string,
  outcomes: readonly Outcome[],
  shipped: readonly Outcome[],
  colour: string,
  index: number,
): string {
  // The axis is logarithmic: draw a rate of 0 at its left end.
  const placed = (outcome: Outcome): Outcome => ({
    ...outcome,
    oomPerDay: Math.max(rates.least, outcome.oomPerDay),
  });
  const inside = ({ oomPerDay }: Outcome): boolean => oomPerDay <= rates.most;
  const drawn = outcomes.map(placed).filter(inside);
  const best = frontier(drawn.map(({ oomPerDay: rate, slack }) => ({ rate, slack })));
  const points = best.map(({ rate, slack }) => `${at(x(rate))} ${at(y(slack))}`);
  const weight = index === 0 ? 3 : 1.5;
  const line = `<path d="M${points.join('L')}" fill="none" stroke="${colour}" stroke-width="${weight}" stroke-linejoin="round"/>`;
  const dot = shipped
    .filter((one) => one.policy === policy)
    .map(placed)
    .filter(inside)
    .map(
      ({ oomPerDay, slack }) =>
        `<circle cx="${at(x(oomPerDay))}" cy="${at(y(slack))}" r="${index === 0 ? 5 : 4}" fill="${colour}"/>`,
    );
  const labelY = edge.top + 14 + index * 20;
  const labelX = width - edge.right + 16;
  return `${points.length > 0 ? line : ''}${dot.join('')}<path d="M${labelX} ${labelY - 4}h22" stroke="${colour}" stroke-width="${weight}"/><text x="${labelX + 28}" y="${labelY}" fill="#1c2329">${policy}</text>`;
}
