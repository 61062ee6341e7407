/** The version of this program. */
import manifest from '../../package.json' with { type: 'json' };

export const { version } = manifest;

/** 2026-11-01, in milliseconds since 1970: no clock that is right shows an earlier time. Moved with each release. */
export const releasedAt = 1_793_491_200_000;
