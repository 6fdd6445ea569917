import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openGroup } from '../libs/embedded/eventstore/log/group';
import { EVENTS_FILE } from '../libs/embedded/eventstore/open-node';
import { openStore } from '../libs/embedded/eventstore/log/store';
import type { StockEvent } from '../libs/domain';
import { lockFolder, sha256 } from '../libs/runtime';

const EVENTS_PER_COMMIT = 20_000;
/** Lots that still hold something at the end; the others are known and empty. */
const LOTS_IN_STOCK = 200;
const BEGAN_MS = Date.parse('2020-01-01T00:00:00.000Z');

/**
 * Appends a long history to a stock stream of a stopped event node, through the node's own store code: lots that are received
 * and sold out one unit at a time, except the last ones. Every event is what the api would have written.
 */
export async function fillStockStream(
  folder: string,
  { sku, events, lots }: { sku: string; events: number; lots: number },
  onProgress: (made: number) => void,
): Promise<void> {
  const stream = `stock-default.${sku}@MAIN`;
  const lock = await lockFolder(folder);
  const store = openStore(join(folder, EVENTS_FILE));
  for (let made = 0; made < events;) {
    const group = openGroup(store, Date.now());
    const until = Math.min(made + EVENTS_PER_COMMIT, events);
    for (; made < until; made += 1) {
      const head = group.head(stream) ?? group.createHead();
      const revision = head.last + 1;
      group.add(stream, head, revision, recordOf(eventOf(sku, made, events, lots), made));
      group.setHead(stream, { ...head, last: revision });
    }
    const commit = group.commit();
    if (commit) store.commit(commit);
    onProgress(made);
  }
  await store.close();
  await lock.release();
}

/** Of each lot first its receipt, then its sales. */
function eventOf(sku: string, n: number, events: number, lots: number): StockEvent {
  const perLot = Math.max(2, Math.floor(events / lots));
  const lot = Math.min(Math.floor(n / perLot), lots - 1);
  const moved = {
    sku,
    location: 'MAIN',
    lotCode: `LOT-${String(lot).padStart(6, '0')}`,
    unit: 'each',
    decimals: 0,
    reference: null,
    entered: null,
  };
  if (n - lot * perLot > 0) {
    return {
      type: 'StockIssued.v2',
      data: { ...moved, quantity: 1, purpose: 'SALE', reservationId: null, fromHold: 0 },
    };
  }
  const left = lot >= lots - LOTS_IN_STOCK ? perLot + 1_000_000 : 0;
  return {
    type: 'StockReceived.v2',
    data: {
      ...moved,
      quantity: perLot - 1 + left,
      purpose: 'PURCHASE',
      expiresOn: null,
      qcStatus: 'APPROVED',
      unitCost: null,
      lotRevision: null,
      supplierLot: null,
      manufacturedOn: null,
      parentLots: [],
      qcRequired: false,
    },
  };
}

function recordOf({ type, data }: StockEvent, n: number) {
  const at = new Date(BEGAN_MS + n * 60).toISOString();
  const commandId = randomUUID();
  const metadata = {
    commandId,
    commandHash: sha256(String(n)),
    correlationId: commandId,
    causationId: commandId,
    tenant: 'default',
    actor: 'bench',
    effectiveAt: at,
    recordedAt: at,
    schema: 1,
  };
  return {
    id: randomUUID(),
    type: Buffer.from(type),
    isJson: true,
    data: Buffer.from(JSON.stringify(data)),
    metadata: Buffer.from(JSON.stringify(metadata)),
  };
}
