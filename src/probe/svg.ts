/** Draws the curve of a probe as SVG: memory against the pages that the workload reread. */
import { formatBytes, formatRounded } from '../model/bytes.ts';
import { printable } from '../model/text.ts';
import type { Answer, CurvePoint, ProbeResult } from './answer.ts';
import { coldSentence, needsOf } from './words.ts';

const width = 760;
const height = 420;
const edge = { left: 70, right: 30, top: 88, bottom: 50 };
const colours = { line: '#0a7f45', need: '#d1495b', grid: '#e3e6ea', text: '#4a5560', title: '#1c2329' };
const ticks = [0, 0.25, 0.5, 0.75, 1];

const escaped = (text: string): string =>
  printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const at = (value: number): string => value.toFixed(1);

export function renderCurve({ name, where, answer }: Pick<ProbeResult, 'name' | 'where' | 'answer'>): string {
  const { curve, needsBytes } = answer;
  const largest = Math.max(1, needsBytes, ...curve.map(({ totalBytes }) => totalBytes));
  const most = Math.max(1, ...curve.map(({ rereadsPerSecond }) => rereadsPerSecond));
  const x = (size: number): number => edge.left + (size / largest) * (width - edge.left - edge.right);
  const y = (rate: number): number => edge.top + (1 - rate / most) * (height - edge.top - edge.bottom);
  const place = ({ totalBytes, rereadsPerSecond }: CurvePoint): string =>
    `${at(x(totalBytes))} ${at(y(rereadsPerSecond))}`;
  const dots = curve.map(
    (point) =>
      `<circle cx="${at(x(point.totalBytes))}" cy="${at(y(point.rereadsPerSecond))}" r="4" fill="${colours.line}"/>`,
  );
  const [left, bottom] = [edge.left, height - edge.bottom];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${left}" y="24" font-size="14" fill="${colours.title}">${escaped(`${name}   ${where}`)}</text>
<text x="${left}" y="44" fill="${colours.title}">${escaped(needsOf(answer))}</text>
<text x="${left}" y="60" fill="${colours.text}">${escaped(coldSentence(answer))}</text>
<g stroke="${colours.grid}">${ticks.map((tick) => `<path d="M${at(x(tick * largest))} ${edge.top}V${bottom}M${left} ${at(y(tick * most))}H${width - edge.right}"/>`).join('')}</g>
<g fill="${colours.text}">${ticks.map((tick) => `<text x="${at(x(tick * largest))}" y="${bottom + 18}" text-anchor="middle">${formatRounded(tick * largest)}</text><text x="${left - 8}" y="${at(y(tick * most) + 4)}" text-anchor="end">${(tick * most).toFixed(0)}</text>`).join('')}
<text x="${(left + width - edge.right) / 2}" y="${height - 12}" text-anchor="middle">memory: real + page cache</text>
<text transform="translate(16 ${(edge.top + bottom) / 2}) rotate(-90)" text-anchor="middle">pages reread per second</text></g>
${need(answer, x, bottom)}
<path d="M${curve.map(place).join('L')}" fill="none" stroke="${colours.line}" stroke-width="2" stroke-linejoin="round"/>${dots.join('')}
</svg>
`;
}

/** The needed memory, as wide as its error. */
function need(
  { needsBytes, errorBytes, stopped }: Answer,
  x: (size: number) => number,
  bottom: number,
): string {
  if (stopped === 'short') return '';
  const [from, to] = [x(Math.max(0, needsBytes - errorBytes)), x(needsBytes + errorBytes)];
  return `<rect x="${at(from)}" y="${edge.top}" width="${at(Math.max(1, to - from))}" height="${bottom - edge.top}" fill="${colours.need}" fill-opacity="0.2"/><text x="${at(x(needsBytes))}" y="${edge.top - 4}" fill="${colours.need}" text-anchor="middle">${formatBytes(needsBytes)}</text>`;
}
