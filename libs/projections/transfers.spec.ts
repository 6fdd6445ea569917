import { recorded } from '../../test/support/histories';
import { problemsOf, stock, type InventoryEvent, type StockEvent } from '../domain';
import { foldEvents, type Row } from './index';
import { inTransit, transfers } from './transfers';
import type { View } from './view';

const T1 = 'A-1@NORTH.T1';
const NORTH = { sku: 'A-1', location: 'NORTH' };
const SOUTH = { sku: 'A-1', location: 'SOUTH' };
const measured = { unit: 'kg', decimals: 3 };
const lotState = { expiresOn: null, qcStatus: 'APPROVED', lotRevision: null } as const;
const JAN = '2026-01-01T00:00:00.000Z';
const FEB = '2026-02-01T00:00:00.000Z';
const leg = { ...NORTH, ...measured, transferId: T1, to: 'SOUTH' };

let place = 0;
beforeEach(() => {
  place = 0;
});
function event(told: StockEvent, metadata: object = {}): InventoryEvent {
  const shape = stock.events[told.type];
  expect(shape ? problemsOf(shape, told.data) : ['no such type']).toEqual([]);
  return recorded(told, 'stock', `stock-default.A-1@${told.data.location}`, place, place++, {
    effectiveAt: FEB,
    ...metadata,
  });
}
const sent = (quantity: number, lotCode: string | null, metadata: object = {}): InventoryEvent =>
  event(
    {
      type: 'StockDispatched',
      data: {
        ...{ ...leg, quantity, lotCode, entered: null, reference: 'TO-1', receivedAt: JAN },
        ...lotState,
      },
    },
    metadata,
  );
const came = (quantity: number, lotCode: string | null, outstanding: number): InventoryEvent =>
  event({
    type: 'TransferReceived',
    data: { ...leg, quantity, lotCode, outstanding, receivedAt: JAN, ...lotState },
  });
const lost = (quantity: number, lotCode: string | null, outstanding: number): InventoryEvent =>
  event({ type: 'TransferWrittenOff', data: { ...leg, quantity, lotCode, outstanding } });
const back = (quantity: number, lotCode: string | null, outstanding: number): InventoryEvent =>
  event({
    type: 'TransferCancelled',
    data: { ...leg, quantity, lotCode, outstanding, receivedAt: JAN },
  });
const arrived = (quantity: number, lotCode: string | null, transferId = T1): InventoryEvent =>
  event({
    type: 'StockArrived',
    data: {
      ...{ ...SOUTH, ...measured, quantity, lotCode, reference: null, transferId },
      ...{ from: 'NORTH', receivedAt: JAN, onHold: false, ...lotState },
    },
  });

function rows(view: View, ...events: readonly InventoryEvent[]): Row[] {
  const folded = foldEvents(view, () => undefined, events);
  expect(folded.failure).toBeUndefined();
  return [...folded.rows.values()].filter((row) => row !== undefined);
}
const transferAfter = (...events: readonly InventoryEvent[]): Row | undefined =>
  rows(transfers, ...events)[0];
const ways = (...events: readonly InventoryEvent[]): [unknown, unknown][] =>
  rows(inTransit as unknown as View, ...events).map(({ lot_code, quantity }) => [
    lot_code,
    quantity,
  ]);

