import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../src/model/bytes.ts';
import type { ContainerType } from '../../src/model/pod.ts';
import {
  confidenceOf,
  confidences,
  isGone,
  isMainRunning,
  isOversized,
  isSure,
  isWithinTenth,
  type Recommendation,
  type Suggestion,
} from '../../src/model/recommendation.ts';

const bounds = (upper: number) => ({ target: bytes(1), lower: bytes(1), upper: bytes(upper) });

const recommendation = (confidence: Recommendation['confidence']): Recommendation => ({
  request: bounds(1),
  limit: bounds(1),
  confidence,
  days: 0,
  because: [],
});

const suggestion = (type: ContainerType, replicas: number, more: Partial<Suggestion> = {}): Suggestion => ({
  key: { namespace: 'n', workload: 'Deployment/w', container: 'c' },
  setting: { type },
  replicas,
  killCount: 0,
  recommendation: recommendation('high'),
  origin: { nodes: 1, node: 'node-1', share: 1 },
  ...more,
});

describe('confidenceOf', () => {
  it('is low under a day, medium from a day, and high from a week', () =>
    assert.deepEqual([0, 0.999, 1, 6.999, 7, 365].map(confidenceOf), [
      'low',
      'low',
      'medium',
      'medium',
      'high',
      'high',
    ]));
});

describe('isSure', () => {
  it('is true for at least the confidence that is asked for', () => {
    const sure = confidences.map((own) => confidences.map((least) => isSure(recommendation(own), least)));
    assert.deepEqual(sure, [
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });
});

describe('isOversized', () => {
  it('is false at exactly 1.5 times the upper bound, and true one byte above', () => {
    assert.equal(isOversized(150, bounds(100)), false);
    assert.equal(isOversized(151, bounds(100)), true);
  });

  it('is false without a request in bytes: a request of 0 reserves nothing', () =>
    assert.equal(isOversized(0, bounds(0)), false));

  it('compares with the upper bound, not with the target', () =>
    assert.equal(isOversized(100, { target: bytes(1), lower: bytes(1), upper: bytes(100) }), false));
});

describe('isNear', () => {
  const near = (now: number, target: number): boolean => isWithinTenth(now, { target: bytes(target) });

  it('is true at 10 % below and above the current value, and false one byte further', () => {
    assert.deepEqual(
      [90, 110].map((target) => near(100, target)),
      [true, true],
    );
    assert.deepEqual(
      [89, 111].map((target) => near(100, target)),
      [false, false],
    );
  });

  it('measures against the current value, so it is not symmetrical', () => {
    assert.equal(near(1_100, 1_000), true);
    assert.equal(near(1_000, 1_101), false);
    assert.equal(near(1_101, 1_000), true);
  });

  it('is false for a current value of 0, except for a target of 0', () => {
    assert.equal(near(0, 1), false);
    assert.equal(near(0, 0), true);
  });

  it('is true for any value and itself', () =>
    fc.assert(fc.property(fc.nat(2 ** 31 - 1), (value) => assert.equal(near(value, value), true))));
});

describe('isMainRunning', () => {
  it('is true for running main containers, and false for init containers and sidecars', () => {
    const types = ['container', 'ephemeral', 'unknown', 'sandbox', 'init', 'sidecar'] as const;
    assert.deepEqual(
      types.filter((type) => isMainRunning(suggestion(type, 1))),
      ['container', 'ephemeral', 'unknown', 'sandbox'],
    );
  });

  it('is false without replicas, and for the pod as a whole', () => {
    assert.equal(isMainRunning(suggestion('container', 0)), false);
    assert.equal(isMainRunning(suggestion('container', 3, { isWholePod: true })), false);
  });
});

describe('isGone', () => {
  it('is true for a container without replicas while others of its workload run', () => {
    assert.equal(isGone(suggestion('container', 0), true), true);
    assert.equal(isGone(suggestion('sidecar', 0), true), true);
  });

  it('is false while nothing of the workload runs: it may be scaled to 0', () =>
    assert.equal(isGone(suggestion('container', 0), false), false));

  it('is false for a container that runs, and for an init container, which normally does not', () => {
    assert.equal(isGone(suggestion('container', 1), true), false);
    assert.equal(isGone(suggestion('init', 0), true), false);
  });
});
