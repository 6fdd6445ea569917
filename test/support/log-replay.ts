import type { EventStoreDBClient } from '@eventstore/db-client';
import { categories, categoryOf, CodecError, decode } from '../../libs/eventstore/codec';
import { rawEvent } from '../../libs/eventstore/client';
import { checkStream } from '../../libs/eventstore/own-stream';
import type { Postgres } from '../../libs/postgres';
import type { InventoryEvent } from '../../libs/projections';
import { expectTablesOf } from './tables';

/** Every event of the inventory in the log, in order, as a plain read gives them; what cannot be decoded is left out. */
export async function readInventory(client: EventStoreDBClient): Promise<InventoryEvent[]> {
  const events: InventoryEvent[] = [];
  for await (const resolved of client.readAll()) {
    const raw = rawEvent(resolved);
    if (!raw || !categories.includes(categoryOf(raw.stream))) continue;
    try {
      const event = decode(raw);
      checkStream(event);
      events.push(event);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
    }
  }
  return events;
}

/** Every table is what a plain replay of the whole log folds to, but for events that were left out on purpose. */
export async function expectTablesToMatchLog(
  postgres: Postgres,
  client: EventStoreDBClient,
  isLeftOut: (event: InventoryEvent, view: string) => boolean = () => false,
): Promise<InventoryEvent[]> {
  const events = await readInventory(client);
  await expectTablesOf(postgres, events, isLeftOut);
  return events;
}
