/** Sizes in the exact format of each tool. */

import { goFixed } from './tool-figures.ts';
import type { ToolReading, Writing } from './tool-reading.ts';

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const quantityUnits = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];

/** The text that the tool would print. Undefined if the value is unknown. */
export function shownBy({ value, whole, writing }: ToolReading): string | undefined {
  if (value === undefined) return undefined;
  const size = writers[writing](value);
  if (whole === undefined || whole <= 0) return size;
  return `${size} / ${writers[writing](whole)}  ${goFixed((value / whole) * 100, 2)}%`;
}

const writers: Readonly<Record<Writing, (value: number) => string>> = {
  bytes: String,
  count: String,
  KiB: (value) => String(Math.floor(value / 1024)),
  K: (value) => `${Math.floor(value / 1024)}K`,
  MiB: (value) => `${(value / 1024 ** 2).toFixed(2)} MiB`,
  kubectl: (value) => `${Math.floor(value / 1024 ** 2)}Mi`,
  binary: (value) => scaled(value, 1024, binaryUnits),
  decimal: (value) => scaled(value, 1000, decimalUnits),
  quantity,
  prometheus,
};

/** BytesSize and HumanSize of docker/go-units: `%.4g` and the unit. */
function scaled(value: number, base: number, units: readonly string[]): string {
  let size = value;
  let unit = 0;
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit++;
  }
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return `${Number(goFixed(size, digits))}${units[unit]}`;
}

/** A Kubernetes Quantity in BinarySI format: the largest unit that gives a whole number. */
function quantity(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && size % 1024 === 0 && unit < quantityUnits.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size}${quantityUnits[unit]}`;
}

/** Go's shortest `%g`, as in the Prometheus text format: from 10^6 on with an exponent of two digits. */
function prometheus(value: number): string {
  if (value < 1e6) return String(value);
  return value.toExponential().replace(/e\+(\d)$/, 'e+0$1');
}
