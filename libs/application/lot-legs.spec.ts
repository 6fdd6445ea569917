import {
  type DomainEvent,
  lot,
  type LotCommand,
  lotOf,
  lotStream,
  stock,
  type StockCommand,
  stockStream,
} from '../domain';
import type { Executor, Outcome } from '../eventstore';
import { contextOf, processOn, SKU } from '../../test/support/commands';
import { ScriptedLog } from '../../test/support/scripted-log';
import { furnish, PLACES } from '../../test/support/workshop';
import { FactsReader } from './facts';
import { FollowUps, type Leg } from './follow-ups';

/** A lot and the places that hold it, with the legs between them left out, late, twice, or in another order. */

const LOT = lotStream('default', SKU, 'L1');
const at = (place: string): string => stockStream('default', SKU, place);

let log: ScriptedLog;
let executor: Executor;
let facts: FactsReader;
let legs: FollowUps;
let keys: number;
/** Legs that nobody has sent yet. */
let owed: Leg[];
beforeEach(async () => {
  log = new ScriptedLog();
  executor = processOn(log);
  facts = new FactsReader(executor, 'default');
  legs = new FollowUps({ executor, facts });
  keys = 0;
  owed = [];
  await furnish(executor);
});

function take(outcome: Outcome<DomainEvent, string>): void {
  if (outcome.kind !== 'accepted') throw new Error(outcome.refusal.detail);
  owed.push(...legs.legsOf(outcome.events));
}

async function move(command: StockCommand): Promise<void> {
  const context = { ...contextOf(`s${(keys += 1)}`, command), actor: 'marta' };
  const { sku, location } = command.data;
  take(
    await executor.execute({
      ...{ definition: stock, stream: stockStream('default', sku, location), command, context },
      facts: async (fresh) => ({
        ...(await facts.factsOf(command, context, fresh)),
        destination: { active: true },
      }),
    }),
  );
}
const receive = (location: string, more: object = {}): Promise<void> =>
  move({
    type: 'ReceiveStock',
    data: { sku: SKU, location, quantity: '10', lotCode: 'L1', expiresOn: '2035-01-31', ...more },
  });

async function decide(status: string): Promise<void> {
  const command = { type: 'DecideLot', data: { sku: SKU, lotCode: 'L1', status } } as LotCommand;
  const context = contextOf(`l${(keys += 1)}`, command as never);
  const told = await executor.execute({
    ...{ definition: lot, stream: LOT, command, context },
    facts: () => Promise.resolve(null),
  });
  facts.changed(LOT);
  take(told);
}

/** Everything that is owed is sent, with all that follows from it. Answers the legs, to be sent again. */
async function settle(some: readonly Leg[] = owed.splice(0)): Promise<readonly Leg[]> {
  const followed = await legs.run(some, performance.now() + 5_000);
  expect(followed.map(({ outcome }) => outcome.kind)).toEqual(followed.map(() => 'applied'));
  return followed.map(({ leg }) => leg);
}

const types = (stream: string): string[] => (log.streams.get(stream) ?? []).map(({ type }) => type);
/** What a place takes the lot for. */
async function statusAt(place: string): Promise<string | undefined> {
  const { state } = await executor.stateOf(stock, at(place));
  return lotOf(state.lots, 'L1')?.qcStatus;
}
const truth = async (): Promise<string | undefined> =>
  (await executor.stateOf(lot, LOT)).state?.qcStatus;

it('given a first receipt and a second, then the lot is registered once, and knows both places', async () => {
  await receive('MAIN');
  await settle();
  await receive('LAB');
  await settle();
  await receive('LAB');
  expect(owed).toEqual([]);
  expect(types(LOT)).toEqual(['LotRegistered', 'LotNotedAt']);
});

it('given two first receipts whose legs are late, then both places know what the lot is', async () => {
  await receive('MAIN', { qcRequired: true });
  await receive('LAB');
  await settle(owed.splice(0).reverse());
  expect(await truth()).toBe('QUARANTINE');
  expect(await Promise.all(['MAIN', 'LAB'].map(statusAt))).toEqual(['QUARANTINE', 'QUARANTINE']);
});

it('given a lot that is rejected while the leg of a receipt is late, then its place learns of it', async () => {
  await receive('MAIN', { qcRequired: true });
  await settle();
  await receive('LAB', { qcRequired: false });
  const late = owed.splice(0);
  await decide('REJECTED');
  await settle();
  await settle(late);
  expect(await Promise.all(['MAIN', 'LAB'].map(statusAt))).toEqual(['REJECTED', 'REJECTED']);
});

it('given a lot that is rejected between dispatch and arrival, then it arrives rejected, and on hold', async () => {
  await receive('MAIN', { qcRequired: true });
  await settle();
  await decide('APPROVED');
  await settle();
  const place = { sku: SKU, location: 'MAIN' };
  await move({ type: 'DispatchTransfer', data: { ...place, to: 'LAB', quantity: '4' } });
  await settle();
  const { state } = await executor.stateOf(stock, at('MAIN'));
  const transferId = `${SKU}@MAIN.T${state.transfers.made}`;
  await move({ type: 'ReceiveTransfer', data: { ...place, transferId } });
  const late = owed.splice(0);
  await decide('RECALLED');
  await settle();
  await settle(late);
  expect(await statusAt('LAB')).toBe('RECALLED');
  const [arrived] = (log.streams.get(at('LAB')) ?? []).filter(
    ({ type }) => type === 'StockArrived',
  );
  expect(arrived!.data).toMatchObject({ quantity: 4, qcStatus: 'RECALLED', onHold: true });
});

it('given words on the lot that come in another order, then the last one stands everywhere', async () => {
  for (const place of PLACES) await receive(place, { qcRequired: true });
  await settle();
  await decide('APPROVED');
  const first = owed.splice(0);
  await decide('QUARANTINE');
  await decide('REJECTED');
  await settle(owed.splice(0).reverse());
  await settle(first);
  expect(await Promise.all(PLACES.map(statusAt))).toEqual(PLACES.map(() => 'REJECTED'));
});

describe('given every leg that was ever sent, when all are sent once more, then nothing changes', () => {
  test.each([true, false])('receipts that demand quality control: %s', async (qcRequired) => {
    const sent: Leg[] = [];
    const again = async (): Promise<void> => {
      sent.push(...(await settle()));
    };
    await receive('MAIN', { qcRequired });
    await again();
    await receive('LAB', { qcRequired });
    await receive('MAIN', { qcRequired });
    await receive('LAB', { qcRequired, supplierLot: 'S-1' });
    await again();
    if (qcRequired) await decide('APPROVED');
    else await decide('QUARANTINE');
    await again();
    const before = [...log.streams].map(([stream, events]) => [stream, events.length]);
    const status = await truth();
    const later = new FollowUps({ executor: processOn(log), facts });
    const followed = await later.run(sent, performance.now() + 5_000);
    expect(followed.every(({ outcome }) => outcome.kind === 'applied')).toBe(true);
    expect([...log.streams].map(([stream, events]) => [stream, events.length])).toEqual(before);
    expect(await truth()).toBe(status);
  });
});
