import { EventStoreDBClient } from '@eventstore/db-client';

/** How many events each correlation id has led to, by the official client over the whole log. */
export async function eventsByCorrelation(eventstoreUrl: string): Promise<Map<string, number>> {
  const client = EventStoreDBClient.connectionString(eventstoreUrl);
  const counts = new Map<string, number>();
  try {
    for await (const { event } of client.readAll()) {
      if (!event || event.streamId.startsWith('$') || event.type.startsWith('$')) continue;
      const { correlationId } = event.metadata as { correlationId?: string };
      if (correlationId === undefined) continue;
      counts.set(correlationId, (counts.get(correlationId) ?? 0) + 1);
    }
  } finally {
    await client.dispose();
  }
  return counts;
}
