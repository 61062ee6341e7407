/** The cluster of the documents' examples: the shop of test/cli/top, with the histories of test/cli/suggest. */
import type { TestContext } from 'node:test';
import { historyMapOf } from '../../src/publish/history-map.ts';
import { packed } from '../checkpoint/packed.ts';
import { texts, writtenAt } from '../cli/suggest/nodes.ts';
import { type ShopServer, serveShop, shopLists } from '../cli/top/shop.ts';

/** Compressed once. */
const maps = [...texts].map(([node, text]) => historyMapOf(node, packed(text), 1000 * writtenAt) as object);

/** Stops the clock at the time of the histories: replicas of older ones would not count as running. */
export function serveDocs(test: TestContext): Promise<ShopServer> {
  test.mock.timers.enable({ apis: ['Date'], now: 1000 * writtenAt });
  return serveShop(test, { ...shopLists(), '/api/v1/namespaces/realmem/configmaps': maps });
}
