import { stock, type StockCommand } from '../domain';
import { contextOf, processOn, receive, send, SKU, stream } from '../../test/support/commands';
import { ScriptedLog } from '../../test/support/scripted-log';
import { furnish } from '../../test/support/workshop';
import { FactsReader } from './facts';
import { type DueReservation, ReservationExpiry } from './reservation-expiry';

const START = Date.parse('2026-03-01T12:00:00.000Z');
let log: ScriptedLog;
let now: Date;
let table: DueReservation[];
let asked: string[];
beforeEach(async () => {
  log = new ScriptedLog();
  table = [];
  asked = [];
  now = new Date(START);
  const api = processOn(log);
  await furnish(api);
  await send(api, 'r', receive(10));
});

const after = (seconds: number): string => new Date(START + seconds * 1_000).toISOString();

/** A process of its own, over the table as it is. */
function timer(): ReservationExpiry {
  const executor = processOn(log);
  const told = { now: () => now.toISOString() };
  const facts = new FactsReader(executor, 'default', () => performance.now(), told.now);
  const reservations = {
    due: (at: string, limit: number) => {
      asked.push(at);
      const due = table.filter(({ expiresAt }) => expiresAt <= at);
      return Promise.resolve(due.slice(0, limit));
    },
  };
  return new ReservationExpiry({
    executor,
    facts,
    tenant: 'default',
    reservations,
    now: () => now,
  });
}

/** Reserves on the stream, and tells the table. */
async function reserve(key: string, expiresAt: string): Promise<void> {
  const data = { sku: SKU, location: 'MAIN', quantity: '2', expiresAt };
  const command: StockCommand = { type: 'ReserveStock', data };
  const executor = processOn(log);
  const facts = new FactsReader(executor, 'default', undefined, () => now.toISOString());
  const context = contextOf(key, command);
  const outcome = await executor.execute({
    definition: stock,
    stream,
    command,
    context,
    facts: (fresh) => facts.stockFacts(data, context, fresh),
  });
  if (outcome.kind !== 'accepted') throw new Error(outcome.refusal.detail);
  const { reservationId } = outcome.events.at(-1)!.data as { reservationId: string };
  table.push({ reservationId, sku: SKU, location: 'MAIN', expiresAt });
}

const ended = (): string[] =>
  (log.streams.get(stream) ?? [])
    .filter(({ type }) => type === 'ReservationExpired')
    .map(({ data }) => (data as { reservationId: string }).reservationId);
const ids = (): string[] => table.map(({ reservationId }) => reservationId);

it('asks the table for what is due now', async () => {
  await timer().look();
  expect(asked).toEqual([after(0)]);
});

it('given reservations that are not due, does nothing', async () => {
  await reserve('a', after(60));
  const before = log.appends;
  expect(await timer().look()).toEqual({ ended: 0, failures: [] });
  expect(log.appends).toBe(before);
});

it('given several that are due on one stream, ends them with one command, in the name of the system', async () => {
  await reserve('a', after(10));
  await reserve('b', after(20));
  await reserve('c', after(60));
  now = new Date(START + 30_000);
  expect(await timer().look()).toEqual({ ended: 1, failures: [] });
  expect(ended()).toEqual(ids().slice(0, 2));
  const [event] = log.streams.get(stream)!.slice(-1);
  expect(event).toMatchObject({ metadata: { actor: 'system', effectiveAt: after(30) } });
});

it('given a table that is behind, neither looks again nor in another process ends anything twice', async () => {
  await reserve('a', after(10));
  now = new Date(START + 30_000);
  const one = timer();
  await one.look();
  const reads = log.reads;
  now = new Date(START + 31_000);
  expect(await one.look()).toEqual({ ended: 0, failures: [] });
  expect(log.reads).toBe(reads);
  expect(await timer().look()).toEqual({ ended: 1, failures: [] });
  expect(ended()).toHaveLength(1);
});

it('given two processes that look at once, ends each reservation once', async () => {
  await reserve('a', after(10));
  now = new Date(START + 30_000);
  await Promise.all([timer().look(), timer().look(), timer().look()]);
  expect(ended()).toEqual(ids());
});

it('given one that becomes due while the table still lists another, ends it too', async () => {
  await reserve('a', after(10));
  await reserve('b', after(20));
  const one = timer();
  now = new Date(START + 15_000);
  await one.look();
  now = new Date(START + 25_000);
  await one.look();
  expect(ended()).toEqual(ids());
});

it('given one that was extended, which the table does not know yet, leaves it alone', async () => {
  await reserve('a', after(10));
  const command: StockCommand = {
    type: 'ExtendReservation',
    data: { sku: SKU, location: 'MAIN', reservationId: ids()[0]!, expiresAt: after(600) },
  };
  await send(processOn(log), 'x', command);
  now = new Date(START + 30_000);
  expect(await timer().look()).toMatchObject({ failures: [] });
  expect(ended()).toEqual([]);
  // And when its new time is over, it ends.
  table = table.map((one) => ({ ...one, expiresAt: after(600) }));
  now = new Date(START + 601_000);
  await timer().look();
  expect(ended()).toEqual(ids());
});

it('while the store is away, tells so, and the next look ends them', async () => {
  await reserve('a', after(10));
  now = new Date(START + 30_000);
  const one = timer();
  log.down = true;
  expect(await one.look()).toMatchObject({
    ended: 0,
    failures: [{ stream, code: 'STORE_UNAVAILABLE' }],
  });
  log.down = false;
  expect(await one.look()).toEqual({ ended: 1, failures: [] });
  expect(ended()).toEqual(ids());
});
