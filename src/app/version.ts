/** The version of this program. */
import manifest from '../../package.json' with { type: 'json' };

export const { version } = manifest;

/** Milliseconds since 1970: no clock that is right shows an earlier time. Moved with each release. */
export const releasedAt = Date.UTC(2026, 10, 1);
