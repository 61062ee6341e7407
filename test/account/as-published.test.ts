import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asPublished } from '../../src/account/node.ts';
import { bytes, formatShare } from '../../src/model/bytes.ts';

describe('the formula as the article printed it', () => {
  const usage = bytes(135_021_858_816);
  const rss = bytes(695_980_032);
  const activeFile = bytes(52_449_439_744);
  const inactiveFile = bytes(8_365_199_360);
  const published = asPublished(usage, rss, activeFile, inactiveFile);

  it('gives 73511239680 bytes for the article’s sample, 53.49 % of the limit', () => {
    assert.equal(published, 73_511_239_680);
    assert.equal(formatShare(published, 137_438_953_472, 2), '53.49%');
  });

  it('has an error: it subtracts rss, which is not cache', () =>
    assert.equal(published + rss, 74_207_219_712));

  it('leaves only tmpfs: cache − active_file − inactive_file, to 0.4 MB', () =>
    assert.ok(Math.abs(published - (134_325_506_048 - activeFile - inactiveFile)) < 400_000));
});
