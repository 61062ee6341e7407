/** The releases that added or deprecated metrics, as docs/reference/metrics.md names them. */
export const first = '0.1.0';
export const second = '0.2.0';

/** Deprecated in the second release: the third one removes it. */
export const renamed = (use: string): { readonly since: string; readonly use: string } => ({
  since: second,
  use,
});
