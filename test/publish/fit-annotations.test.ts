import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../src/model/bytes.ts';
import { renderAnnotations } from '../../src/publish/annotations.ts';
import { fitFigures } from '../../src/publish/fit-annotations.ts';
import type { PodFigures } from '../../src/publish/pod-figures.ts';
import { anyCharacter } from '../any-character.ts';

const mostBytes = 256 * 1024;
/** Limit of the admission policy for both values together. */
const mostOwnBytes = 16 * 1024;

const podOf = (sizes: readonly number[]): PodFigures => ({
  containers: Object.fromEntries(
    sizes.map((size, index) => [`container-${index}`, { realBytes: bytes(size), requestBytes: bytes(1e12) }]),
  ),
});

/** Size of annotations as the API server computes it. */
const sizeOf = (figures: PodFigures): number => {
  const { memory, report } = renderAnnotations(figures);
  return Buffer.byteLength(`realmem.dev/memory${memory}realmem.dev/report${report}`);
};

describe('fitFigures', () => {
  it('returns figures unchanged if they fit', () => {
    const figures = podOf([1, 2, 3]);
    assert.equal(fitFigures(figures, 100), figures);
  });

  it('omits and counts the smallest containers', () => {
    const figures = podOf(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 100 + index : index)));
    const fitted = fitFigures(figures, mostBytes - 2_000);
    const kept = Object.keys(fitted?.containers ?? {}).length;
    assert.ok(kept > 5 && kept < 40, `${kept} kept`);
    assert.equal(fitted?.omitted, 40 - kept);
    const smallest = Math.min(
      ...Object.values(fitted?.containers ?? {}).map(({ realBytes = 0 }) => realBytes),
    );
    assert.equal(smallest, 100 + 40 - 2 * kept);
  });

  it('keeps annotations within 16 KiB, for any names of containers', () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(fc.string({ unit: anyCharacter, maxLength: 63 }), fc.stringMatching(/^[a-z]{63}$/)),
          fc.nat(),
          {
            maxKeys: 200,
            size: 'max',
          },
        ),
        (sizes) => {
          const containers = Object.fromEntries(
            Object.entries(sizes).map(([name, size]) => [
              name,
              { realBytes: bytes(size), requestBytes: bytes(1e12) },
            ]),
          );
          const fitted = fitFigures({ containers }, 0);
          if (fitted === undefined) return;
          const { memory, report } = renderAnnotations(fitted);
          assert.ok(memory.length + report.length <= mostOwnBytes);
          // The regular expressions of the admission policy.
          assert.match(memory, /^[\n -~]*$/);
          assert.match(report, /^\{[ -~]*\}$/);
          assert.deepEqual(JSON.parse(report), JSON.parse(JSON.stringify(fitted)));
        },
      ),
    ));

  it('returns undefined if not even one container fits', () => {
    assert.equal(fitFigures(podOf([1]), mostBytes - 50), undefined);
    assert.equal(fitFigures(podOf([1]), 2 * mostBytes), undefined);
  });

  it('keeps as many containers as fit, for any other annotations', () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: mostBytes - 12_000, max: mostBytes }),
        (sizes, taken) => {
          const figures = podOf(sizes);
          const fitted = fitFigures(figures, taken);
          if (fitted === undefined || fitted === figures) return;
          assert.ok(sizeOf(fitted) + taken <= mostBytes);
          const kept = Object.keys(fitted.containers).length;
          const bySize = sizes.map((size, index) => [size, index] as const).toSorted(([a], [b]) => b - a);
          const more = bySize.slice(0, kept + 1).map(([, index]) => `container-${index}`);
          const containers = Object.fromEntries(
            Object.entries(figures.containers).filter(([name]) => more.includes(name)),
          );
          const omitted = sizes.length - kept - 1;
          const next = omitted === 0 ? { containers } : { containers, omitted };
          assert.ok(sizeOf(next) + taken > mostBytes);
        },
      ),
    ));
});
