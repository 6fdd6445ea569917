import { randomBytes } from 'node:crypto';
import { stockIssued, stockReceived } from '../../support/stock-events';
import * as fc from 'fast-check';
import {
  AnotherStoreError,
  Applier,
  decidedCommands,
  type LogEntry,
  migrate,
  openPostgres,
  type Postgres,
  readCheckpoints,
  recordRefusals,
  ReplacedTableError,
} from '../../../libs/postgres';
import { type InventoryEvent, tableOf, views } from '../../../libs/projections';
import { newId } from '../../../libs/runtime';
import { histories, recorded } from '../../support/histories';
import { expectTablesOf, tableNamed } from '../../support/tables';
import { emptyTables, logger, openMigrated, TestServer } from './database';

const storeId = newId();
let server: TestServer;
let postgres: Postgres;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());
beforeEach(async () => {
  postgres = await openMigrated(await server.database());
});
afterEach(async () => {
  // One that a failed test left open would hold the pool.
  for (const applier of opened.splice(0)) applier.close(true);
  await postgres.close();
});

const opened: Applier[] = [];
const open = async (options: { cachedRows?: number; resume?: boolean } = {}): Promise<Applier> => {
  const applier = await Applier.open({ postgres, views, storeId, logger, ...options });
  opened.push(applier);
  return applier;
};

const entriesOf = (events: readonly InventoryEvent[]): LogEntry[] =>
  events.map((event) => ({ kind: 'event', event }));

/** A short, fixed history: an item, a place, receipts and issues of two lots. */
const history = (): InventoryEvent[] => {
  const moved = { sku: 'A-1', location: 'MAIN', unit: 'each', decimals: 0, reference: null };
  const stock = 'stock-default.A-1@MAIN';
  return [
    recorded(
      { type: 'ItemRegistered.v2', data: itemData('A-1') },
      'item',
      'item-default.A-1',
      0,
      0,
    ),
    recorded(
      { type: 'LocationRegistered', data: placeData },
      'location',
      'location-default.MAIN',
      0,
      1,
    ),
    ...Array.from({ length: 8 }, (_, i) =>
      recorded(
        i % 4 === 3
          ? stockIssued({ ...moved, lotCode: 'L1', quantity: 1 })
          : stockReceived({ ...moved, lotCode: i % 2 ? 'L2' : 'L1', quantity: 10 }),
        'stock',
        stock,
        i,
        2 + i,
      ),
    ),
  ];
};
const itemData = (sku: string): object => ({
  sku,
  unit: 'each',
  decimals: 0,
  name: 'Bolt',
  description: '',
  category: null,
  attributes: {},
  aliases: [],
  barcodes: [],
  suppliers: [],
  tracking: 'none',
  qcRequired: false,
  allocationPolicy: 'FIFO',
  units: [],
  countVarianceLimit: null,
});
const placeData = { code: 'MAIN', name: 'Main', kind: 'STORE', parent: null, timeZone: 'UTC' };
/** Cannot be folded: nobody registered this item. */
const poison = (place: number): InventoryEvent =>
  recorded(
    { type: 'ItemDeactivated', data: { sku: 'ghost' } },
    'item',
    'item-default.ghost',
    0,
    place,
  );

const count = async (name: string): Promise<number> => {
  const [row] = await postgres.query<{ n: number }>(`SELECT count(*) AS n FROM ${name}`);
  return row?.n ?? NaN;
};

const positionOf = async (view: string): Promise<bigint | undefined> =>
  (await readCheckpoints(postgres)).find((each) => each.view === view)?.position;

