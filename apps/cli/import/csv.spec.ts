import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CsvReader, inspectCsv, readCsv, type CsvRow } from './csv';

/** What a text reads as, fed in pieces of a size. */
function read(text: string, pieceSize = text.length || 1, delimiter = ','): CsvRow[] {
  const reader = new CsvReader(delimiter);
  const rows: CsvRow[] = [];
  for (let at = 0; at < text.length; at += pieceSize) {
    rows.push(...reader.push(text.slice(at, at + pieceSize)));
  }
  return [...rows, ...reader.end()];
}

const shown = (row: CsvRow): string =>
  `${row.row}@${row.line} ${'broken' in row ? `BROKEN ${row.broken}` : row.cells.join('|')}`;

describe('CSV', () => {
  it.each<[string, string, string[]]>([
    ['plain rows', 'a,b\n1,2\n3,4\n', ['1@2 1|2', '2@3 3|4']],
    ['no line break at the end', 'a,b\n1,2', ['1@2 1|2']],
    ['CRLF', 'a,b\r\n1,2\r\n"3",4\r\n', ['1@2 1|2', '2@3 3|4']],
    ['empty cells', 'a,b\n,\n"",""\n', ['1@2 |', '2@3 |']],
    ['blank lines between', 'a,b\n\n1,2\n   \n3,4\n\n', ['1@3 1|2', '2@5 3|4']],
    ['a delimiter in quotes', 'a,b\n"1,5",2\n', ['1@2 1,5|2']],
    ['a quote in quotes', 'a,b\n"say ""hi""",2\n', ['1@2 say "hi"|2']],
    ['a line break in quotes', 'a,b\n"1\nx",2\n3,4\n', ['1@2 1\nx|2', '2@4 3|4']],
    ['too few cells', 'a,b\n1\n3,4\n', ['1@2 BROKEN 1 cells where the header has 2', '2@3 3|4']],
    ['too many cells', 'a,b\n1,2,3\n', ['1@2 BROKEN 3 cells where the header has 2']],
    [
      'a quote never closed costs its line alone',
      'a,b\n1,"2\n3,4\n5,6\n',
      ['1@2 BROKEN a quote is opened and never closed', '2@3 3|4', '3@4 5|6'],
    ],
    [
      'text behind a quote',
      'a,b\n"1"x,2\n3,4\n',
      ['1@2 BROKEN text behind a closing quote', '2@3 3|4'],
    ],
    [
      'a quote inside a cell',
      'a,b\n1,x"2"\n3,4\n',
      ['1@2 BROKEN a quote inside a cell that does not begin with one', '2@3 3|4'],
    ],
    [
      'a stray quote that meets the quote of another row',
      'a,b\n1,"2\n3,"4"\n5,6\n',
      ['1@2 BROKEN text behind a closing quote', '2@3 3|4', '3@4 5|6'],
    ],
    ['a header alone', 'a,b\n', []],
  ])('%s', (_, text, expected) => {
    expect(read(text).map(shown)).toEqual(expected);
    // Where a piece ends must not matter.
    for (const size of [1, 2, 3, 7]) expect(read(text, size).map(shown)).toEqual(expected);
  });

  it('takes another delimiter', () => {
    expect(read('a;b\n1,5;"2;0"\n', 99, ';').map(shown)).toEqual(['1@2 1,5|2;0']);
  });

  it('gives up on an open quote before the rest of a long file is inside it', () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i},row ${i}`);
    const text = ['a,b', '0,"open', ...lines].join('\n');
    const rows = read(text, 64 * 1024);
    expect(rows).toHaveLength(lines.length + 1);
    expect(rows[0]).toMatchObject({ row: 1, broken: 'a quote is opened and never closed' });
    expect(rows.at(-1)).toMatchObject({ row: 60_001, line: 60_002 });
  });

  describe('files', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lotstream-csv-'))));
    afterEach(() => rmSync(folder, { recursive: true }));
    const file = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const rowsOf = async (path: string): Promise<string[]> => {
      const rows: string[] = [];
      for await (const batch of readCsv(path, ',')) rows.push(...batch.map(shown));
      return rows;
    };

    const text = '\uFEFFname,n\nZürich 仓,1\n"a ""b""",2\n';

    it('reads packed and plain alike, with or without a byte order mark', async () => {
      const [plain, packed] = [file('a.csv', text), file('b.csv.gz', gzipSync(text))];
      expect(await rowsOf(plain)).toEqual(['1@2 Zürich 仓|1', '2@3 a "b"|2']);
      expect(await rowsOf(packed)).toEqual(await rowsOf(plain));
      expect(await inspectCsv(plain, ',')).toMatchObject({ columns: ['name', 'n'], rows: 2 });
      expect(await inspectCsv(packed, ',')).toEqual(await inspectCsv(plain, ','));
    });

    it('tells files apart by their content', async () => {
      const one = await inspectCsv(file('a.csv', 'a\n1\n'), ',');
      const other = await inspectCsv(file('b.csv', 'a\n2\n'), ',');
      expect(one.contentHash).not.toBe(other.contentHash);
    });

    it.each<[string, (folder: string) => string, RegExp]>([
      ['a file that is not there', () => '/nowhere/a.csv', /no such file/],
      ['a folder', () => tmpdir(), /it is a folder/],
      ['an empty file', () => file('a.csv', ''), /is empty/],
      ['a column named twice', () => file('a.csv', 'a,b,a\n'), /names the column "a" twice/],
      ['a broken header', () => file('a.csv', 'a,"b\n1,2\n'), /the header is broken/],
      ['no gzip', () => file('a.csv.gz', 'a,b\n'), /no whole gzip file/],
      [
        'a gzip cut off',
        () => file('a.csv.gz', gzipSync('a,b\n1,2\n'.repeat(999)).subarray(0, 30)),
        /no whole gzip file/,
      ],
      [
        'a line without end',
        () => file('a.csv', `a,b\n1,${'x'.repeat(300_000)}`),
        /line 2 is longer/,
      ],
    ])('refuses %s', async (_, path, expected) => {
      await expect(inspectCsv(path(folder), ',')).rejects.toThrow(expected);
    });
  });
});
