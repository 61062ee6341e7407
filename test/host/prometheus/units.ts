/** Values as Grafana formats them, and the ticks of an axis. */

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatted(value: number, unit = 'none', decimals?: number): string {
  if (unit === 'bytes') {
    const power = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value)) / 10);
    const index = Math.min(Math.max(power, 0), binary.length - 1);
    return `${significant(value / 1024 ** index, decimals)} ${binary[index]}`;
  }
  if (unit === 'percentunit') return `${significant(value * 100, decimals)}%`;
  const suffix = unit === 'ops' ? ' ops/s' : unit === 's' ? ' s' : '';
  return `${significant(value, decimals)}${suffix}`;
}

const significant = (value: number, decimals: number | undefined): string =>
  decimals === undefined ? `${Number(value.toPrecision(3))}` : value.toFixed(decimals);

/** Four to six ticks from zero. Steps of bytes are powers of two, others 1, 2 or 5 times a power of ten. */
export function ticksTo(most: number, unit: string | undefined, isWhole: boolean): readonly number[] {
  const rough = most / 5;
  const step =
    most <= 0
      ? 1
      : unit === 'bytes'
        ? 2 ** Math.ceil(Math.log2(rough))
        : decimalStep(isWhole ? Math.max(rough, 0.6) : rough);
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

function decimalStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
}