describe('apply', () => {
  it('leaves in the tables what a fold of the whole log gives, however it is cut, cached and restarted', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories(80),
        fc.array(fc.tuple(fc.nat(100), fc.boolean()), { maxLength: 6 }),
        fc.constantFrom(0, 2, 1_000),
        async (events, cuts, cachedRows) => {
          await emptyTables(postgres);
          let applier = await open({ cachedRows });
          let from = 0;
          for (const [cut, restart] of [
            ...cuts.sort(([a], [b]) => a - b),
            [events.length, false] as const,
          ]) {
            // One event too many at the front: what was handled before must not count again.
            expect(await applier.apply(entriesOf(events.slice(Math.max(0, from - 1), cut)))).toBe(
              'applied',
            );
            from = Math.max(from, cut);
            if (!restart) continue;
            applier.close();
            applier = await open({ cachedRows });
          }
          applier.close();
          await expectTablesOf(postgres, events);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('writes neither rows nor checkpoint when it dies between the two', async () => {
    const events = history();
    const applier = await open();
    await applier.apply(entriesOf(events.slice(0, 5)));
    await postgres.query(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'`);
    await postgres.query(
      'CREATE TRIGGER die BEFORE UPDATE ON control.checkpoints FOR EACH ROW EXECUTE FUNCTION die()',
    );
    await expect(applier.apply(entriesOf(events.slice(5)))).rejects.toThrow(/terminat/);
    applier.close(true);
    await expectTablesOf(postgres, events.slice(0, 5));
    expect(await positionOf('ledger')).toBe(events[4]!.position);

    await postgres.query('DROP TRIGGER die ON control.checkpoints');
    const next = await open();
    expect(next.from?.commit).toBe(events[4]!.position);
    await next.apply(entriesOf(events.slice(5)));
    next.close();
    await expectTablesOf(postgres, events);
  });

  it('counts nothing twice when it is given the log from the start again', async () => {
    const events = history();
    for (let run = 0; run < 3; run++) {
      const applier = await open();
      await applier.apply(entriesOf(events));
      await applier.apply(entriesOf(events));
      applier.close();
    }
    await expectTablesOf(postgres, events);
  });
});

describe('two projectors on the same tables', () => {
  it('the one that comes late is fenced, writes nothing, and can go on after a look', async () => {
    const events = history();
    const [first, second] = [await open(), await open()];
    expect(await first.apply(entriesOf(events.slice(0, 6)))).toBe('applied');
    expect(await second.apply(entriesOf(events.slice(0, 4)))).toBe('fenced');
    await expectTablesOf(postgres, events.slice(0, 6));

    await second.reload();
    expect(await second.apply(entriesOf(events))).toBe('applied');
    expect(await first.apply(entriesOf(events.slice(6)))).toBe('fenced');
    await expectTablesOf(postgres, events);
    first.close();
    second.close();
  });

  it('of two at the same moment one wins', async () => {
    const events = history();
    const appliers = await Promise.all([open(), open(), open()]);
    const verdicts = await Promise.all(appliers.map((one) => one.apply(entriesOf(events))));
    expect(verdicts.sort()).toEqual(['applied', 'fenced', 'fenced']);
    await expectTablesOf(postgres, events);
    for (const applier of appliers) applier.close();
  });

  it('one that holds the checkpoints for too long makes the other stand by, not wait for ever', async () => {
    const applier = await open();
    const holder = postgres.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT * FROM control.checkpoints FOR UPDATE');
    expect(await applier.apply(entriesOf(history()))).toBe('fenced');
    await holder.rollbackTransaction();
    await holder.release();
    expect(await applier.apply(entriesOf(history()))).toBe('applied');
    applier.close();
  });
});

describe('an event that a projection cannot take', () => {
  const statusOf = (projection: string): Promise<Record<string, unknown>[]> =>
    postgres.query(
      'SELECT state, position, event_id, reason FROM control.projection_status WHERE projection = $1',
      [projection],
    );

  it('stops that projection alone, before the event, and says where and why', async () => {
    const events = history();
    const bad = poison(50);
    const applier = await open();
    await applier.apply(entriesOf([...events, bad]));
    expect(await statusOf(tableNamed('items'))).toEqual([
      {
        state: 'STOPPED',
        position: Number(bad.position),
        event_id: bad.id,
        reason: expect.stringContaining('ghost') as string,
      },
    ]);
    expect(await positionOf('items')).toBe(events.at(-1)!.position);
    expect(await positionOf('audit_log')).toBe(bad.position);
    expect(await count('items')).toBe(1);
    expect(await count('audit_log')).toBe(events.length + 1);

    const after = recorded(
      { type: 'ItemRegistered.v2', data: itemData('B') },
      'item',
      'item-default.B',
      0,
      60,
    );
    await applier.apply(entriesOf([after]));
    expect(await count('audit_log')).toBe(events.length + 2);
    expect(await count('items')).toBe(1);
    applier.close();
  });

  it('stays stopped over a restart, tries again when asked to, and goes on when the event is skipped', async () => {
    const bad = poison(50);
    const after = recorded(
      { type: 'ItemRegistered.v2', data: itemData('B') },
      'item',
      'item-default.B',
      0,
      60,
    );
    const log = entriesOf([...history(), bad, after]);
    const items = (applier: Applier): unknown =>
      applier.projections.find(({ name }) => name === tableNamed('items'))?.stopped?.position;
    for (const resume of [false, false, true]) {
      const applier = await open({ resume });
      await applier.apply(log);
      expect(items(applier)).toBe(bad.position);
      applier.close();
    }
    await postgres.query(
      `INSERT INTO control.skips (projection, position, event_id, actor, reason)
       VALUES ('${tableNamed('items')}', $1, $2, 'operator', 'item was never registered')`,
      [String(bad.position), bad.id],
    );
    const applier = await open({ resume: true });
    expect(applier.from?.commit).toBe(history().at(-1)!.position);
    await applier.apply(log);
    expect(items(applier)).toBeUndefined();
    expect(await count('items')).toBe(2);
    expect(await statusOf(tableNamed('items'))).toMatchObject([{ state: 'RUNNING', reason: null }]);
    applier.close();
  });

  it.each([
    ['that no view knows stops all', 'StockEvaporated', views.map(tableOf)],
    [
      'of a known type stops those that fold it',
      'LocationUpdated',
      [tableNamed('audit_log'), tableNamed('locations')],
    ],
  ])('undecodable and of a type %s', async (_, type, stopped) => {
    const events = history();
    const applier = await open();
    const undecodable: LogEntry = {
      kind: 'undecodable',
      position: 9_000n,
      id: newId(),
      stream: 'location-default.MAIN',
      type,
      problem: 'the shape is wrong',
    };
    await applier.apply([...entriesOf(events), undecodable]);
    expect(
      applier.projections
        .filter((one) => one.stopped)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...stopped].sort());
    expect(await count('ledger')).toBe(8);
    expect(await positionOf('audit_log')).toBe(events.at(-1)!.position);
    applier.close();
  });

  it('that PostgreSQL refuses stops that projection at that event, also in the middle of a batch', async () => {
    const events = history();
    // Too long for an index, and random so that it does not compress.
    const actor = randomBytes(6_000).toString('base64');
    const moved = events[7]!;
    events[7] = { ...moved, metadata: { ...moved.metadata, actor } };
    const applier = await open();
    await applier.apply(entriesOf(events));
    expect(await statusOf(tableNamed('audit_log'))).toMatchObject([
      { state: 'STOPPED', event_id: moved.id, reason: expect.stringContaining('index') as string },
    ]);
    expect(await count('audit_log')).toBe(7);
    expect(await count('ledger')).toBe(8);
    expect(await positionOf('ledger')).toBe(events.at(-1)!.position);
    applier.close();
  });

  it('is not one with characters that PostgreSQL does not have', async () => {
    const [first] = history();
    const odd = recorded(
      {
        type: 'ItemRegistered.v2',
        data: {
          ...itemData('A-1'),
          name: 'N\0ame',
          description: 'half \ud83d',
          attributes: { 'k\0ey': '\\u0000 stays, \0 and \udc00 do not' },
        },
      },
      'item',
      'item-default.A-1',
      0,
      0,
    );
    const applier = await open();
    await applier.apply(entriesOf([odd]));
    expect(applier.projections.filter((one) => one.stopped)).toEqual([]);
    expect(
      await postgres.query('SELECT name, description, attributes, position FROM items'),
    ).toEqual([
      {
        name: 'N\ufffdame',
        description: 'half \ufffd',
        attributes: { 'k\ufffdey': '\\u0000 stays, \ufffd and \ufffd do not' },
        position: Number(first!.position),
      },
    ]);
    applier.close();
  });
});

describe('a checkpoint', () => {
  const checkpoint = (commit: bigint): LogEntry => ({
    kind: 'checkpoint',
    position: { commit, prepare: commit },
  });

  it('follows filter checkpoints beyond the last event, and remembers the event', async () => {
    const events = history();
    const applier = await open();
    await applier.apply([...entriesOf(events), checkpoint(50_000n)]);
    applier.close();
    const next = await open();
    expect(next.from).toEqual({ commit: 50_000n, prepare: 50_000n });
    const { id, position } = events.at(-1)!;
    for (const { checkpoint: reached } of next.projections) {
      expect(reached.event).toEqual({ id, position });
    }
    next.close();
  });

  it('only moves forwards', async () => {
    const events = history();
    const applier = await open();
    await applier.apply([checkpoint(50_000n)]);
    await applier.apply([checkpoint(40_000n), ...entriesOf(events), checkpoint(49_999n)]);
    expect(await positionOf('ledger')).toBe(50_000n);
    expect(await count('ledger')).toBe(0);
    applier.close();
  });

  it('of another store refuses to go on', async () => {
    const applier = await open();
    await applier.apply(entriesOf(history()));
    applier.close();
    const other = Applier.open({ postgres, views, storeId: newId(), logger });
    await expect(other).rejects.toThrow(AnotherStoreError);
  });

  it('of a table that another one has replaced is not gone on with, even where both stand at one event', async () => {
    const events = history();
    const applier = await open();
    await applier.apply(entriesOf(events.slice(0, 5)));
    await postgres.query('UPDATE control.checkpoints SET generation = 7');
    expect(await applier.apply(entriesOf(events))).toBe('fenced');
    await expectTablesOf(postgres, events.slice(0, 5));
    await applier.reload();
    expect(await applier.apply(entriesOf(events))).toBe('applied');
    await expectTablesOf(postgres, events);

    await postgres.query('DELETE FROM control.checkpoints');
    expect(await applier.apply(entriesOf([poison(70)]))).toBe('fenced');
    await expect(applier.reload()).rejects.toThrow(ReplacedTableError);
    applier.close();
  });

  it('whose second part lies before an event of the same commit position does not leave it out', async () => {
    const [first, second, ...rest] = history();
    const applier = await open();
    await applier.apply([
      ...entriesOf([first!]),
      { kind: 'checkpoint', position: { commit: second!.position, prepare: 0n } },
    ]);
    expect(applier.from).toEqual({ commit: second!.position, prepare: 0n });
    await applier.apply(entriesOf([second!, ...rest]));
    await expectTablesOf(postgres, history());
    applier.close();
  });
});

describe('what others ask', () => {
  it('positions: none before there are tables, then one for each view', async () => {
    const bare = await openPostgres({ url: await server.database(), logger });
    expect(await readCheckpoints(bare)).toEqual([]);
    await bare.close();
    const applier = await open();
    await applier.apply(entriesOf(history()));
    applier.close();
    const position = history().at(-1)!.position;
    expect(await readCheckpoints(postgres)).toEqual(
      views.map(({ name }) => ({
        view: name,
        storeId,
        position,
        state: 'RUNNING',
        reason: null,
        updatedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      })),
    );
  });

  it('decided commands: stream, hash and revisions of each, of this store only', async () => {
    const commandId = newId();
    const [item, place, ...movements] = history();
    const events = [
      ...[item, place, ...movements.slice(0, 2)],
      ...movements.slice(2).map((event) => ({
        ...event,
        metadata: { ...event.metadata, commandId },
      })),
    ] as InventoryEvent[];
    const decided = decidedCommands(postgres, storeId);
    expect(await decided.find([commandId])).toEqual({ upTo: -1n, found: new Map() });
    expect(await decided.idsAfter(-1n, 10)).toMatchObject({ upTo: -1n, more: false });
    const applier = await open();
    await applier.apply(entriesOf(events));
    applier.close();
    const upTo = events.at(-1)!.position;
    const at = {
      commandHash: 'ab'.repeat(32),
      stream: 'stock-default.A-1@MAIN',
      firstRevision: 2,
      lastRevision: 7,
    };
    expect(await decided.find([commandId, newId()])).toEqual({
      upTo,
      found: new Map([[commandId, at]]),
    });
    expect(await decided.find([newId()])).toEqual({ upTo, found: new Map() });
    const anotherStore = decidedCommands(postgres, newId());
    expect(await anotherStore.find([commandId])).toEqual({ upTo: -1n, found: new Map() });
    expect(await anotherStore.idsAfter(-1n, 10)).toMatchObject({ upTo: -1n, more: false });

    // The log was restored from an older backup: what the table knows of it may not be in it.
    await postgres.query(`UPDATE control.projection_status SET state = 'REFUSED'`);
    expect(await decided.find([commandId])).toEqual({ upTo: -1n, found: new Map() });
    expect(await decided.idsAfter(-1n, 10)).toMatchObject({ upTo: -1n, more: false });
  });

  it('commands decided long ago: their ids are told in log order, page by page', async () => {
    const events = history();
    const decided = decidedCommands(postgres, storeId);
    const applier = await open();
    await applier.apply(entriesOf(events));
    applier.close();
    const told: string[] = [];
    for (let position = -1n, more = true; more;) {
      const page = await decided.idsAfter(position, 3);
      expect(page.ids).toHaveLength(Math.min(3, events.length - told.length) * 16);
      for (let at = 0; at < page.ids.length; at += 16) {
        told.push(Buffer.from(page.ids.subarray(at, at + 16)).toString('hex'));
      }
      ({ upTo: position, more } = page);
    }
    const ids = events.map(({ metadata }) => metadata.commandId.replaceAll('-', ''));
    expect(told).toEqual(ids);
    expect((await decided.idsAfter(events.at(-1)!.position, 3)).upTo).toBe(events.at(-1)!.position);
  });

  it('refusals: kept with their reason', async () => {
    const refusal = {
      refusedAt: '2026-02-03T04:05:06.789Z',
      tenant: 'default',
      actor: 'someone',
      commandId: newId(),
      commandType: 'IssueStock',
      stream: 'stock-default.A-1@MAIN',
      code: 'INSUFFICIENT_STOCK',
      detail: '0 "each" are \\ available\0',
    };
    await recordRefusals(postgres, []);
    await recordRefusals(postgres, [refusal, refusal]);
    expect(await postgres.query('SELECT refused_at, code, detail FROM control.refusals')).toEqual(
      [1, 2].map(() => ({
        refused_at: refusal.refusedAt,
        code: refusal.code,
        detail: '0 "each" are \\ available\ufffd',
      })),
    );
  });

  it('migrations: several at once, and again, change nothing', async () => {
    const url = await server.database();
    const several = await Promise.all([1, 2, 3].map(() => openPostgres({ url, logger })));
    await Promise.all(several.map((one) => migrate(one)));
    const [first] = several;
    const [tables] = await first!.query<{ n: number }>(
      "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'",
    );
    expect(tables?.n).toBe(views.length);
    await Promise.all(several.map((one) => one.close()));
  });
});
