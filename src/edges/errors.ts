/** System errors, by their code. */

/** `ENOENT`, `EACCES`, …; undefined where the error has none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The code, and where a right is missing how to get it. */
export function denied(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM')
    return `${code}: permission denied (run as root, or as a user who may read it)`;
  return code ?? String(error);
}
