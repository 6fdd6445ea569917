import * as fc from 'fast-check';
import { histories } from '../../test/support/histories';
import { expectSame } from '../../test/support/same';
import { type InventoryEvent, lotsOf, stock, type StockState, stockStream } from '../domain';
import { sums } from './movements';
import { foldEvents, type Row, type View, views } from '.';

/** What a table would hold: rows by key, or all rows of a journal. */
class Table {
  private readonly rows = new Map<string, Row>();
  private readonly journal: Row[] = [];

  constructor(private readonly view: View) {}

  take(events: readonly InventoryEvent[]): void {
    const { rows, added, failure } = foldEvents(this.view, (key) => this.rows.get(key), events);
    expectSame(failure, undefined);
    for (const [key, row] of rows) {
      if (row) this.rows.set(key, row);
      else this.rows.delete(key);
    }
    this.journal.push(...added);
  }

  get content(): unknown {
    return this.view.kind === 'journal'
      ? this.journal
      : [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

const replayed = (view: View, events: readonly InventoryEvent[]): Table => {
  const table = new Table(view);
  table.take(events);
  return table;
};

describe.each(views.map((view) => [view.name, view] as const))('the view %s', (_name, view) => {
  it('has its key, partition and indexes among its columns', () => {
    const named = [
      ...view.key,
      ...(view.kind === 'journal' ? view.partition : []),
      // One with a name of its own is over expressions, which PostgreSQL judges when it makes it.
      ...view.indexes.flatMap(({ columns, name }) => (name === undefined ? columns : [])),
    ];
    expect(Object.keys(view.columns)).toEqual(expect.arrayContaining(named));
    for (const key of view.key) expect(view.columns[key]?.nullable).toBe(false);
  });

  it('holds the same rows wherever a history is cut into batches', () => {
    fc.assert(
      fc.property(histories(), fc.array(fc.nat(80), { maxLength: 5 }), (events, cuts) => {
        const pieces = new Table(view);
        let from = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), events.length]) {
          pieces.take(events.slice(from, cut));
          from = Math.max(from, cut);
        }
        expectSame(pieces.content, replayed(view, events).content);
      }),
      { numRuns: 60 },
    );
  });

  it('holds after one event at a time what a replay of everything gives', () => {
    fc.assert(
      fc.property(histories(), (events) => {
        const live = new Table(view);
        for (const event of events) live.take([event]);
        expectSame(live.content, replayed(view, events).content);
      }),
      { numRuns: 60 },
    );
  });

  it('fills exactly its columns, null only where a column may be', () => {
    fc.assert(
      fc.property(histories(), (events) => {
        const { rows, added } = foldEvents(view, () => undefined, events);
        for (const row of [...rows.values(), ...added]) {
          if (!row) continue;
          expectSame(Object.keys(row).sort(), Object.keys(view.columns).sort());
          for (const [name, { nullable }] of Object.entries(view.columns)) {
            const isFilled = nullable
              ? row[name] !== undefined
              : row[name] !== undefined && row[name] !== null;
            expectSame({ name, isFilled }, { name, isFilled: true });
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the stock views', () => {
  const view = (name: string): View => views.find((each) => each.name === name)!;
  const rowsOf = (name: string, events: readonly InventoryEvent[]): Row[] => {
    const { rows, added } = foldEvents(view(name), () => undefined, events);
    return added.length > 0 ? added : [...rows.values()].filter((row) => row !== undefined);
  };
  const total = (rows: readonly Row[], column: string): number =>
    rows.reduce((sum, row) => sum + Number(row[column]), 0);

  it('say of every lot what the stock stream itself decides upon', () => {
    fc.assert(
      fc.property(histories(), (events) => {
        const states = new Map<string, StockState>();
        for (const event of events) {
          if (event.category !== 'stock') continue;
          const state = states.get(event.stream) ?? stock.initial;
          states.set(event.stream, stock.evolve(state, event as never, event.metadata));
        }
        const decided = [...states].flatMap(([stream, { lots }]) =>
          lotsOf(lots).map((lot): [string, unknown] => [
            `${stream} ${lot.lotCode ?? ''}`,
            [lot.onHand, lot.reserved, lot.held, lot.qcStatus, lot.expiresOn, lot.receivedAt],
          ]),
        );
        const shown = new Map(
          rowsOf('stock_levels', events).map((row) => [
            `${stockStream('default', row.sku as string, row.location as string)} ${row.lot_code as string}`,
            [
              row.on_hand,
              row.reserved,
              row.held,
              row.qc_status,
              row.expires_on,
              // The stream no longer knows when something came that is gone.
              row.on_hand === 0 ? '' : row.received_at,
            ],
          ]),
        );
        for (const [lot, row] of decided) expectSame({ lot, row: shown.get(lot) }, { lot, row });
        expect(shown.size).toBe(decided.length);
      }),
    );
  });

  it('agree with each other, with the ledger and with the balance of every row', () => {
    fc.assert(
      fc.property(histories(), (events) => {
        const levels = rowsOf('stock_levels', events);
        const places = rowsOf('stock_by_location', events);
        const items = rowsOf('stock_by_item', events);
        const movements = rowsOf('ledger', events);
        for (const column of Object.keys(sums)) {
          expect(total(places, column)).toBe(total(levels, column));
          expect(total(items, column)).toBe(total(levels, column));
        }
        const promised = (row: Row): boolean => /RESERVE$/.test(row.type as string);
        const moves = movements.filter((row) => !promised(row));
        expect(total(moves, 'quantity')).toBe(total(levels, 'on_hand'));
        const rowsOfType = (type: string): Row[] => movements.filter((row) => row.type === type);
        expect(
          total(rowsOfType('RESERVE'), 'quantity') - total(rowsOfType('UNRESERVE'), 'quantity'),
        ).toBe(total(levels, 'reserved'));
        for (const row of [...levels, ...places, ...items]) {
          expect(
            Number(row.received) -
              Number(row.issued) +
              Number(row.adjusted) +
              Number(row.transferred_in) -
              Number(row.transferred_out),
          ).toBe(row.on_hand);
        }
        for (const place of places) {
          const own = movements.filter(
            ({ sku, location }) => sku === place.sku && location === place.location,
          );
          expect(own.at(-1)?.balance ?? 0).toBe(place.on_hand);
          expect(own.at(-1)?.reserved ?? 0).toBe(place.reserved);
        }
      }),
    );
  });
});
