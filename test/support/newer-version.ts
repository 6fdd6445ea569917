import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';

/**
 * A newer version has written to a stream what this one cannot read: nothing is decided there any more, and the
 * projections stop at it.
 */
export async function writeUnknownEvent(eventstoreUrl: string, stream: string): Promise<void> {
  const client = EventStoreDBClient.connectionString(eventstoreUrl);
  try {
    await client.appendToStream(stream, jsonEvent({ type: 'StockBlessed', data: {} }));
  } finally {
    await client.dispose();
  }
}
