import type { ImportKindName } from './fields';
import { checkMapping, type Mapping } from './mapping';
import { importIdOf, requireColumns, rowsToCommands, type PreparedRow } from './row-commands';

const columns = ['Id', 'Type', 'Product', 'Place', 'Quantity', 'Cost', 'Date', 'Note'];

function mappingOf(value: object, kind: ImportKindName = 'movements'): Mapping {
  const { mapping, problems } = checkMapping(value, kind, 'spec');
  if (!mapping) throw new Error(problems.join('; '));
  return mapping;
}

const movement = { columns: { type: 'Type', sku: 'Product', quantity: 'Quantity' } };

/** What a row with these cells becomes. */
function prepare(
  value: object,
  cells: Partial<Record<string, string>>,
  kind: ImportKindName = 'movements',
): PreparedRow {
  const byDefault: Record<string, string> = {
    Id: '9',
    Type: 'receive',
    Product: 'A-1',
    Quantity: '5',
  };
  const lookups = {
    sku: new Map([
      ['17', 'SKU-17'],
      ['18', ''],
    ]),
  };
  const context = { columns, lookups, importId: 'feed', keyPrefix: 'spec' };
  const toCommand = rowsToCommands(mappingOf(value, kind), context);
  return toCommand({
    row: 3,
    line: 4,
    cells: columns.map((name) => ({ ...byDefault, ...cells })[name] ?? ''),
  });
}

