import { EventStoreDBClient, jsonEvent, START } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { SLICE, type Log } from './log';
import { DATA, METADATA, TYPE } from './sample';
import { repeat, type Load } from './timing';

/** The official client alone, in a process of its own. */

export type ClientWork = 'batch' | 'unary' | 'read-all' | 'catch-up';

export interface ClientJob {
  readonly work: ClientWork;
  /** How many calls at a time. */
  readonly lanes: number;
}

/** What is done one after the other on one server, and for how long each. */
export interface ClientLoad {
  readonly url: string;
  readonly serverPid: number;
  readonly seconds: number;
  readonly log: Log;
  readonly jobs: readonly ClientJob[];
}

const data = JSON.parse(DATA.toString()) as Record<string, string | number | null>;
const metadata = JSON.parse(METADATA.toString()) as Record<string, string>;

function workOf(client: EventStoreDBClient, work: ClientWork, { places, streams }: Log) {
  const placeOf = (turn: number): number => places[turn % places.length] ?? 0;
  switch (work) {
    case 'batch':
    case 'unary': {
      // Credentials of its own make the client send an append as a call of its own; without TLS they stay at home.
      const credentials = { username: 'bench', password: 'bench' };
      const options = work === 'unary' ? { credentials } : {};
      return async (turn: number): Promise<number> => {
        const event = jsonEvent({ id: randomUUID(), type: TYPE, data, metadata });
        await client.appendToStream(streams[turn % streams.length]!, event, options);
        return 1;
      };
    }
    case 'read-all':
      return (turn: number) => readAll(client, placeOf(turn));
    case 'catch-up':
      return (turn: number) => catchUp(client, placeOf(turn));
  }
}

async function readAll(client: EventStoreDBClient, place: number): Promise<number> {
  const fromPosition = place === 0 ? START : positionOf(place);
  let count = 0;
  for await (const { event } of client.readAll({ fromPosition, maxCount: SLICE })) {
    if (event) count += 1;
  }
  return requireAll(count);
}

async function catchUp(client: EventStoreDBClient, place: number): Promise<number> {
  const fromPosition = place === 0 ? START : positionOf(place);
  const subscription = client.subscribeToAll({ fromPosition });
  let count = 0;
  for await (const { event } of subscription) {
    if (event) count += 1;
    if (count === SLICE) break;
  }
  await subscription.unsubscribe();
  return requireAll(count);
}

const positionOf = (place: number) => ({ commit: BigInt(place), prepare: BigInt(place) });

function requireAll(count: number): number {
  if (count !== SLICE) throw new Error(`read ${count} events instead of ${SLICE}`);
  return count;
}

async function main([text]: string[]): Promise<void> {
  const { url, serverPid, seconds, log, jobs } = JSON.parse(text!) as ClientLoad;
  const client = EventStoreDBClient.connectionString(url);
  const measured: Load[] = [];
  for (const { work, lanes } of jobs) {
    measured.push(await repeat(seconds, lanes, workOf(client, work, log), serverPid));
  }
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

void main(process.argv.slice(2)).then(() => process.exit(0));
