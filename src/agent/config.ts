/**
 * Reads the configuration: flags override environment variables, and these override the file. Collects all errors and
 * reports them together.
 */
import { type Document, isMap, isScalar, LineCounter } from 'yaml';
import type { GivenLimit } from '../edges/given-file.ts';
import { isFields, parseJson } from '../model/json.ts';
import { LocatedError, LocatedErrors, messageOf } from '../model/located-error.ts';
import { longestQuote, nearest, printableUpTo, quoted } from '../model/text.ts';
import { documentsOf } from '../pods/yaml.ts';
import { type Config, settingNames, settingNamesOf, settings } from './settings.ts';

export interface ConfigSources {
  /** By flag name without dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly name: string; readonly text: string };
  /** Errors found earlier, reported together with the others. */
  readonly faults?: readonly string[];
  readonly defaults: Defaults;
}

/** `reportPeriodMs` has no default of its own: it equals `periodMs` unless set. */
export type Defaults = Omit<Config, 'reportPeriodMs'>;

/** A file with every key has about 1 KiB. */
export const configLimit: GivenLimit = {
  bytes: 1024 * 1024,
  todo: 'pass a file with the settings of docs/install.md',
};

/** The most errors that are printed; nobody reads more. */
const mostFaultsShown = 50;

interface GivenValue {
  readonly where: string;
  readonly line?: number;
  readonly text: string;
}

/** @throws LocatedErrors with one line for each invalid value, which names its source */
export function readConfig({ flags, env, file, faults: before = [], defaults }: ConfigSources): Config {
  const faults = [...before];
  const fromFile =
    file === undefined ? new Map<keyof Config, GivenValue>() : readConfigFile(file.name, file.text, faults);
  const values: Record<string, unknown> = {};
  for (const name of settingNames) {
    const { flag, variable } = settingNamesOf(name);
    const flagged = flags[flag];
    const fromEnv = env[variable];
    const given: GivenValue | undefined =
      flagged !== undefined
        ? { where: `--${flag}`, text: flagged }
        : fromEnv !== undefined
          ? { where: variable, text: fromEnv }
          : fromFile.get(name);
    if (given === undefined) continue;
    const value = settings[name].parse(given.text);
    if (value === undefined)
      faults.push(
        new LocatedError({ ...given, expected: settings[name].expected, got: quoted(given.text) }).message,
      );
    else values[name] = value;
  }
  for (const variable of Object.keys(env).filter(
    (key) => key.startsWith('REALMEM_') && !serviceLink.test(key),
  ))
    if (variable !== configVariable && !variables.has(variable))
      faults.push(unknown(variable, [...variables], 'a setting'));
  if ((values['tlsCertFile'] === undefined) !== (values['tlsKeyFile'] === undefined))
    faults.push('tlsCertFile and tlsKeyFile go together: give both or neither');
  if (values['tlsCertFile'] !== undefined && values['metricsAuth'] !== true)
    faults.push('tlsCertFile does nothing without metricsAuth: set metricsAuth to true');
  if (faults.length > mostFaultsShown)
    throw new LocatedErrors([
      ...faults.slice(0, mostFaultsShown),
      `and ${faults.length - mostFaultsShown} more`,
    ]);
  if (faults.length > 0) throw new LocatedErrors(faults);
  const periodMs = (values['periodMs'] as number | undefined) ?? defaults.periodMs;
  return { ...defaults, reportPeriodMs: periodMs, ...values };
}

/** Variables that Kubernetes sets for a Service named realmem. They are no settings. */
const serviceLink = /^REALMEM_(?:.*_)?(?:SERVICE|PORT)(?:_|$)/;

/** The variable that names the configuration file. It is not a setting itself. */
export const configVariable = 'REALMEM_CONFIG';

const variables = new Set(settingNames.map((name) => settingNamesOf(name).variable));
const keys = new Map(settingNames.map((name) => [settingNamesOf(name).key, name]));

/**
 * The chart writes its settings as JSON, which is YAML too: reading it needs no YAML library, and that saves an agent 1.4 MB.
 * @returns undefined if it is not JSON, or if anything in it is wrong: then the YAML library finds the line
 */
function fromJson(file: string, text: string): ReadonlyMap<keyof Config, GivenValue> | undefined {
  const values = /^\s*\{/.test(text) ? parsedOrUndefined(text) : undefined;
  if (!isFields(values)) return undefined;
  // JSON.parse takes the last of two equal keys.
  if ((text.match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? []).length !== Object.keys(values).length) return undefined;
  const found = new Map<keyof Config, GivenValue>();
  for (const [key, value] of Object.entries(values)) {
    const setting = keys.get(key);
    if (setting === undefined || value === null || typeof value === 'object') return undefined;
    if (settings[setting].parse(String(value)) === undefined) return undefined;
    found.set(setting, { where: `${file} ${key}`, text: String(value) });
  }
  return found;
}

function parsedOrUndefined(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function readConfigFile(file: string, text: string, faults: string[]): ReadonlyMap<keyof Config, GivenValue> {
  const json = fromJson(file, text);
  if (json !== undefined) return json;
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const found = new Map<keyof Config, GivenValue>();
  const [document, second] = documentsIn(file, text, lines, faults);
  if (second !== undefined)
    faults.push(
      new LocatedError({
        where: file,
        line: lineOf(second.range[0]),
        expected: 'one document',
        got: 'a second one',
      }).message,
    );
  for (const error of document?.errors ?? [])
    faults.push(
      new LocatedError({ where: file, line: lineOf(error.pos[0]), expected: 'YAML', got: error.message })
        .message,
    );
  if (document === undefined || document.errors.length > 0 || document.contents === null) return found;
  if (!isMap(document.contents)) {
    faults.push(
      new LocatedError({
        where: file,
        line: 1,
        expected: 'a map of settings',
        got: 'a list or a single value',
      }).message,
    );
    return found;
  }
  for (const { key, value } of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : 'a key that is not a text';
    const line = lineOf(isScalar(key) ? (key.range?.[0] ?? 0) : 0);
    const setting = keys.get(name);
    if (setting === undefined) faults.push(`${file}:${line}: ${unknown(name, [...keys.keys()], 'a key')}`);
    else if (!isScalar(value) || value.value === null)
      faults.push(
        new LocatedError({
          where: `${file}:${line} ${name}`,
          expected: settings[setting].expected,
          got: 'a list, a map or nothing',
        }).message,
      );
    else found.set(setting, { where: `${file}:${line} ${name}`, text: String(value.value) });
  }
  return found;
}

function documentsIn(
  where: string,
  text: string,
  lines: LineCounter,
  faults: string[],
): readonly Document.Parsed[] {
  try {
    const [document, second] = documentsOf(text, lines);
    return [document, second].filter((one) => one !== undefined);
  } catch (error) {
    faults.push(new LocatedError({ where, expected: 'YAML', got: messageOf(error) }).message);
    return [];
  }
}

function unknown(name: string, known: readonly string[], what: string): string {
  const near = nearest(name, known);
  const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
  return `${printableUpTo(longestQuote, name)} is not ${what} of realmem: ${hint}`;
}
