import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayAdventureWorks } from '../support/adventureworks-replay';
import { Api, type Answer } from '../support/http';
import { System } from '../support/system';

const root = join(__dirname, '../..');
/** The whole data set, where the machine has it: the folder with Product.csv and its neighbours. */
const whole = process.env.ADVENTUREWORKS;

interface Ended {
  readonly code: number;
  readonly output: string;
}

async function inv(url: string, cwd: string, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'bin/inv.mjs'), ...args], {
    cwd,
    env: { ...process.env, LOTSTREAM_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

async function all(api: Api, path: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  let cursor: string | null | undefined;
  do {
    const sign = path.includes('?') ? '&' : '?';
    const more = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page: Answer = await api.get(`${path}${sign}limit=500${more}`);
    rows.push(...page.body.items!);
    cursor = page.body.nextCursor;
  } while (cursor);
  return rows;
}

/** The position of the newest event that the tables show. */
const head = async (api: Api): Promise<unknown> =>
  (await api.get('/api/v1/audit-logs?limit=1')).body.items?.[0]?.position;

async function levelsOf(api: Api): Promise<Map<string, number>> {
  const rows = await all(api, '/api/v1/stock-levels');
  return new Map(
    rows.map(({ sku, location, onHand }) => [
      `${sku as string}@${location as string}`,
      onHand as number,
    ]),
  );
}

describe('importing', () => {
  let system: System;
  let api: Api;
  let folder: string;

  beforeEach(async () => {
    system = await System.start();
    api = new Api(system.url);
    folder = mkdtempSync(join(tmpdir(), 'lotstream-import-'));
  });
  afterEach(async () => {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function importTwice(data: string): Promise<void> {
    const replay = replayAdventureWorks(data);
    const first = await inv(system.url, folder, 'import-adventureworks', data);
    expect([first.code, first.code === 0 ? '' : first.output]).toEqual([0, '']);
    const levels = await levelsOf(api);
    expect(levels).toEqual(new Map([...replay.levels].filter(([place]) => levels.has(place))));
    expect(
      [...replay.levels].filter(([place, units]) => units !== 0 && !levels.has(place)),
    ).toEqual([]);
    const { body } = await api.get('/api/v1/stats');
    expect((body.units as { onHand: number }[])[0]!.onHand).toBe(replay.units);
    const reports = readdirSync(folder).filter((name) => name.endsWith('.report.csv'));
    const refused = reports.flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => line.includes('INSUFFICIENT_STOCK')),
    );
    expect(refused).toHaveLength(replay.refused.size);

    const before = await head(api);
    const second = await inv(system.url, folder, 'import-adventureworks', data);
    expect([second.code, second.code === 0 ? '' : second.output]).toEqual([0, '']);
    expect(await head(api)).toEqual(before);
    expect(await levelsOf(api)).toEqual(levels);
  }

  it('a small history gives the levels of a plain replay, and a second run changes nothing', async () => {
    await importTwice(join(root, 'test/fixtures/import/adventureworks-small'));
  });

  const withWhole = whole && existsSync(join(whole, 'Product.csv')) ? it : it.skip;
  withWhole(
    'the whole AdventureWorks history (set ADVENTUREWORKS to its folder to run this)',
    async () => {
      await importTwice(whole!);
      const { body } = await api.get('/api/v1/stats');
      expect((body.units as { onHand: number }[])[0]!.onHand).toBe(6_938_013);
    },
    900_000,
  );

  it('reports broken rows by number, skips them and applies the others', async () => {
    await api.post('/api/v1/items', { sku: 'CSV-1', name: 'One' });
    const file = join(folder, 'movements.csv');
    writeFileSync(
      file,
      [
        'id,kind,sku,pieces',
        '1,S,CSV-1,1', // short: nothing is there yet
        '2,P,CSV-1,10',
        '3,P,CSV-1,ten', // no number
        '4,P,CSV-1', // a cell is missing
        '5,X,CSV-1,1', // no such kind
        '6,P,"CSV-1,1', // a quote that never ends
        '7,S,CSV-1,4',
        '8,P,NOBODY,1', // no such item
        '',
      ].join('\n'),
    );
    const mapping = join(folder, 'mapping.json');
    writeFileSync(
      mapping,
      JSON.stringify({
        columns: { type: 'kind', sku: 'sku', quantity: 'pieces' },
        values: { type: { P: 'receive', S: 'issue' } },
        key: ['id'],
      }),
    );
    const dry = await inv(
      system.url,
      folder,
      'import',
      'movements',
      file,
      '--map',
      mapping,
      '--dry-run',
    );
    expect(dry.output).toContain('INSUFFICIENT_STOCK');
    expect((await levelsOf(api)).size).toBe(0);

    const ended = await inv(system.url, folder, 'import', 'movements', file, '--map', mapping);
    expect(ended.code).toBe(1);
    const report = readFileSync(join(folder, 'movements.csv.report.csv'), 'utf8');
    const rows = report.trim().split('\n').slice(1);
    expect(rows.map((row) => row.split(',').slice(0, 2).join(' ')).sort()).toEqual([
      '1 INSUFFICIENT_STOCK',
      expect.stringMatching(/^3 /),
      expect.stringMatching(/^4 /),
      expect.stringMatching(/^5 /),
      expect.stringMatching(/^6 /),
      '8 ITEM_NOT_FOUND',
    ]);
    expect(await levelsOf(api)).toEqual(new Map([['CSV-1@MAIN', 6]]));
    await importThresholds();
    await takeAnImportBack();
  });

  const jsonIn = (output: string): Record<string, unknown> =>
    JSON.parse(/^\{.*\}$/m.exec(output)?.[0] ?? '{}') as Record<string, unknown>;

  /** What an import has brought, some of which has been sold since; in the start of the test above. */
  async function takeAnImportBack(): Promise<void> {
    for (const sku of ['BACK-1', 'BACK-2']) await api.post('/api/v1/items', { sku });
    const file = join(folder, 'back.csv');
    const rows = ['receive,BACK-1,10', 'receive,BACK-1,5', 'receive,BACK-2,8', 'issue,BACK-2,3'];
    writeFileSync(file, ['type,sku,quantity', ...rows, ''].join('\n'));
    const imported = await inv(system.url, folder, 'import', 'movements', file, '--json');
    const id = jsonIn(imported.output).correlationId as string;
    expect([imported.code, id]).toEqual([0, expect.stringMatching(/^[0-9a-f]{16}$/)]);
    const sold = { sku: 'BACK-1', quantity: 12 };
    expect((await api.post('/api/v1/inventory/issue', sold)).status).toBe(201);
    const levels = async () => {
      const all = await levelsOf(api);
      return [all.get('BACK-1@MAIN'), all.get('BACK-2@MAIN')];
    };
    const reverse = (...more: string[]) =>
      inv(
        ...[system.url, folder, 'stock', 'reverse', '--correlation-id', id],
        ...['--reason-code', 'did_not_occur', '--reason', 'of another shop', '--json', ...more],
      );

    const tried = await reverse('--dry-run');
    // Alone, the receipt of BACK-2 has nothing of the sale to fall back on.
    expect(jsonIn(tried.output)).toMatchObject({
      ...{ movements: 4, reversed: 1, alreadyReversed: 0, conflicts: { REVERSAL_CONFLICT: 3 } },
    });
    const first = await reverse();
    expect(jsonIn(first.output)).toMatchObject({
      ...{ movements: 4, reversed: 2, alreadyReversed: 0, conflicts: { REVERSAL_CONFLICT: 2 } },
    });
    expect(first.code).toBe(1);
    expect(await levels()).toEqual([3, 0]);
    const report = readFileSync(join(folder, `reversal-${id}.report.csv`), 'utf8').split('\n');
    expect(report.slice(1, -1).map((line) => line.split(',').slice(1, 8))).toEqual([
      ['RECEIVE', 'BACK-1', 'MAIN', '', '5', 'each', 'REVERSAL_CONFLICT'],
      ['RECEIVE', 'BACK-1', 'MAIN', '', '10', 'each', 'REVERSAL_CONFLICT'],
    ]);

    const before = await head(api);
    const second = await reverse();
    expect(jsonIn(second.output)).toMatchObject({
      ...{ movements: 4, reversed: 0, alreadyReversed: 2, conflicts: { REVERSAL_CONFLICT: 2 } },
    });
    expect(await head(api)).toEqual(before);

    // What was sold comes back, and the rest goes, under the import's own id: reversals are none of its movements.
    await api.post('/api/v1/inventory/receive', sold);
    const wanted = { correlationId: id, error: 'did_not_occur', reason: 'of another shop' };
    const path = '/api/v1/inventory/reverse-correlation';
    const rest = await api.post(path, wanted, { 'x-correlation-id': id });
    expect(rest.body).toMatchObject({ alreadyReversed: 2, conflicts: [], remaining: 0 });
    const { body } = await api.post(path, wanted);
    expect(body).toMatchObject({ reversed: [], alreadyReversed: 4, conflicts: [] });
    await api.after(rest.body.position, '/api/v1/stock-levels');
    expect(await levels()).toEqual([0, 0]);
  }

  /** A list of thresholds for 300 items, by the names of its columns; in the start of the test above. */
  async function importThresholds(): Promise<void> {
    const items = join(folder, 'items.csv');
    const skus = Array.from({ length: 300 }, (_, i) => `LEVEL-${i}`);
    writeFileSync(items, ['sku,reorderThreshold', ...skus.map((sku) => `${sku},7`), ''].join('\n'));
    expect((await inv(system.url, folder, 'import', 'items', items)).code).toBe(0);
    const file = join(folder, 'levels.csv');
    const rows = skus.flatMap((sku, i) => [`${sku},,2,${i + 2},`, `${sku},MAIN,,none,${i}`]);
    rows.push('LEVEL-0,MAIN,5,4,', 'NOBODY,,1,,', 'LEVEL-1,,,,', 'LEVEL-1,,x,,');
    writeFileSync(
      file,
      ['sku,location,safetyStock,reorderThreshold,maximum', ...rows, ''].join('\n'),
    );
    const run = () => inv(system.url, folder, 'import', 'thresholds', file);
    const first = await run();
    expect([first.code, first.output]).toEqual([1, expect.stringMatching(/applied +600\b/)]);
    const report = readFileSync(join(folder, 'levels.csv.report.csv'), 'utf8');
    expect(
      report
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',').slice(0, 2)),
    ).toEqual([
      ['601', 'THRESHOLDS_OUT_OF_ORDER'],
      ['602', 'ITEM_NOT_FOUND'],
      ['604', 'ROW_BROKEN'],
    ]);
    const { body } = await api.get('/api/v1/items/LEVEL-299');
    expect(body).toMatchObject({
      safetyStock: 2,
      reorderThreshold: 301,
      maximum: null,
      thresholds: [{ location: 'MAIN', safetyStock: null, reorderThreshold: null, maximum: 299 }],
    });
    const before = await head(api);
    expect((await run()).output).toMatch(/applied earlier +600/);
    expect(await head(api)).toEqual(before);
  }
});
