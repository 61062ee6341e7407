/** Programs that tests need and that a machine may lack. */

/**
 * For the `skip` of a suite. Says on standard error what is skipped: the summary does not count a skipped suite.
 * @param missing why the program does not run, with what to do about it; undefined where it runs
 * @throws Error where CI is set: there a missing program fails the tests
 */
export function skipWhere(missing: string | undefined): string | false {
  if (missing === undefined) return false;
  if (process.env['CI']) throw new Error(missing);
  process.stderr.write(`SKIPPED TESTS: ${missing}\n`);
  return missing;
}
