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

export interface Target {
  readonly url: string;
  readonly serverPid: number;
  readonly log: Log;
}

/** Each job is done on one target right after the other, so that both meet the same moment of the machine. */
export interface ClientLoad {
  readonly targets: readonly Target[];
  readonly jobs: readonly ClientJob[];
  /** For each job and target. */
  readonly seconds: number;
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

/** Prints the loads of each job, in the order of the targets. */
async function main([text]: string[]): Promise<void> {
  const { targets, jobs, seconds } = JSON.parse(text!) as ClientLoad;
  const clients = targets.map(({ url }) => EventStoreDBClient.connectionString(url));
  const measured: Load[][] = [];
  // Or the first target would meet code that is not compiled yet, and the next one code that is.
  const [first] = targets;
  if (first) await repeat(seconds / 2, 1, workOf(clients[0]!, 'read-all', first.log));
  for (const { work, lanes } of jobs) {
    const loads: Load[] = [];
    for (const [i, { log, serverPid }] of targets.entries()) {
      loads.push(await repeat(seconds, lanes, workOf(clients[i]!, work, log), serverPid));
    }
    measured.push(loads);
  }
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

void main(process.argv.slice(2)).then(() => process.exit(0));
