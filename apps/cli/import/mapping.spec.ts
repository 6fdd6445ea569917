import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportKindName } from './fields';
import { checkMapping, columnsOf, loadMapping, mappingOfColumns } from './mapping';

const movement = {
  columns: { type: 'Type', sku: 'Product', quantity: 'Quantity' },
};

describe('a mapping', () => {
  it('is taken with everything it may have', () => {
    const { mapping, problems } = checkMapping(
      {
        name: 'sales',
        kind: 'movements',
        delimiter: ';',
        columns: {
          type: 'Type',
          sku: 'Product',
          quantity: 'Quantity',
          effectiveAt: 'Date',
          unitCost: 'Cost',
        },
        constants: { location: 7, qcRequired: false },
        templates: { reference: '{Type}-{Order}' },
        lookups: { sku: { file: 'p.csv', key: 'Id', value: 'Sku' } },
        values: { type: { S: 'issue' } },
        omit: { unitCost: [0] },
        only: { unitCost: { Type: ['P'] } },
        dates: { effectiveAt: 'DD.MM.YYYY' },
        key: ['Id'],
        skip: [{ when: { Status: ['void'] }, why: 'cancelled' }],
      },
      'movements',
      'file name',
    );
    expect(problems).toEqual([]);
    expect(mapping).toMatchObject({
      name: 'sales',
      constants: { location: '7', qcRequired: 'false' },
      omit: { unitCost: ['0'] },
    });
    expect([...columnsOf(mapping!)].sort()).toEqual([
      'Cost',
      'Date',
      'Id',
      'Order',
      'Product',
      'Quantity',
      'Status',
      'Type',
    ]);
  });

  it('is named by its file where it has no name', () => {
    expect(checkMapping(movement, 'movements', 'sales').mapping?.name).toBe('sales');
  });

  it.each<[string, unknown, RegExp, ImportKindName?]>([
    ['no object', [], /must be a JSON object/],
    ['null', null, /must be a JSON object/],
    [
      'an unknown section',
      { ...movement, colums: {} },
      /"colums" is no section; there are name, kind/,
    ],
    [
      'a kind nobody knows',
      { ...movement, kind: 'orders' },
      /"kind" must be one of items, locations/,
    ],
    ['another kind', { ...movement, kind: 'items' }, /it is for items, not for movements/],
    [
      'an unknown field',
      { columns: { ...movement.columns, colour: 'C' } },
      /"colour" is no field of movements; there are type, sku/,
    ],
    [
      'an attribute of a movement',
      { columns: { ...movement.columns, 'attributes.a': 'C' } },
      /"attributes.a" is no field/,
    ],
    [
      'an attribute without a name',
      { columns: { sku: 'S', 'attributes.': 'C' } },
      /"attributes." is no field/,
      'items',
    ],
    ['a field given twice', { ...movement, constants: { sku: 'A' } }, /"sku" is given twice/],
    [
      'nothing for a field it needs',
      { columns: { sku: 'S', quantity: 'Q' } },
      /nothing gives "type"/,
    ],
    ['nothing for the code', { columns: { name: 'S' } }, /nothing gives "code"/, 'locations'],
    ['a column that is no text', { columns: { sku: 1 } }, /"columns" must be an object of field/],
    ['columns as a list', { columns: ['sku'] }, /"columns" must be an object/],
    [
      'a constant that is an object',
      { ...movement, constants: { location: {} } },
      /"constants" must be/,
    ],
    ['a delimiter too long', { ...movement, delimiter: '||' }, /"delimiter" must be one character/],
    ['a quote as delimiter', { ...movement, delimiter: '"' }, /"delimiter" must be one character/],
    [
      'a lookup without key',
      { ...movement, lookups: { sku: { file: 'f', value: 'v' } } },
      /"lookups" must be/,
    ],
    [
      'a lookup of what no column gives',
      { ...movement, lookups: { location: { file: 'f', key: 'k', value: 'v' } } },
      /"lookups" names "location", which no column/,
    ],
    [
      'values of what no column gives',
      { ...movement, values: { purpose: { a: 'b' } } },
      /"values" names "purpose"/,
    ],
    ['values that are a list', { ...movement, values: { type: ['S'] } }, /"values" must be/],
    [
      'only of what nothing gives',
      { ...movement, only: { unitCost: { Type: ['P'] } } },
      /"only" names "unitCost"/,
    ],
    ['only without a column', { ...movement, only: { sku: {} } }, /"only" must be/],
    [
      'a date format nobody knows',
      { columns: { ...movement.columns, effectiveAt: 'D' }, dates: { effectiveAt: 'yyyy' } },
      /"dates" must be .* YYYY-MM-DD, /,
    ],
    [
      'a date that is none',
      { ...movement, dates: { quantity: 'YYYY-MM-DD' } },
      /"dates" names "quantity", which is no date/,
    ],
    ['an empty key', { ...movement, key: [] }, /"key" must be a list of column names/],
    ['a skip without reason', { ...movement, skip: [{ when: { Q: ['0'] } }] }, /"skip" must be/],
    ['an empty name', { ...movement, name: '' }, /"name" must be a text/],
  ])('is refused: %s', (_, value, expected, kind = 'movements') => {
    const { mapping, problems } = checkMapping(value, kind, 'file name');
    expect(mapping).toBeUndefined();
    expect(problems.join('\n')).toMatch(expected);
  });

  it('tells everything that is wrong at once', () => {
    const { problems } = checkMapping({ name: '', key: 7, columns: { a: 'b' } }, 'movements', 'x');
    expect(problems).toHaveLength(2);
  });

  it.each([
    ['nowhere.json', /there is no such file/],
    ['mapping.spec.ts', /cannot read the mapping/],
  ])('is refused where %s cannot be read', async (name, expected) => {
    await expect(loadMapping(join(__dirname, name), 'items')).rejects.toThrow(expected);
  });

  describe('made of the columns of a file', () => {
    let place: string;
    beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'lotstream-mapping-'))));
    afterEach(() => rmSync(place, { recursive: true }));
    const file = (head: string): string => {
      writeFileSync(join(place, 'f.csv'), `${head}\n`);
      return join(place, 'f.csv');
    };

    it('takes each for the field of its name', async () => {
      const mapping = await mappingOfColumns(file('sku,maximum,reason'), 'thresholds');
      expect(mapping).toMatchObject({
        name: 'thresholds',
        columns: { sku: 'sku', maximum: 'maximum', reason: 'reason' },
        key: [],
      });
    });

    it.each([
      ['sku,minimum', /"minimum" is no field of thresholds; there are sku, location, /],
      ['sku;maximum', /"sku;maximum" is no field of thresholds/],
      ['location,maximum', /nothing gives "sku", and thresholds need it/],
      ['sku,Maximum', /needs a mapping \(--map\)/],
    ])('is refused with %s', async (head, expected) => {
      await expect(mappingOfColumns(file(head), 'thresholds')).rejects.toThrow(expected);
    });
  });

  const folder = join(__dirname, 'adventureworks');
  it.each(readdirSync(folder))('adventureworks/%s is good', async (name) => {
    const kind = name.startsWith('items')
      ? 'items'
      : name.startsWith('locations')
        ? 'locations'
        : 'movements';
    expect((await loadMapping(join(folder, name), kind)).kind).toBe(kind);
  });
});