describe('transfers', () => {
  it('StockDispatched: what has been sent, lot by lot', () => {
    const metadata = { actor: 'marta', reason: 'for the sale' };
    expect(transferAfter(sent(5, 'L1', metadata), sent(3, null, metadata))).toEqual({
      transfer_id: T1,
      sku: 'A-1',
      from_location: 'NORTH',
      to_location: 'SOUTH',
      status: 'DISPATCHED',
      quantity: 8,
      received: 0,
      arrived: 0,
      written_off: 0,
      cancelled: 0,
      outstanding: 8,
      in_transit: 8,
      lines: [
        { lotCode: 'L1', quantity: 5, received: 0, arrived: 0, writtenOff: 0, cancelled: 0 },
        { lotCode: null, quantity: 3, received: 0, arrived: 0, writtenOff: 0, cancelled: 0 },
      ],
      ...measured,
      reference: 'TO-1',
      reason: 'for the sale',
      actor: 'marta',
      dispatched_at: FEB,
      ended_at: null,
      revision: 1,
      position: 1_317,
    });
  });

  it('in transit until the destination itself says so', () => {
    const history = [sent(5, 'L1'), came(5, 'L1', 0)];
    expect(transferAfter(...history)).toMatchObject({
      ...{ status: 'RECEIVED', received: 5, arrived: 0, outstanding: 0, in_transit: 5 },
      ended_at: FEB,
    });
    expect(transferAfter(...history, arrived(5, 'L1'))).toMatchObject({
      ...{ status: 'RECEIVED', received: 5, arrived: 5, in_transit: 0 },
      // Of the stream it was sent from, not of the destination's.
      revision: 1,
      position: 1_634,
    });
  });

  it('PARTIALLY_RECEIVED while anything is outstanding, also where the rest is missing', () => {
    const history = [sent(5, 'L1'), sent(3, 'L2'), came(4, 'L1', 4), lost(1, 'L1', 3)];
    expect(transferAfter(...history)).toMatchObject({
      ...{ status: 'PARTIALLY_RECEIVED', received: 4, written_off: 1, outstanding: 3 },
      ...{ in_transit: 7, ended_at: null },
      lines: [
        { lotCode: 'L1', quantity: 5, received: 4, writtenOff: 1 },
        { lotCode: 'L2', quantity: 3, received: 0, writtenOff: 0 },
      ],
    });
    const rest = [came(2, 'L2', 1), arrived(4, 'L1'), arrived(2, 'L2'), came(1, 'L2', 0)];
    expect(transferAfter(...history, ...rest, arrived(1, 'L2'))).toMatchObject({
      ...{ status: 'RECEIVED', received: 7, arrived: 7, written_off: 1, in_transit: 0 },
    });
    expect(transferAfter(...history, lost(2, 'L2', 1), lost(1, 'L2', 0))).toMatchObject({
      ...{ status: 'RECEIVED', received: 4, written_off: 4 },
    });
  });

  it('CANCELLED where a rest is called off, whatever came before', () => {
    const history = [sent(5, 'L1'), sent(3, 'L2')];
    expect(transferAfter(...history, back(5, 'L1', 3), back(3, 'L2', 0))).toMatchObject({
      ...{ status: 'CANCELLED', cancelled: 8, outstanding: 0, in_transit: 0 },
      ended_at: FEB,
    });
    const part = [...history, came(5, 'L1', 3), back(3, 'L2', 0), arrived(5, 'L1')];
    expect(transferAfter(...part)).toMatchObject({
      ...{ status: 'CANCELLED', received: 5, arrived: 5, cancelled: 3, in_transit: 0 },
    });
  });

  it('knows nothing of a transfer that this log does not hold', () => {
    expect(transferAfter(arrived(5, 'L1', 'A-1@ELSEWHERE.T9'))).toBeUndefined();
  });
});

describe('in_transit', () => {
  it('is per way and lot, over all transfers', () => {
    expect(ways(sent(5, 'L1'), sent(3, null), sent(2, 'L1'))).toEqual([
      ['L1', 7],
      ['', 3],
    ]);
    expect(rows(inTransit as unknown as View, sent(5, 'L1'))).toEqual([
      {
        sku: 'A-1',
        from_location: 'NORTH',
        to_location: 'SOUTH',
        lot_code: 'L1',
        quantity: 5,
        ...measured,
        since: FEB,
        position: 1_951,
      },
    ]);
  });

  it('does not end where it was sent from, but where it arrives', () => {
    const history = [sent(5, 'L1'), came(4, 'L1', 1)];
    expect(ways(...history)).toEqual([['L1', 5]]);
    expect(ways(...history, arrived(4, 'L1'))).toEqual([['L1', 1]]);
  });

  it('ends with what is lost or back as well; a way without anything has no row', () => {
    expect(ways(sent(5, 'L1'), lost(2, 'L1', 3))).toEqual([['L1', 3]]);
    expect(ways(sent(5, 'L1'), lost(2, 'L1', 3), back(3, 'L1', 0))).toEqual([]);
    expect(ways(sent(5, 'L1'), came(5, 'L1', 0), arrived(5, 'L1'))).toEqual([]);
  });

  it('tells since when there is something', () => {
    const again = sent(2, 'L1', { effectiveAt: '2026-03-01T00:00:00.000Z' });
    const since = (...events: InventoryEvent[]) => rows(inTransit, ...events)[0]?.since;
    expect(since(sent(5, 'L1'), again)).toBe(FEB);
    expect(since(sent(5, 'L1'), back(5, 'L1', 0), again)).toBe('2026-03-01T00:00:00.000Z');
  });
});
