import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inv, wordsOf } from '../../test/support/inv';
import { problem, ScriptedApi, ScriptedStock } from '../../test/support/scripted-api';

describe('inv', () => {
  let api: ScriptedApi;
  beforeEach(async () => {
    api = await ScriptedApi.start(() => ({
      status: 201,
      body: { revision: 0, position: 'abc-1' },
    }));
    process.env.LOTSTREAM_URL = api.url;
  });
  afterEach(async () => {
    delete process.env.LOTSTREAM_URL;
    await api.stop();
  });

  it.each<[string, string, string, object]>([
    [
      'item add --sku WIDGET-001 --name "Standard Widget" --unit each --reorder-threshold 10',
      'POST',
      '/api/v1/items',
      { sku: 'WIDGET-001', name: 'Standard Widget', unit: 'each', reorderThreshold: '10' },
    ],
    [
      'item add --sku A --decimals 3 --category C --description D --attribute color=red --attribute note=a=b ' +
        '--alias B --alias C --barcode 400 --tracking lot --qc-required --allocation-policy FEFO --location-threshold SHOP=2',
      'POST',
      '/api/v1/items',
      {
        sku: 'A',
        decimals: 3,
        category: 'C',
        description: 'D',
        attributes: { color: 'red', note: 'a=b' },
        aliases: ['B', 'C'],
        barcodes: ['400'],
        tracking: 'lot',
        qcRequired: true,
        allocationPolicy: 'FEFO',
        thresholds: [{ location: 'SHOP', reorderThreshold: '2' }],
      },
    ],
    [
      'item update --sku A --pack box=12 --pack lb=45359237/100000000 --count-variance-limit 0.5 --safety-stock 1 ' +
        '--maximum none --location-maximum SHOP=9 --location-safety-stock SHOP=none --location-maximum A=b=3 ' +
        '--location-threshold SHOP=5',
      'PATCH',
      '/api/v1/items/A',
      {
        units: [
          { unit: 'box', numerator: 12, denominator: 1 },
          { unit: 'lb', numerator: 45_359_237, denominator: 100_000_000 },
        ],
        countVarianceLimit: '0.5',
        safetyStock: '1',
        maximum: null,
        thresholds: [
          { location: 'SHOP', safetyStock: null, reorderThreshold: '5', maximum: '9' },
          { location: 'A', maximum: 'b=3' },
        ],
      },
    ],
    [
      'item update --sku A --no-packs --count-variance-limit none',
      'PATCH',
      '/api/v1/items/A',
      { units: [], countVarianceLimit: null },
    ],
    [
      'item update --sku "A / 1" --reorder-threshold none --category "" --no-qc-required --reason why',
      'PATCH',
      '/api/v1/items/A%20%2F%201',
      { reorderThreshold: null, category: null, qcRequired: false, reason: 'why' },
    ],
    [
      'period close --through 2026-02-28 --reason reported',
      'POST',
      '/api/v1/periods/close',
      { through: '2026-02-28', reason: 'reported' },
    ],
    [
      'period reopen --from 2026-02-01 --reason "a delivery was forgotten"',
      'POST',
      '/api/v1/periods/reopen',
      { from: '2026-02-01', reason: 'a delivery was forgotten' },
    ],
    [
      'item deactivate --sku A --reason old',
      'POST',
      '/api/v1/items/A/deactivate',
      { reason: 'old' },
    ],
    ['item reactivate --sku A', 'POST', '/api/v1/items/A/reactivate', {}],
    [
      'location add --code SHOP-1 --name Shop --kind STORE --parent MAIN --time-zone Europe/Vienna',
      'POST',
      '/api/v1/locations',
      { code: 'SHOP-1', name: 'Shop', kind: 'STORE', parent: 'MAIN', timeZone: 'Europe/Vienna' },
    ],
    [
      'location update --code SHOP-1 --parent ""',
      'PATCH',
      '/api/v1/locations/SHOP-1',
      { parent: null },
    ],
    [
      'lot approve --sku A --lot L/7 --reason fine --inspector i-7',
      'PUT',
      '/api/v1/lots/qc-status',
      { sku: 'A', lotCode: 'L/7', status: 'APPROVED', reason: 'fine', inspector: 'i-7' },
    ],
    ...(
      [
        ['reject', 'REJECTED'],
        ['quarantine', 'QUARANTINE'],
        ['recall', 'RECALLED'],
      ] as const
    ).map(([word, status]): [string, string, string, object] => [
      `lot ${word} --sku A --lot L --reason why`,
      'PUT',
      '/api/v1/lots/qc-status',
      { sku: 'A', lotCode: 'L', status, reason: 'why' },
    ]),
    [
      'lot expiry --sku a.b --lot L/7 --expires-on 2027-06-30 --reason misread',
      'PATCH',
      '/api/v1/lots/a%252Eb.L%252F7',
      { expiresOn: '2027-06-30', reason: 'misread' },
    ],
    [
      'lot expiry --sku A --lot L --expires-on "" --reason misread',
      'PATCH',
      '/api/v1/lots/A.L',
      { expiresOn: null, reason: 'misread' },
    ],
    ['location deactivate --code SHOP-1', 'POST', '/api/v1/locations/SHOP-1/deactivate', {}],
    [
      'stock receive --sku A --quantity 50 --reason "Initial stock"',
      'POST',
      '/api/v1/inventory/receive',
      { sku: 'A', quantity: '50', reason: 'Initial stock' },
    ],
    [
      'stock receive --sku A --quantity 1.5 --location L --lot X --expires-on 2030-01-31 --unit-cost 2.50 --currency EUR ' +
        '--purpose PURCHASE --reference PO-1 --effective-at 2026-01-01T00:00:00Z --qc-required ' +
        '--supplier-lot S-9 --manufactured-on 2025-12-01 --parent-lot P.1 --parent-lot P.2',
      'POST',
      '/api/v1/inventory/receive',
      {
        sku: 'A',
        quantity: '1.5',
        location: 'L',
        lotCode: 'X',
        expiresOn: '2030-01-31',
        unitCost: '2.50',
        currency: 'EUR',
        purpose: 'PURCHASE',
        reference: 'PO-1',
        effectiveAt: '2026-01-01T00:00:00Z',
        qcRequired: true,
        supplierLot: 'S-9',
        manufacturedOn: '2025-12-01',
        parentLots: ['P.1', 'P.2'],
      },
    ],
    [
      'stock issue --sku A --quantity 3 --purpose SALE',
      'POST',
      '/api/v1/inventory/issue',
      { sku: 'A', quantity: '3', purpose: 'SALE' },
    ],
    [
      'stock transfer --sku A --quantity 3 --to SHOP',
      'POST',
      '/api/v1/inventory/transfer',
      { sku: 'A', quantity: '3', to: 'SHOP' },
    ],
    [
      'stock transfer --sku A --quantity 3 --unit box --from L --to SHOP --lot X --immediate --reference TO-1',
      'POST',
      '/api/v1/inventory/transfer',
      {
        sku: 'A',
        quantity: '3',
        unit: 'box',
        from: 'L',
        to: 'SHOP',
        lotCode: 'X',
        immediate: true,
        reference: 'TO-1',
      },
    ],
    [
      'transfer receive --id A@L.T3 --quantity 2 --missing 1 --unit box --lot X --reason crushed',
      'POST',
      '/api/v1/transfers/A%40L.T3/receive',
      { quantity: '2', missing: '1', unit: 'box', lotCode: 'X', reason: 'crushed' },
    ],
    ['transfer receive --id A@L.T3', 'POST', '/api/v1/transfers/A%40L.T3/receive', {}],
    [
      'transfer cancel --id A@L.T3 --reason late',
      'POST',
      '/api/v1/transfers/A%40L.T3/cancel',
      { reason: 'late' },
    ],
    [
      'stock adjust --sku A --quantity -2 --reason spill',
      'POST',
      '/api/v1/inventory/adjust',
      { sku: 'A', quantity: '-2', reason: 'spill' },
    ],
  ])('%s', async (line, method, path, body) => {
    const ran = await inv(...wordsOf(line));
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(api.requests).toHaveLength(1);
    // A SKU with a slash stays one part of the path.
    const sent = api.requests[0]!;
    expect([sent.method, sent.path, sent.body]).toEqual([method, path, body]);
  });

  it('passes key, actor and dry run on', async () => {
    await inv(
      ...wordsOf('stock issue --sku A --quantity 1 --idempotency-key k-1 --actor u-7 --dry-run'),
    );
    const { headers, query } = api.requests[0]!;
    expect([headers['idempotency-key'], headers['x-actor'], query.get('dryRun')]).toEqual([
      'k-1',
      'u-7',
      'true',
    ]);
  });

  it.each<[string, string, Record<string, string>]>([
    [
      'item list --query wid --category C --active --barcode 1 --alias x',
      '/api/v1/items',
      { q: 'wid', category: 'C', active: 'true', barcode: '1', alias: 'x' },
    ],
    ['item list --inactive', '/api/v1/items', { active: 'false' }],
    ['location list --kind STORE', '/api/v1/locations', { kind: 'STORE' }],
    ['period list', '/api/v1/periods', {}],
    [
      'report restatements --through 2026-02-28 --sku A --location MAIN',
      '/api/v1/reports/restatements',
      { through: '2026-02-28', sku: 'A', location: 'MAIN' },
    ],
    [
      'lot list --sku A --lot X --location L --status QUARANTINE --expires-before 2027-01-01 --in-stock',
      '/api/v1/lots',
      {
        sku: 'A',
        lotCode: 'X',
        location: 'L',
        qcStatus: 'QUARANTINE',
        expiresBefore: '2027-01-01',
        inStock: 'true',
      },
    ],
    [
      'stock level --sku A --location L --lot X',
      '/api/v1/stock-levels',
      { sku: 'A', location: 'L', lotCode: 'X' },
    ],
    [
      'stock history --type sale --sku A --from 2026-01-01T00:00:00Z',
      '/api/v1/stock-movements',
      { type: 'ISSUE', purpose: 'SALE', sku: 'A', from: '2026-01-01T00:00:00Z' },
    ],
    ['stock history --type adjust', '/api/v1/stock-movements', { type: 'ADJUST' }],
    ['report inventory --location L', '/api/v1/reports/inventory', { location: 'L' }],
    [
      'report low-stock --category C --state ABOVE_MAXIMUM',
      '/api/v1/reports/low-stock',
      { category: 'C', state: 'ABOVE_MAXIMUM' },
    ],
    [
      'item threshold-history --sku A/1 --location SHOP --kind MAXIMUM',
      '/api/v1/items/A%2F1/threshold-history',
      { location: 'SHOP', kind: 'MAXIMUM' },
    ],
    [
      'report in-transit --sku A --from L --to SHOP --lot X',
      '/api/v1/reports/in-transit',
      { sku: 'A', from: 'L', to: 'SHOP', lotCode: 'X' },
    ],
    [
      'transfer list --sku A --from L --to SHOP --status DISPATCHED',
      '/api/v1/transfers',
      { sku: 'A', from: 'L', to: 'SHOP', status: 'DISPATCHED' },
    ],
    [
      'report in-transit --sku A --from L --to SHOP --lot X',
      '/api/v1/reports/in-transit',
      { sku: 'A', from: 'L', to: 'SHOP', lotCode: 'X' },
    ],
    [
      'transfer list --sku A --from L --to SHOP --status DISPATCHED',
      '/api/v1/transfers',
      { sku: 'A', from: 'L', to: 'SHOP', status: 'DISPATCHED' },
    ],
    [
      'audit --by u-7 --type StockReceived --stream s --command-id c',
      '/api/v1/audit-logs',
      { actor: 'u-7', type: 'StockReceived', stream: 's', commandId: 'c' },
    ],
  ])('%s', async (line, path, query) => {
    api.script = () => ({ status: 200, body: { items: [], nextCursor: null } });
    const ran = await inv(...wordsOf(line));
    expect([ran.code, ran.out]).toEqual([0, 'nothing found\n']);
    const sent = api.requests[0]!;
    expect([sent.path, Object.fromEntries(sent.query)]).toEqual([path, { ...query, limit: '50' }]);
  });

  describe('shows', () => {
    const page = (from: number, to: number, nextCursor: string | null) => ({
      status: 200,
      body: {
        items: Array.from({ length: to - from }, (_, i) => ({
          sku: `A-${from + i}`,
          name: 'x',
          reorderThreshold: from + i,
          active: true,
        })),
        nextCursor,
      },
    });

    it('a table, numbers to the right, and says that there is more', async () => {
      api.script = () => page(9, 11, 'next');
      const { out, err } = await inv('item', 'list', '--limit', '2');
      expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
        'sku   name  unit  category  reorder threshold  active',
        '----  ----  ----  --------  -----------------  ------',
        'A-9   x                                     9  true',
        'A-10  x                                    10  true',
        '',
      ]);
      expect(err).toContain('--all');
    });

    it('every page when asked for all', async () => {
      api.script = ({ query }) =>
        query.get('cursor') === 'c1' ? page(500, 600, null) : page(0, 500, 'c1');
      const { out, err } = await inv('item', 'list', '--all', '--json');
      expect((JSON.parse(out) as { items: object[] }).items).toHaveLength(600);
      expect(err).toBe('');
    });

    it('what is on hand, in all and per location', async () => {
      api.script = () => ({
        status: 200,
        body: {
          sku: 'A',
          onHand: 7,
          reserved: 0,
          available: 7,
          unit: 'kg',
          locations: [{ location: 'MAIN', onHand: 7, reserved: 0, available: 7, unit: 'kg' }],
        },
      });
      const { out } = await inv('stock', 'on-hand', '--sku', 'A');
      expect(api.requests[0]?.path).toBe('/api/v1/inventory/summary/A');
      expect(out).toMatch(/^MAIN +7 +0 +7 {2}kg$/m);
      expect(out).toMatch(/^all +7 +0 +7 {2}kg$/m);
    });

    it('a transfer with its lots', async () => {
      const lines = [{ lotCode: 'X', quantity: 3, received: 2 }];
      api.script = () => ({
        status: 200,
        body: { transferId: 'A@L.T3', status: 'RECEIVED', lines },
      });
      const { out } = await inv('transfer', 'show', '--id', 'A@L.T3');
      expect(api.requests[0]?.path).toBe('/api/v1/transfers/A%40L.T3');
      expect(out).toMatch(/^status +RECEIVED$/m);
      expect(out).toMatch(/^ {2}lotCode X, quantity 3, received 2$/m);
    });

    it('a lot, where it is and what was said of it', async () => {
      const locations = [{ location: 'MAIN', onHand: 7, isUpToDate: false }];
      const history = [{ revision: 1, type: 'LotRejected', reason: 'dents', inspector: null }];
      const body = { lotId: 'A.L%2F7', qcStatus: 'REJECTED', locations, history };
      api.script = () => ({ status: 200, body });
      const { out } = await inv('lot', 'show', '--sku', 'A', '--lot', 'L/7');
      expect(api.requests[0]?.path).toBe('/api/v1/lots/A.L%252F7');
      expect(out).toMatch(/^qcStatus +REJECTED$/m);
      expect(out).toMatch(/^ {2}location MAIN, onHand 7, isUpToDate false$/m);
      expect(out).toMatch(/^ {2}revision 1, type LotRejected, reason dents$/m);
    });

    it('no control characters that a name brought along', async () => {
      api.script = () => ({ status: 200, body: { sku: 'A', name: 'red\u001b[31m' } });
      expect((await inv('item', 'show', '--sku', 'A')).out).not.toContain('\u001b');
    });
  });

  it.each<[string, number, RegExp]>([
    ['stock issue --sku A', 2, /required option '--quantity/],
    ['stock issue --sku A --quantity 1 --colour red', 2, /unknown option '--colour'/],
    ['stock transfer --sku A --quantity 1', 2, /required option '--to/],
    ['transfer receive --quantity 1', 2, /required option '--id/],
    ['transfer list --status LOST', 2, /Allowed choices are DISPATCHED/],
    ['stock', 2, /Usage: inv stock/],
    ['nothing', 2, /unknown command 'nothing'/],
    ['item add --sku A --decimals 9', 2, /whole number from 0 to 6/],
    ['item add --sku A --pack box', 2, /it looks like box=12/],
    ['item add --sku A --pack box=0', 2, /the factor looks like 12 or 1\/1000/],
    ['item add --sku A --pack box=1.5', 2, /the factor looks like 12 or 1\/1000/],
    ['item add --sku A --location-maximum 5', 2, /it looks like SHOP-1=5/],
    ['report low-stock --state LOW', 2, /Allowed choices are OUT_OF_STOCK, /],
    ['item add --sku A --attribute red', 2, /it looks like color=red/],
    ['lot approve --sku A --reason fine', 2, /required option '--lot/],
    ['lot expiry --sku A --lot L --reason misread', 2, /required option '--expires-on/],
    ['lot list --status RELEASED', 2, /Allowed choices are APPROVED, QUARANTINE/],
    ['item list --limit 0', 2, /whole number from 1 on/],
    ['location add --code A --kind SHIP', 2, /Allowed choices are WAREHOUSE/],
    ['item list --url nowhere', 2, /is no address of an api/],
    [
      'item list --url http://127.0.0.1:1',
      1,
      /no answer from http:\/\/127.0.0.1:1: nothing listens there/,
    ],
    [
      'import orders f.csv --map m',
      2,
      /Allowed choices are items, locations, movements, thresholds/,
    ],
    ['import items nowhere.csv', 2, /cannot read nowhere.csv: there is no such file/],
    [
      'import items f.csv --map nowhere.json',
      2,
      /cannot read the mapping nowhere.json: there is no such file/,
    ],
    ['import items f.csv --map m --concurrency 0', 2, /whole number from 1 to 1024/],
  ])('%s ends with %d', async (line, code, message) => {
    const ran = await inv(...wordsOf(line));
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toMatch(message);
    expect(api.requests).toEqual([]);
  });

  it.each(['--help', 'stock --help', 'stock issue --help', 'help stock'])(
    '%s ends with 0',
    async (line) => {
      expect((await inv(...wordsOf(line))).code).toBe(0);
    },
  );

  it('tells a refusal by its code, its detail and its fields', async () => {
    api.script = () => ({
      status: 400,
      body: {
        code: 'VALIDATION_FAILED',
        detail: 'not valid',
        errors: [{ field: 'sku', message: 'is too long' }],
      },
    });
    const { code, out, err } = await inv('item', 'add', '--sku', 'A');
    expect([code, out, err]).toEqual([1, '', 'VALIDATION_FAILED: not valid\n  sku is too long\n']);
  });

  it('knows what is no Lotstream', async () => {
    api.script = () => ({ status: 404, body: '<html>' });
    expect((await inv('item', 'list')).err).toContain('is that a Lotstream api?');
  });

  describe('import', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lotstream-import-'))));
    afterEach(() => rmSync(folder, { recursive: true }));
    const file = (name: string, content: string | object): string => {
      const path = join(folder, name);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    };
    const mapping = { columns: { type: 'type', sku: 'sku', quantity: 'n' } };
    const run = (rows: string, ...more: string[]) =>
      inv(
        'import',
        'movements',
        file('rows.csv', `type,sku,n\n${rows}`),
        '--map',
        file('map.json', mapping),
        '--report',
        join(folder, 'report.csv'),
        ...more,
      );
    const sent = () => api.requests.filter(({ method }) => method !== 'GET');
    const report = (): string[] =>
      readFileSync(join(folder, 'report.csv'), 'utf8').trim().split('\n').slice(1);

    beforeEach(() => {
      const stock = new ScriptedStock();
      stock.items.set('A', {});
      api.script = stock.script;
    });

    it('sends good rows and reports the others by number', async () => {
      const { code, out, err } = await run(
        'receive,A,5\nreceive,A,many\nreceive,A\nissue,A,"4\nissue,A,9\nissue,A,2\n',
      );
      expect(code).toBe(1);
      expect(out).toContain('rows.csv: 6 rows');
      expect(err).toContain('1 rows were refused and 3 are broken');
      expect(report().map((line) => line.split(',').slice(0, 2).join(' '))).toEqual([
        '2 ROW_BROKEN',
        '3 ROW_BROKEN',
        '4 ROW_BROKEN',
        '5 INSUFFICIENT_STOCK',
      ]);
      const rows = sent().flatMap(
        ({ body }) => (body.movements ?? [body]) as readonly { type: string; quantity: string }[],
      );
      expect(rows.map(({ type, quantity }) => [type, quantity])).toEqual([
        ['receive', '5'],
        ['issue', '9'],
        ['issue', '2'],
      ]);
    });

    it('ends when the tables show what it wrote', async () => {
      expect((await run('receive,A,5\nreceive,A,5\n')).err).not.toContain('tables');
      const last = api.requests.at(-1);
      expect([last?.path, last?.query.get('after')]).toEqual(['/api/v1/stats', 'abcdef01-14']);
    });

    it('tells that the tables are behind, and where to look', async () => {
      const { script } = api;
      api.script = (request) =>
        request.method === 'GET' ? problem(504, 'PROJECTION_BEHIND') : script(request);
      const { code, err } = await run('receive,A,5\n');
      expect([code, err]).toEqual([0, expect.stringContaining('inv projection list')]);
    });

    it.each<[string[], number]>([
      [[], 1],
      [['--allow-refused'], 0],
      [['--allow-refused', 'INSUFFICIENT_STOCK,ITEM_NOT_FOUND'], 0],
      [['--allow-refused', 'ITEM_NOT_FOUND'], 1],
    ])('with %j a refused row ends with %d', async (more, expected) => {
      expect((await run('receive,A,5\nissue,A,9\n', ...more)).code).toBe(expected);
    });

    it('with nothing but a broken row ends with 1, whatever may be refused', async () => {
      expect((await run('receive,A,many\n', '--allow-refused')).code).toBe(1);
    });

    it('ends in order when it is interrupted', async () => {
      const { script } = api;
      api.script = (request) => {
        if (api.requests.length === 2) process.emit('SIGINT');
        return script(request);
      };
      const { code, out, err } = await run('receive,A,5\n'.repeat(9), '--concurrency', '1');
      expect(code).toBe(1);
      expect(out).toMatch(/rows.csv: 2 rows .*\n {2}applied +2$/m);
      expect(err).toContain('run the same import again');
      expect(api.requests).toHaveLength(2);
    });

    it('tells totals as JSON', async () => {
      const { code, out } = await run('receive,A,5\n', '--json');
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ rows: 1, applied: 1, broken: 0, refused: {} });
    });

    const correlationIds = () => [
      ...new Set(sent().map(({ headers }) => headers['x-correlation-id'])),
    ];

    it('gives all rows one correlation id, and tells it', async () => {
      const rows = 'receive,A,5\nissue,A,2\nissue,A,9\n';
      const { out } = await run(rows);
      const [id, ...others] = correlationIds();
      expect([id, others]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), []]);
      expect(out).toContain(`  correlation id   ${String(id)}\n`);
      const again = await run(rows, '--json');
      expect(JSON.parse(again.out)).toMatchObject({ correlationId: id });
      expect(correlationIds()).toEqual([id]);
      await run('receive,A,6\n');
      expect(correlationIds()).toHaveLength(2);
    });

    it('takes the correlation id that it is given', async () => {
      const { out } = await run('receive,A,5\n', '--correlation-id', 'take over 1');
      expect([correlationIds(), out]).toEqual([
        ['take over 1'],
        expect.stringContaining('correlation id   take over 1'),
      ]);
    });

    it.each(['', ' x', 'ü', 'x'.repeat(201)])('takes no such correlation id: %j', async (id) => {
      const { code, err } = await run('receive,A,5\n', '--correlation-id', id);
      expect([code, api.requests]).toEqual([2, []]);
      expect(err).toContain('it is 1 to 200 visible ASCII characters');
    });

    it('sends nothing when a column is not there', async () => {
      const path = file('other.csv', 'type,sku\nreceive,A\n');
      const { code, err } = await inv(
        'import',
        'movements',
        path,
        '--map',
        file('map.json', mapping),
      );
      expect(code).toBe(2);
      expect(err).toContain('lacks "n", which the mapping map names; it has type, sku');
      expect(api.requests).toEqual([]);
    });

    it('makes other keys under another prefix', async () => {
      await run('receive,A,5\n');
      await run('receive,A,5\n', '--key-prefix', 'second delivery');
      const keys = sent().map(({ headers }) => headers['idempotency-key']);
      expect(new Set(keys).size).toBe(2);
    });

    it('takes columns for fields where there is no mapping', async () => {
      api.script = () => ({ status: 200, body: { revision: 1, position: 'abc-1' } });
      const rows = file(
        'levels.csv',
        'sku,location,safetyStock,reorderThreshold,maximum\nA,,1,5,none\nA,SHOP,,2,\nB,,,,\n',
      );
      const { code, out } = await inv(
        ...['import', 'thresholds', rows, '--report', join(folder, 'report.csv')],
      );
      expect(code).toBe(0);
      expect(out).toMatch(/applied +2\b[^]*skipped +1 {2}no threshold is given/);
      expect(sent().map(({ method, path, body }) => [method, path, body])).toEqual([
        ['PATCH', '/api/v1/items/A', { safetyStock: '1', reorderThreshold: '5', maximum: null }],
        ['PATCH', '/api/v1/items/A', { thresholds: [{ location: 'SHOP', reorderThreshold: '2' }] }],
      ]);
      const [one, other] = sent().map(({ headers }) => headers['x-source']);
      expect([one, other].map((source) => String(source).split(';')[1])).toEqual(['1', '2']);
    });

    it('sends nothing where a column is no field and there is no mapping', async () => {
      const rows = file('levels.csv', 'sku,minimum\nA,1\n');
      const { code, err } = await inv('import', 'thresholds', rows);
      expect([code, api.requests]).toEqual([2, []]);
      expect(err).toContain('"minimum" is no field of thresholds; there are sku, location');
    });

    it('looks things up beside the file, or where it is told', async () => {
      const lookups = { sku: { file: 'names.csv', key: 'id', value: 'name' } };
      const map = file('lookup.json', { ...mapping, lookups });
      const rows = file('rows.csv', 'type,sku,n\nreceive,17,5\n');
      file('names.csv', 'id,name\n17,A\n');
      const words = [
        'import',
        'movements',
        rows,
        '--map',
        map,
        '--report',
        join(folder, 'report.csv'),
      ];
      expect((await inv(...words)).code).toBe(0);
      expect(api.requests[0]?.body.sku).toBe('A');
      const { code, err } = await inv(...words, '--lookup-dir', tmpdir());
      expect([code, err]).toEqual([2, expect.stringContaining('there is no such file')]);
    });
  });
});
