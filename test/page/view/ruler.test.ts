import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeLabels } from '../../../src/page/view/ruler.ts';

describe('placeLabels', () => {
  it('puts labels that would overlap on lines of their own', () => {
    const labels = placeLabels([
      { kind: 'request', text: 'request 3.4Gi', share: 0.46 },
      { kind: 'limit', text: 'limit 5.3Gi', share: 0.71 },
      { kind: 'suggested', text: 'suggested limit 7.3Gi', share: 0.98 },
    ]);
    assert.deepEqual(
      labels.map(({ line, isBefore }) => [line, isBefore]),
      [
        [0, false],
        [1, true],
        [2, true],
      ],
    );
  });

  it('keeps labels that have room on one line', () => {
    const labels = placeLabels([
      { kind: 'request', text: 'request 1Mi', share: 0.1 },
      { kind: 'limit', text: 'limit 9Mi', share: 0.9 },
    ]);
    assert.deepEqual(
      labels.map(({ line }) => line),
      [0, 0],
    );
  });
});
