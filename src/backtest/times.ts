/** Converts the time column of a file to seconds since 1970. Accepts the formats of common recorders. */
import { LocatedError } from '../model/located-error.ts';
import { daySeconds, epochSeconds, rfc3339 } from '../model/time.ts';

/** Names of the column in Prometheus, Grafana, InfluxDB and pandas. */
const names = /^(?:t|_?time|timestamp|date|datetime)$/i;

export const isTimeColumn = (name: string | undefined): boolean => name !== undefined && names.test(name);

/** The year 2100. A later time is a mistake, and each policy would replay the days until then. */
const latest = 4_102_444_800;

const yearSeconds = 365.25 * daySeconds;
/** A longer record mixes two units: seconds read as milliseconds are in 1970. */
const longestYears = 10;

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const date =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(?: ?(?:(Z|UTC)|([+-])(\d\d):?(\d\d)))?$/i;

const forms = 'seconds or milliseconds since 1970, or as a date like 2026-05-01T00:00:00Z';

/** The times of one file. All must have the same form, and numbers the same unit. */
export class Times {
  private readonly file: string;
  private readonly given: number[] = [];
  private form: 'number' | 'date' | undefined;
  private least: { at: number; line: number } | undefined;
  private most: { at: number; line: number } | undefined;

  constructor(file: string) {
    this.file = file;
  }

  /** @throws LocatedError if the cell is not a time, or has another form than those before */
  add(line: number, cell: string): void {
    const text = cell.trim();
    const form = number.test(text) ? 'number' : 'date';
    const at = form === 'number' ? Number(text) : secondsOf(text);
    if (at === undefined || (this.form !== undefined && form !== this.form))
      throw new LocatedError({
        ...{ where: this.file, line, got: text === '' ? 'nothing' : text },
        expected: at === undefined ? `a time in ${forms}` : `a ${this.form}, like the times before it`,
      });
    this.form = form;
    this.given.push(at);
    if (this.least === undefined || at < this.least.at) this.least = { at, line };
    if (this.most === undefined || at > this.most.at) this.most = { at, line };
  }

  /** In the order of the rows. @throws LocatedError if no unit fits, or if the times span more than 10 years */
  seconds(): readonly number[] {
    const { least, most } = this;
    if (least === undefined || most === undefined) return [];
    const farthest = -least.at > most.at ? least : most;
    const scale = this.form === 'date' ? 1 : scaleOf(Math.abs(farthest.at));
    if (scale === undefined || Math.abs(farthest.at) / scale > latest)
      throw new LocatedError({
        ...{ where: this.file, line: farthest.line, got: String(farthest.at) },
        expected: `a time before 2100 in ${forms}`,
      });
    const years = (most.at - least.at) / scale / yearSeconds;
    if (years > longestYears)
      throw new LocatedError({
        ...{ where: this.file, line: most.line, got: `${years.toFixed(1)} years` },
        expected: `at most ${longestYears} years from the first time to the last`,
        todo: 'write all times in seconds, or all in milliseconds',
      });
    return scale === 1 ? this.given : this.given.map((at) => at / scale);
  }
}

/** The first of seconds, milliseconds, microseconds and nanoseconds that puts the time before 2100. */
const scaleOf = (at: number): number | undefined => [1, 1e3, 1e6, 1e9].find((scale) => at <= latest * scale);

/** A time without a zone is UTC: only differences count. Undefined for a date that does not exist. */
function secondsOf(text: string): number | undefined {
  const [
    ,
    year,
    month,
    dayOfMonth,
    hour = 0,
    minute = 0,
    second = 0,
    fraction = 0,
    ,
    sign,
    hours = 0,
    minutes = 0,
  ] = date.exec(text) ?? [];
  if (year === undefined) return undefined;
  const day = `${year}-${month}-${dayOfMonth}`;
  const midnight = epochSeconds(`${day}T00:00:00Z`);
  // Date.parse accepts 30 February as a day in March.
  const isOnCalendar = midnight !== undefined && rfc3339(midnight * 1000).startsWith(day);
  const [h, m, s] = [Number(hour), Number(minute), Number(second) + Number(`0.${fraction}`)];
  const [zoneHours, zoneMinutes] = [Number(hours), Number(minutes)];
  // 24:00 is the end of the day. Second 60 is a leap second.
  const isOnClock = (h < 24 || (h === 24 && m + s === 0)) && m < 60 && s < 61;
  if (!isOnCalendar || !isOnClock || zoneHours > 23 || zoneMinutes > 59) return undefined;
  const offset = (sign === '-' ? -1 : 1) * (zoneHours * 3600 + zoneMinutes * 60);
  return midnight + h * 3600 + m * 60 + s - offset;
}
