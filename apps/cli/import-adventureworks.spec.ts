import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { replayAdventureWorks } from '../../test/support/adventureworks-replay';
import { inv, type Ran } from '../../test/support/inv';
import { ScriptedApi, ScriptedStock } from '../../test/support/scripted-api';

const fixture = resolve(__dirname, '../../test/fixtures/import/adventureworks-small');
const replay = replayAdventureWorks(fixture);

describe('the AdventureWorks import', () => {
  let api: ScriptedApi;
  let stock: ScriptedStock;
  let reports: string;

  beforeEach(async () => {
    stock = new ScriptedStock();
    api = await ScriptedApi.start(stock.script);
    reports = mkdtempSync(join(tmpdir(), 'lotstream-import-'));
  });
  afterEach(async () => {
    await api.stop();
    rmSync(reports, { recursive: true });
  });

  const run = (...words: string[]): Promise<Ran> =>
    inv('import-adventureworks', fixture, '--url', api.url, '--report-dir', reports, ...words);
  const linesOf = (name: string): string[][] =>
    readFileSync(join(reports, `${name}.csv.report.csv`), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));

  it('leaves every level as the independent replay has it', async () => {
    const { code, out, err } = await run('--concurrency', '8');
    expect([code, err]).toEqual([0, '']);
    expect(stock.levels).toEqual(replay.levels);
    expect(out).toContain(
      `${replay.units.toLocaleString('en-US')} units on hand, ${replay.refused.size} rows refused`,
    );
    expect(out).toContain('6 items at 4 locations');
    // The totals are read from tables that have seen the last of the rows.
    expect(api.requests.at(-1)?.query.get('after')).toBe(stock.newestPosition);
  });

  it('reports each refused sale by row, and tells what it skipped', async () => {
    const { out } = await run();
    const keys = [...linesOf('TransactionHistoryArchive'), ...linesOf('TransactionHistory')];
    expect(keys.map(([, code]) => code)).toEqual(keys.map(() => 'INSUFFICIENT_STOCK'));
    expect(keys.map(([, , , key]) => key?.split(':').at(-1))).toEqual([...replay.refused]);
    expect(out).toMatch(/skipped +2 {2}nothing to receive/);
  });

  it('carries dates, purposes, costs and references over', async () => {
    await run();
    expect(stock.items.get('KE-2000-W')).toEqual({
      sku: 'KE-2000-W',
      name: 'Whistling Kettle, 2 l',
      unit: 'each',
      reorderThreshold: '30',
      category: 'Kettles',
      attributes: {
        color: 'White',
        size: '2',
        sizeUnit: 'L',
        weight: '0.90',
        weightUnit: 'KG',
        line: 'H',
        class: 'H',
        style: 'U',
        safetyStock: '40',
      },
    });
    expect(stock.locations.get('20')).toEqual({
      code: '20',
      name: 'Riveting',
      kind: 'WORK_CENTER',
    });
    const byReference = (reference: string) =>
      stock.movements.find((movement) => movement.reference === reference);
    expect(stock.movements[0]).toEqual({
      type: 'receive',
      purpose: 'OPENING',
      reason: 'opening stock',
      effectiveAt: '2011-04-15T00:00:00Z',
      sku: 'KE-2000-W',
      location: '7',
      quantity: '6',
    });
    expect(byReference('W-800/0')).toEqual({
      type: 'receive',
      purpose: 'PRODUCTION',
      sku: 'KE-2000-W',
      location: '7',
      quantity: '14',
      effectiveAt: '2011-05-29T00:00:00Z',
      reference: 'W-800/0',
    });
    expect(byReference('P-194/1')).toMatchObject({ purpose: 'PURCHASE', unitCost: '1.1500' });
    expect(byReference('S-5101/1')).toEqual({
      type: 'issue',
      purpose: 'SALE',
      sku: 'SP-0120-A',
      location: '7',
      quantity: '3',
      effectiveAt: expect.any(String) as string,
      reference: 'S-5101/1',
    });
  });

  it('changes nothing the second time', async () => {
    await run();
    const [levels, movements] = [new Map(stock.levels), stock.movements.length];
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(stock.levels).toEqual(levels);
    expect(stock.movements).toHaveLength(movements);
    expect(out).not.toMatch(/^ {2}applied {2}/m);
    expect(out).toContain('refused in an earlier run');
  });

  it('decides the last refused sales of the first file as they were, although the second brought stock', async () => {
    await run();
    const lists = api.requests.flatMap(
      ({ body }) => (body.movements ?? []) as { source: string }[],
    );
    const sources = new Set(lists.map(({ source }) => source));
    const history = [...sources].map(String).filter((source) => source.endsWith(';35'));
    const [id] = history[0]!.split(';');
    expect(sources).toContain(`${id};1`);
    expect(sources).toContain(`${id};62`);
  });

  it('a dry run changes nothing', async () => {
    const { code } = await run('--dry-run');
    expect(code).toBe(1);
    expect(stock.levels.size).toBe(0);
    expect(
      api.requests.every(
        ({ method, query }) => method === 'POST' && query.get('dryRun') === 'true',
      ),
    ).toBe(true);
  });

  it('goes on where it was stopped', async () => {
    let left = 30;
    api.script = (request) => ((left -= 1) < 0 ? 'hang up' : stock.script(request));
    const stopped = await run('--patience', '0', '--concurrency', '8');
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain('goes on where it stopped');
    api.script = stock.script;
    const { code } = await run();
    expect(code).toBe(0);
    expect(stock.levels).toEqual(replay.levels);
  });

  it('survives answers that get lost', async () => {
    let n = 0;
    api.script = (request) => {
      const answer = stock.script(request);
      return (n += 1) % 5 === 0 ? 'hang up' : answer;
    };
    const { code } = await run();
    expect(code).toBe(0);
    expect(stock.levels).toEqual(replay.levels);
  });

  it('names the files that are not there', async () => {
    const { code, err } = await inv('import-adventureworks', reports, '--url', api.url);
    expect(code).toBe(2);
    expect(err).toContain('lacks Product.csv, Location.csv');
    expect(api.requests).toEqual([]);
  });
});
