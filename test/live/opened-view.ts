/** The live view in this process, on a terminal emulator. */
import { runLive } from '../../src/live/run.ts';
import type { LiveSource, LiveState } from '../../src/live/source.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Grouping, Row } from '../../src/render/row.ts';
import { FakeTerminal } from './fake-terminal.ts';
import type { Emulator } from './terminal.ts';

export interface OpenedView {
  readonly screen: Emulator;
  /** A state for the view. */
  readonly show: (state: LiveState) => void;
  /** Characters, or names of keys: `down`, `return`, `ctrl-c`. */
  readonly press: (...keys: readonly string[]) => void;
  readonly resize: (columns: number, rows: number) => void;
  readonly hangUp: () => void;
  readonly second: () => void;
  /** Ends the source with this error. */
  readonly fail: (error: Error) => void;
  readonly ended: Promise<void>;
  /** How often the terminal was suspended. */
  readonly suspended: () => number;
}

export interface ViewSettings {
  readonly size?: readonly [columns: number, rows: number];
  readonly detail?: LiveSource['detail'];
  readonly now?: () => number;
  readonly until?: Promise<unknown>;
  readonly colour?: boolean;
  readonly ascii?: boolean;
  readonly oneNamespace?: boolean;
  /** The terminal does not tell its size. */
  readonly hidesSize?: boolean;
}

export function openView(settings: ViewSettings = {}): OpenedView {
  const { size: [columns, rows] = [80, 24], detail = async () => undefined } = settings;
  const {
    now = () => 0,
    until = new Promise(() => {}),
    colour = false,
    ascii = false,
    hidesSize = false,
    oneNamespace = false,
  } = settings;
  const terminal = new FakeTerminal(columns, rows, !hidesSize);
  const failed = Promise.withResolvers<void>();
  let follower: ((state: LiveState) => void) | undefined;
  let second = (): void => {};
  const source: LiveSource = {
    detail,
    follow: (show, signal) => {
      follower = show;
      signal.addEventListener('abort', () => failed.resolve());
      return failed.promise;
    },
  };
  const ended = runLive(source, terminal.io, {
    ...{ by: 'container', sortBy: 'real', colour, ascii, oneNamespace, until, now },
    eachSecond: (tick) => {
      second = tick;
      return () => {};
    },
  });
  // A test that expects an error awaits it.
  ended.catch(() => {});
  return {
    ended,
    screen: terminal.screen,
    show: (state) => follower?.(state),
    press: (...keys) => terminal.press(...keys),
    resize: (wide, high) => terminal.resize(wide, high),
    hangUp: () => terminal.hangUp(),
    second: () => second(),
    fail: failed.reject,
    suspended: () => terminal.suspended,
  };
}

/** A container of a pod. @param real mebibytes */
export const container = (
  namespace: string,
  pod: string,
  name: string,
  real: number,
  more: Partial<Row> = {},
): Row => ({
  labels: { NAMESPACE: namespace, POD: pod, CONTAINER: name },
  target: `${namespace}/${pod}/${name}`,
  workload: `Deployment/${pod.replace(/-\d+$/, '')}`,
  node: 'node-1',
  usage: { realBytes: mebibytes(real) },
  ...more,
});

export const mebibytes = (amount: number) => bytes(amount * 1024 ** 2);

export const stateOf = (
  rows: Partial<Readonly<Record<Grouping, readonly Row[]>>>,
  more: Partial<LiveState> = {},
): LiveState => ({
  title: ['CLUSTER 2 nodes', 'REAL 3Gi of 8Gi (38%)'],
  at: 0,
  rows: (by) => rows[by] ?? [],
  notes: [],
  ...more,
});

/** Two namespaces with three pods. */
export const shop: LiveState = stateOf({
  container: [
    container('shop', 'cart-1', 'cart', 300),
    container('shop', 'cart-2', 'cart', 100),
    container('bank', 'ledger-1', 'ledger', 200, { node: 'node-2' }),
  ],
  pod: [
    ['shop', 'cart-1', 300, 'node-1'],
    ['shop', 'cart-2', 100, 'node-1'],
    ['bank', 'ledger-1', 200, 'node-2'],
  ].map(
    ([namespace = '', pod = '', real, node]): Row => ({
      labels: { NAMESPACE: `${namespace}`, POD: `${pod}` },
      target: `${namespace}/${pod}`,
      workload: `Deployment/${`${pod}`.replace(/-\d+$/, '')}`,
      node: `${node}`,
      usage: { realBytes: mebibytes(Number(real)) },
    }),
  ),
  workload: [
    {
      labels: { NAMESPACE: 'shop', WORKLOAD: 'Deployment/cart' },
      target: 'shop/Deployment/cart',
      usage: { realBytes: mebibytes(400) },
    },
    {
      labels: { NAMESPACE: 'bank', WORKLOAD: 'Deployment/ledger' },
      target: 'bank/Deployment/ledger',
      usage: { realBytes: mebibytes(200) },
    },
  ],
  namespace: [
    { labels: { NAMESPACE: 'shop' }, target: 'shop', usage: { realBytes: mebibytes(400) } },
    { labels: { NAMESPACE: 'bank' }, target: 'bank', usage: { realBytes: mebibytes(200) } },
  ],
  node: [
    { labels: { NODE: 'node-1' }, target: 'node-1', node: 'node-1', usage: { realBytes: mebibytes(900) } },
    { labels: { NODE: 'node-2' }, target: 'node-2', node: 'node-2', usage: { realBytes: mebibytes(800) } },
  ],
});
