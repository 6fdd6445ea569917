import {
  BACKWARDS,
  END,
  EventStoreDBClient,
  jsonEvent,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';

/** The official client alone, in a process of its own: what every figure is measured against. */

interface Measured {
  readonly count: number;
  readonly seconds: number;
  /** Commit position of the last event read. */
  readonly last?: string;
}

/** As large as an event of a sale. */
const data = {
  sku: 'SKU-0001',
  location: 'MAIN',
  lotCode: null,
  unit: 'each',
  decimals: 0,
  reference: null,
  quantity: 1,
  purpose: 'SALE',
};
const metadata = { commandId: randomUUID(), body: 'x'.repeat(900) };

async function appends(url: string, clients: number, seconds: number): Promise<Measured> {
  const client = EventStoreDBClient.connectionString(url);
  const run = randomUUID();
  let count = 0;
  const append = (stream: number): Promise<unknown> =>
    client.appendToStream(
      `raw-${run}.${stream}`,
      jsonEvent({ id: randomUUID(), type: 'StockIssued', data, metadata }),
    );
  await append(0);
  const started = performance.now();
  const until = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: clients }, async (_, lane) => {
      for (let n = lane; performance.now() < until; n += clients) {
        await append(n % 1000);
        count += 1;
      }
    }),
  );
  const elapsed = (performance.now() - started) / 1000;
  await client.dispose();
  return { count, seconds: elapsed };
}

async function catchUp(url: string, prefixes: readonly string[]): Promise<Measured> {
  const client = EventStoreDBClient.connectionString(url);
  const last = await newestOf(client, prefixes);
  const subscription = client.subscribeToAll({
    fromPosition: START,
    filter: streamNameFilter({ prefixes: [...prefixes] }),
  });
  let count = 0;
  let started = 0;
  for await (const { event } of subscription) {
    if (count === 0) started = performance.now();
    count += 1;
    if (event && event.position.commit >= last) break;
  }
  const seconds = (performance.now() - started) / 1000;
  await subscription.unsubscribe();
  await client.dispose();
  return { count, seconds, last: String(last) };
}

/** Commit position of the newest event in a stream with such a name. */
async function newestOf(client: EventStoreDBClient, prefixes: readonly string[]): Promise<bigint> {
  for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END })) {
    if (event && prefixes.some((prefix) => event.streamId.startsWith(prefix)))
      return event.position.commit;
  }
  throw new Error(`there is no event in a stream of ${prefixes.join(', ')}`);
}

async function main([mode, url, ...rest]: string[]): Promise<void> {
  const measured =
    mode === 'appends'
      ? await appends(url!, Number(rest[0]), Number(rest[1]))
      : await catchUp(url!, rest);
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

void main(process.argv.slice(2)).then(() => process.exit(0));
