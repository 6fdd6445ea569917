import { EventStoreDBClient } from '@eventstore/db-client';
import { stock, stockStream, type StockEvent, type StockState } from '../libs/domain';
import { decode } from '../libs/eventstore/codec';
import { rawEvent } from '../libs/eventstore/client';
import type { System } from '../test/support/system';
import type { Figures } from './figures';
import { measure, rateOf, type Rate } from './measure';
import { say } from './say';

interface Reserved extends Rate {
  readonly sku: string;
  readonly p99: number;
  readonly failures: Readonly<Record<string, number>>;
}

const CLIENTS = 256;
const PLENTY = 8_000_000;
const FEW = 2_000;
const LONG_ENOUGH_SECONDS = 60;

/** Reservations of one SKU by many clients at once; what the log says of them is folded anew. */
export async function measureReservations(
  figures: Figures,
  { url, eventstoreUrl }: System,
  seconds: number,
  raw: number,
): Promise<void> {
  const section = 'reservations of one SKU';
  say('reservations of one SKU');
  const load = (units: number, forSeconds: number) =>
    measure<Reserved>('http-load', ['reservations', url, CLIENTS, units, forSeconds]);
  const many = await load(PLENTY, seconds);
  const rate = rateOf(many);
  figures.note(section, `${CLIENTS} clients, 8 lots`, '/s', rate);
  figures.note(section, '  latency p99', 'ms', many.p99);
  figures.note(section, '  : raw appends', 'x', rate / raw);
  const few = await load(FEW, LONG_ENOUGH_SECONDS);
  const failed = [many, few].flatMap(({ failures }) => Object.entries(failures));
  if (failed.length > 0) say(`unexpected answers: ${JSON.stringify(failed)}`);
  const exactly = `of ${FEW.toLocaleString('en')} units`;
  figures.note(section, `${exactly}, reserved by somebody`, 'units', few.count);
  const oversold =
    (await oversoldUnits(eventstoreUrl, many)) + (await oversoldUnits(eventstoreUrl, few));
  figures.note(section, 'oversold, by replay', 'units', oversold, { atMost: 0 });
}

/** The most by which reserved was above on hand after any event, and answers that the log does not bear out. */
async function oversoldUnits(eventstoreUrl: string, { sku, count }: Reserved): Promise<number> {
  const client = EventStoreDBClient.connectionString(eventstoreUrl);
  let state: StockState = stock.initial;
  let [worst, made] = [0, 0];
  for await (const resolved of client.readStream(stockStream('default', sku, 'MAIN'))) {
    const raw = rawEvent(resolved);
    if (!raw) continue;
    const event = decode(raw);
    state = stock.evolve(state, event as unknown as StockEvent, event.metadata);
    if (event.type === 'StockReserved') made += 1;
    const { reserved = 0, onHand = 0 } = state.lots.byReceipt?.summary ?? {};
    worst = Math.max(worst, reserved - onHand);
  }
  await client.dispose();
  // A client that was answered after the time was over is not counted, but never the other way round.
  return worst + Math.max(0, count - made);
}
