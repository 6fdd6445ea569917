import { openPostgres, type Postgres } from '../../../libs/postgres';
import { logger, TestServer } from '../projections/database';

let server: TestServer;
let postgres: Postgres;

beforeAll(async () => {
  server = await TestServer.start();
  const url = await server.database();
  postgres = await openPostgres({ url, logger, connections: 1 });
});
afterAll(async () => {
  await postgres.close();
  await server.stop();
});

const prepared = async (sql: string): Promise<number> => {
  const rows = await postgres.query<{ statement: string }>(
    'SELECT statement FROM pg_prepared_statements',
  );
  return rows.filter(({ statement }) => statement === sql).length;
};

describe('statements that are asked again', () => {
  it('are parsed once, and answered as before', async () => {
    const sql = 'SELECT $1::int + 1 AS next';
    expect(await postgres.query(sql, [1])).toEqual([{ next: 2 }]);
    expect(await prepared(sql)).toBe(0);
    for (const n of [2, 3, 4]) expect(await postgres.query(sql, [n])).toEqual([{ next: n + 1 }]);
    expect(await prepared(sql)).toBe(1);
  });

  it('do not fill the memory of a connection, however many they are', async () => {
    for (let n = 0; n < 100; n += 1) {
      for (const _again of [1, 2]) await postgres.query(`SELECT ${n} AS n`);
    }
    const [held] = await postgres.query<{ n: number }>(
      'SELECT count(*) AS n FROM pg_prepared_statements',
    );
    expect(held?.n).toBeLessThanOrEqual(64);
  });
});

describe('a view that has another column since', () => {
  const ask = (): Promise<object[]> => postgres.query('SELECT figure FROM shown');
  const show = async (figure: string): Promise<void> => {
    await postgres.query('DROP VIEW IF EXISTS shown');
    await postgres.query(`CREATE VIEW shown AS SELECT ${figure} AS figure`);
  };

  it('is read as it is now', async () => {
    await postgres.close();
    postgres = await openPostgres({ url: await server.database(), logger, connections: 1 });
    await show('1');
    for (const _again of [1, 2, 3]) expect(await ask()).toEqual([{ figure: 1 }]);
    await show("'one'::text");
    expect(await ask()).toEqual([{ figure: 'one' }]);
    for (const _again of [1, 2, 3]) expect(await ask()).toEqual([{ figure: 'one' }]);
  });

  it('is refused where it is gone, and read when it is back', async () => {
    await show('1');
    for (const _again of [1, 2, 3]) await ask();
    await postgres.query('DROP VIEW shown');
    await expect(ask()).rejects.toMatchObject({ code: '42P01' });
    await show('2');
    expect(await ask()).toEqual([{ figure: 2 }]);
  });
});

describe('instants', () => {
  it.each([
    ['2026-11-21 12:00:00+00', '2026-11-21T12:00:00.000Z'],
    ['2026-11-21 12:00:00.5+00', '2026-11-21T12:00:00.500Z'],
    ['2026-11-21 12:00:00.123999+00', '2026-11-21T12:00:00.123Z'],
    ['2026-11-21 12:00:00.000001+02', '2026-11-21T10:00:00.000Z'],
    ['0044-03-15 12:00:00+00', '0044-03-15T12:00:00.000Z'],
  ])('%s is read as %s', async (stored, told) => {
    const [row] = await postgres.query('SELECT $1::timestamptz AS at', [stored]);
    expect(row).toEqual({ at: told });
  });
});