describe('a row', () => {
  it('becomes a command', () => {
    expect(prepare({ ...movement, constants: { location: 'SHOP' } }, {})).toEqual({
      kind: 'command',
      row: 3,
      stream: '["A-1","SHOP"]',
      asked: {
        method: 'POST',
        path: '/api/v1/stock-movements',
        body: { type: 'receive', sku: 'A-1', quantity: '5', location: 'SHOP' },
      },
      many: '/api/v1/batch-stock-movements',
      key: 'feed:3',
    });
  });

  const withColumn = (field: string, column: string, more: object = {}): object => ({
    columns: { ...movement.columns, [field]: column },
    ...more,
  });
  const lookup = { lookups: { sku: { file: 'p.csv', key: 'Id', value: 'Sku' } } };

  it.each<[string, object, Record<string, string>, object]>([
    ['cells without the blanks around them', movement, { Product: ' A-1 ' }, { sku: 'A-1' }],
    ['an empty cell is no field', withColumn('reference', 'Note'), {}, { reference: undefined }],
    [
      'a value map',
      { ...movement, values: { type: { S: 'issue' } } },
      { Type: 'S' },
      { type: 'issue' },
    ],
    ['a lookup', { ...movement, ...lookup }, { Product: '17' }, { sku: 'SKU-17' }],
    [
      'a template',
      { ...movement, templates: { reference: '{Type}/{Id}' } },
      {},
      { reference: 'receive/9' },
    ],
    [
      'what is to be left out',
      withColumn('unitCost', 'Cost', { omit: { unitCost: ['0.00'] } }),
      { Cost: '0.00' },
      { unitCost: undefined },
    ],
    [
      'what is not to be left out',
      withColumn('unitCost', 'Cost', { omit: { unitCost: ['0.00'] } }),
      { Cost: '0.05' },
      { unitCost: '0.05' },
    ],
    [
      'only for another row',
      withColumn('unitCost', 'Cost', { only: { unitCost: { Type: ['P'] } } }),
      { Cost: '1' },
      { unitCost: undefined },
    ],
    [
      'only for this row',
      withColumn('unitCost', 'Cost', { only: { unitCost: { Type: ['receive'] } } }),
      { Cost: '1' },
      { unitCost: '1' },
    ],
    [
      'a date with time',
      withColumn('effectiveAt', 'Date', { dates: { effectiveAt: 'YYYY-MM-DD HH:MM:SS' } }),
      { Date: '2011-04-16 07:08:09' },
      { effectiveAt: '2011-04-16T07:08:09Z' },
    ],
    [
      'a plain date',
      withColumn('effectiveAt', 'Date', { dates: { effectiveAt: 'YYYY-MM-DD' } }),
      { Date: '2011-04-16' },
      { effectiveAt: '2011-04-16T00:00:00Z' },
    ],
    [
      'a date of Europe',
      withColumn('expiresOn', 'Date', { dates: { expiresOn: 'DD.MM.YYYY' } }),
      { Date: '1.2.2030' },
      { expiresOn: '2030-02-01' },
    ],
    [
      'a date of America',
      withColumn('expiresOn', 'Date', { dates: { expiresOn: 'MM/DD/YYYY' } }),
      { Date: '02/29/2028' },
      { expiresOn: '2028-02-29' },
    ],
    [
      'an instant with offset',
      withColumn('effectiveAt', 'Date'),
      { Date: '2011-04-16T07:08:09+02:00' },
      { effectiveAt: '2011-04-16T07:08:09+02:00' },
    ],
    ['a flag', withColumn('qcRequired', 'Note'), { Note: 'Yes' }, { qcRequired: true }],
  ])('%s', (_, mapping, cells, expected) => {
    const row = prepare(mapping, cells);
    if (row.kind !== 'command') throw new Error(`it is ${row.kind}: ${row.why}`);
    const told = Object.fromEntries(
      Object.keys(expected).map((field) => [field, row.asked.body[field]]),
    );
    expect(told).toEqual(expected);
  });

  it.each<[string, object, Record<string, string>, string]>([
    [
      'an empty cell that is needed',
      movement,
      { Quantity: ' ' },
      'quantity is empty (column Quantity)',
    ],
    ['a word for a number', movement, { Quantity: 'many' }, 'quantity is not a number: "many"'],
    ['an exponent', movement, { Quantity: '1e3' }, 'quantity is not a number: "1e3"'],
    ['a comma for a point', movement, { Quantity: '1,5' }, 'quantity is not a number: "1,5"'],
    [
      'a type without a value',
      { ...movement, values: { type: { S: 'issue' } } },
      { Type: 'X' },
      'type: the mapping has no value for "X"',
    ],
    [
      'a type named like a method',
      { ...movement, values: { type: { S: 'issue' } } },
      { Type: 'toString' },
      'type: the mapping has no value for "toString"',
    ],
    [
      'what is not to be looked up',
      { ...movement, ...lookup },
      { Product: '99' },
      'sku: p.csv has no Id "99"',
    ],
    [
      'what is looked up and empty',
      { ...movement, ...lookup },
      { Product: '18' },
      'sku is empty (column Product)',
    ],
    [
      'a day no calendar has',
      withColumn('expiresOn', 'Date'),
      { Date: '2023-02-30' },
      'expiresOn is a date that no calendar has: "2023-02-30"',
    ],
    [
      'a date in another form',
      withColumn('expiresOn', 'Date'),
      { Date: '30.1.2023' },
      'expiresOn is not a date as YYYY-MM-DD: "30.1.2023"',
    ],
    [
      'an hour no clock has',
      withColumn('effectiveAt', 'Date', { dates: { effectiveAt: 'YYYY-MM-DD HH:MM:SS' } }),
      { Date: '2011-04-16 25:00:00' },
      'effectiveAt is a date that no calendar has: "2011-04-16 25:00:00"',
    ],
    [
      'an instant without offset',
      withColumn('effectiveAt', 'Date'),
      { Date: '2011-04-16T07:08:09' },
      'effectiveAt is not an instant with offset: "2011-04-16T07:08:09"; for other forms give its "dates" format in the mapping',
    ],
    [
      'neither true nor false',
      withColumn('qcRequired', 'Note'),
      { Note: 'maybe' },
      'qcRequired is neither true nor false: "maybe"',
    ],
    ['broken letters', movement, { Product: 'A\uFFFD' }, 'sku is not UTF-8 text: "A\uFFFD"'],
    ['an empty key', { ...movement, key: ['Note'] }, {}, 'the key is empty (Note)'],
  ])('is broken: %s', (_, mapping, cells, why) => {
    expect(prepare(mapping, cells)).toEqual({ kind: 'broken', row: 3, why });
  });

  it('is broken where the CSV is, and says the line', () => {
    const context = { columns, lookups: {}, importId: 'feed', keyPrefix: 'spec' };
    const row = rowsToCommands(
      mappingOf(movement),
      context,
    )({ row: 7, line: 12, broken: 'a quote' });
    expect(row).toEqual({ kind: 'broken', row: 7, why: 'a quote (line 12)' });
  });

  it('is skipped where the mapping says so, before it can be broken', () => {
    const skip = [{ when: { Quantity: ['0', 'none'], Type: ['receive'] }, why: 'nothing there' }];
    expect(prepare({ ...movement, skip }, { Quantity: 'none' })).toEqual({
      kind: 'skipped',
      row: 3,
      why: 'nothing there',
    });
    expect(prepare({ ...movement, skip }, { Quantity: '0', Type: 'issue' }).kind).toBe('command');
  });

  it('of an item gathers attributes and lists', () => {
    const item = {
      columns: {
        sku: 'Product',
        aliases: 'Note',
        decimals: 'Quantity',
        'attributes.color': 'Type',
        'attributes.place': 'Place',
      },
    };
    expect(prepare(item, { Note: 'a; b;', Quantity: '3', Type: 'red' }, 'items')).toMatchObject({
      stream: 'A-1',
      asked: {
        path: '/api/v1/items',
        body: { sku: 'A-1', aliases: ['a', 'b'], decimals: 3, attributes: { color: 'red' } },
      },
    });
  });

  describe('of thresholds', () => {
    const levels = { columns: { sku: 'Product', location: 'Place', reorderThreshold: 'Quantity' } };
    const thresholds = (
      cells: Record<string, string>,
      mapping: object = { columns: { ...levels.columns, maximum: 'Cost', reason: 'Note' } },
    ) => prepare(mapping, cells, 'thresholds');

    it('at a place is a change of the item there', () => {
      expect(thresholds({ Product: 'A / é', Place: 'SHOP', Cost: '9', Note: 'why' })).toEqual({
        kind: 'command',
        row: 3,
        stream: 'A / é',
        asked: {
          method: 'PATCH',
          path: '/api/v1/items/A%20%2F%20%C3%A9',
          body: {
            thresholds: [{ location: 'SHOP', reorderThreshold: '5', maximum: '9' }],
            reason: 'why',
          },
        },
        key: 'feed:3',
      });
    });

    it('without a place is a change of the item itself', () => {
      expect(thresholds({ Quantity: '0', Cost: 'None' })).toMatchObject({
        asked: {
          path: '/api/v1/items/A-1',
          body: { reorderThreshold: '0', maximum: null },
        },
      });
    });

    it('an empty cell leaves what is there', () => {
      const row = thresholds({ Quantity: '', Cost: '9' });
      expect(row.kind === 'command' && row.asked.body).toEqual({ maximum: '9' });
    });

    it('without a threshold is skipped, whatever else it says', () => {
      const why = 'no threshold is given';
      expect(thresholds({ Quantity: '', Place: 'SHOP', Note: 'x' })).toEqual({
        kind: 'skipped',
        row: 3,
        why,
      });
    });

    it.each([
      [{ Quantity: 'many' }, 'reorderThreshold is not a number: "many"'],
      [{ Cost: '1,5' }, 'maximum is not a number: "1,5"'],
      [{ Cost: 'nothing' }, 'maximum is not a number: "nothing"'],
      [{ Product: '' }, 'sku is empty (column Product)'],
    ])('is broken: %j', (cells, why) => {
      expect(thresholds(cells)).toEqual({ kind: 'broken', row: 3, why });
    });

    it('of one item keep the order of the file, wherever they hold', () => {
      const [one, other] = [thresholds({ Place: 'SHOP' }), thresholds({})];
      if (one?.kind !== 'command' || other?.kind !== 'command') throw new Error('no commands');
      expect(one.stream).toBe(other.stream);
    });
  });

  it('of locations keeps the order of the file where they have parents', () => {
    const streamOf = (mapping: object, code: string): unknown => {
      const row = prepare(mapping, { Product: code }, 'locations');
      return row.kind === 'command' && row.stream;
    };
    const plain = { columns: { code: 'Product' } };
    expect(streamOf(plain, 'A')).not.toBe(streamOf(plain, 'B'));
    const withParents = { columns: { code: 'Product', parent: 'Place' } };
    expect(streamOf(withParents, 'A')).toBe(streamOf(withParents, 'B'));
  });

  it.each([
    [
      'the same SKU in two Unicode forms',
      { Product: 'Caf\u00e9' },
      { Product: 'Cafe\u0301' },
      true,
    ],
    ['no location and MAIN', {}, { Place: 'MAIN' }, true],
    ['two locations', { Place: 'A' }, { Place: 'B' }, false],
    ['two SKUs', { Product: 'A' }, { Product: 'a' }, false],
  ])('shares its stream or not: %s', (_, one, other, same) => {
    const mapping = withColumn('location', 'Place');
    const [a, b] = [one, other].map((cells) => prepare(mapping, cells));
    if (a?.kind !== 'command' || b?.kind !== 'command') throw new Error('no commands');
    expect(a.stream === b.stream).toBe(same);
  });
});

