import * as fc from 'fast-check';
import { readRecords } from '../../../test/support/csv-records';
import { anyText } from '../../../test/support/texts';
import { LIST_WRITERS } from './list-formats';

describe('a list as CSV', () => {
  it('quotes what needs it and leaves the rest', () => {
    const { head, textOf } = LIST_WRITERS.csv(['sku', 'q, "x"', 'n']);
    expect(head).toBe('sku,"q, ""x""",n\r\n');
    const rows = [
      { sku: 'A', 'q, "x"': 'a "b", c\r\nd', n: 0.125 },
      { sku: '=1+1', 'q, "x"': '', n: null },
      { sku: ' É螺 ', 'q, "x"': [{ a: 1 }], n: true, unknown: 1 },
    ];
    expect(textOf(rows)).toBe(
      'A,"a ""b"", c\r\nd",0.125\r\n' + '=1+1,"",\r\n' + ' É螺 ,"[{""a"":1}]",true\r\n',
    );
  });

  it('reads back as it was, whatever the texts', () => {
    const text = fc.oneof(anyText(), fc.constantFrom('"', '\r\n', ',', ''));
    const row = fc.record({ a: text, b: fc.option(text), c: text });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const { head, textOf } = LIST_WRITERS.csv(['a', 'b', 'c']);
        const read = readRecords(head + textOf(rows));
        expect(read).toEqual([['a', 'b', 'c'], ...rows.map(({ a, b, c }) => [a, b, c])]);
      }),
    );
  });
});

it('a list as NDJSON is one object a line, whatever the texts', () => {
  const { head, textOf } = LIST_WRITERS.ndjson([]);
  const rows = [{ a: 'x\ny' }, { a: null, b: ['é'] }];
  const lines = (head + textOf(rows)).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(rows);
});
