import { newId } from '../../../libs/runtime';
import {
  openPostgres,
  snapshotStore,
  type Postgres,
  type SnapshotStore,
} from '../../../libs/postgres';
import { logger, openMigrated, TestServer } from '../projections/database';

const STREAM = 'stock-default.A@MAIN';
const FORM = 'stock-1-1-abc';
const snapshot = (revision: number, text = `body of ${revision}`) => ({
  revision,
  eventId: newId(),
  body: Buffer.from(text),
});

describe('snapshots in PostgreSQL', () => {
  let server: TestServer;
  let url: string;
  let postgres: Postgres;
  let store: SnapshotStore;
  const storeId = newId();

  beforeAll(async () => {
    server = await TestServer.start();
    url = await server.database();
    postgres = await openMigrated(url);
  });
  afterAll(async () => {
    await postgres.close();
    await server.stop();
  });
  beforeEach(async () => {
    await postgres.query('TRUNCATE cache.snapshots, cache.snapshot_parts');
    store = snapshotStore(postgres, storeId);
  });

  it('gives back what was kept', async () => {
    const kept = snapshot(2 ** 40, 'x'.repeat(2_000_000));
    await store.save(STREAM, FORM, kept, []);
    expect(await store.newest(STREAM, FORM)).toEqual(kept);
  });

  it.each([
    ['another stream', 'stock-default.B@MAIN', FORM],
    ['another form', STREAM, 'stock-2-1-abc'],
  ])('finds nothing for %s', async (_, stream, form) => {
    await store.save(STREAM, FORM, snapshot(7), []);
    expect(await store.newest(stream, form)).toBeUndefined();
  });

  it('finds nothing of another store', async () => {
    await store.save(STREAM, FORM, snapshot(7), [{ name: 'p', text: 'part' }]);
    const other = snapshotStore(postgres, newId());
    expect(await other.newest(STREAM, FORM)).toBeUndefined();
    expect(await other.part(STREAM, 'p')).toBeUndefined();
  });

  it('tells which there are, the last ones first', async () => {
    await store.save(STREAM, FORM, snapshot(500), []);
    await store.save('stock-default.B@MAIN', FORM, snapshot(600), []);
    await snapshotStore(postgres, newId()).save('stock-default.C@MAIN', FORM, snapshot(1), []);
    const second = { stream: 'stock-default.B@MAIN', form: FORM, revision: 600 };
    expect(await store.list(10)).toEqual([second, { stream: STREAM, form: FORM, revision: 500 }]);
    expect(await store.list(1)).toEqual([second]);
  });

  it('of two writers keeps the one who has seen more, whoever comes last', async () => {
    const further = snapshot(900);
    await store.save(STREAM, FORM, snapshot(500), []);
    await store.save(STREAM, FORM, further, []);
    await store.save(STREAM, FORM, snapshot(700), []);
    await store.save(STREAM, FORM, snapshot(900, 'the same again'), []);
    expect(await store.newest(STREAM, FORM)).toEqual(further);
  });

  it('keeps one of each form, so that two versions may run at once', async () => {
    const [older, newer] = [snapshot(500), snapshot(600)];
    await store.save(STREAM, FORM, older, []);
    await store.save(STREAM, 'stock-2-1-abc', newer, []);
    expect(await store.newest(STREAM, FORM)).toEqual(older);
    expect(await store.newest(STREAM, 'stock-2-1-abc')).toEqual(newer);
  });

  it('sweeps up a form that nobody has written for a week', async () => {
    await store.save(STREAM, 'stock-0-1-abc', snapshot(500), []);
    await postgres.query("UPDATE cache.snapshots SET saved_at = now() - interval '8 days'");
    await store.save(STREAM, FORM, snapshot(600), []);
    expect(await store.newest(STREAM, 'stock-0-1-abc')).toBeUndefined();
    expect(await store.newest(STREAM, FORM)).toBeDefined();
  });

  it('forgets one that is wrong, and only that one', async () => {
    await store.save(STREAM, FORM, snapshot(500), []);
    await store.discard(STREAM, FORM, 400);
    expect(await store.newest(STREAM, FORM)).toBeDefined();
    await store.discard(STREAM, FORM, 500);
    expect(await store.newest(STREAM, FORM)).toBeUndefined();
    // An older one may come after it: the store was restored from a backup.
    await store.save(STREAM, FORM, snapshot(300), []);
    expect((await store.newest(STREAM, FORM))?.revision).toBe(300);
  });

  it('keeps parts once, by name', async () => {
    const parts = [
      { name: 'p1', text: 'one' },
      { name: 'p2', text: 'two' },
    ];
    await store.save(STREAM, FORM, snapshot(500), parts);
    await store.save(STREAM, FORM, snapshot(600), parts);
    expect(await store.part(STREAM, 'p2')).toEqual(parts[1]);
    expect(await store.part(STREAM, 'p3')).toBeUndefined();
  });

  it('finds nothing and keeps nothing where nobody has made the tables, without an error', async () => {
    const empty = await openPostgres({ url: await server.database(), logger });
    const bare = snapshotStore(empty, storeId);
    await bare.save(STREAM, FORM, snapshot(500), []);
    expect(await bare.newest(STREAM, FORM)).toBeUndefined();
    expect(await bare.part(STREAM, 'p')).toBeUndefined();
    expect(await bare.list(10)).toEqual([]);
    await bare.discard(STREAM, FORM, 500);
    await empty.close();
  });
});