describe('the key of a row', () => {
  const keyOf = (key: string[], cells: Record<string, string>): string => {
    const row = prepare({ ...movement, key }, cells);
    if (row.kind !== 'command') throw new Error(row.why);
    return row.key;
  };

  it('is made of the columns that the mapping names', () => {
    expect(keyOf(['Id', 'Place'], { Place: 'Halle 3' })).toBe('spec:9:Halle%203');
  });

  it('tells parts apart whatever they contain', () => {
    expect(keyOf(['Id', 'Note'], { Id: 'a:b', Note: 'c' })).not.toBe(
      keyOf(['Id', 'Note'], { Id: 'a', Note: 'b:c' }),
    );
  });

  it('stays a key the server takes, however long or foreign the cells are', () => {
    const long = keyOf(['Note'], { Note: '仓'.repeat(100) });
    expect(long).toMatch(/^[\x21-\x7e]{1,200}$/);
    expect(long).not.toBe(keyOf(['Note'], { Note: '仓'.repeat(101) }));
  });
});

describe('the id of an import', () => {
  const mapping = mappingOf(movement);
  it('is the same for the same content, and another for anything else', () => {
    const id = importIdOf(mapping, 'spec', 'c0ffee');
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(importIdOf(mapping, 'spec', 'c0ffee')).toBe(id);
    expect(importIdOf(mapping, 'spec', 'c0ffef')).not.toBe(id);
    expect(importIdOf(mapping, 'other', 'c0ffee')).not.toBe(id);
    expect(importIdOf(mappingOf({ columns: { sku: 'S' } }, 'items'), 'spec', 'c0ffee')).not.toBe(
      id,
    );
  });
});

describe('the columns of a file', () => {
  it('are complete, or what lacks is named', () => {
    const mapping = mappingOf({ ...movement, key: ['Row'] });
    expect(() =>
      requireColumns(mapping, ['Type', 'Product', 'Quantity', 'Row'], 'f.csv'),
    ).not.toThrow();
    expect(() => requireColumns(mapping, ['Type', 'Quantity'], 'f.csv')).toThrow(
      'f.csv lacks "Product", "Row", which the mapping spec names; it has Type, Quantity',
    );
  });
});
