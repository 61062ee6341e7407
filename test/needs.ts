/** Skips suites when a program that they need is missing. */

/**
 * The `skip` option of a suite. Prints the reason on standard error, because the summary does not count skipped suites.
 * @param missing why the program does not run, and how to install it; undefined when it runs
 * @throws Error when CI is set: there a missing program fails the tests
 */
export function skipWhere(missing: string | undefined): string | false {
  if (missing === undefined) return false;
  if (process.env['CI']) throw new Error(missing);
  process.stderr.write(`SKIPPED TESTS: ${missing}\n`);
  return missing;
}
