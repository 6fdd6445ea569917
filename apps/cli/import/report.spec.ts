import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgress } from './progress';
import { csvCell, lineOf, ReportFile, ROW_COLUMNS, Tally, totalsText } from './report';
import type { PreparedRow, RowCommand } from './row-commands';
import type { Verdict } from './sender';

const command = (row: number): RowCommand => ({
  kind: 'command',
  row,
  stream: 's',
  asked: { method: 'POST', path: '/p', body: {} },
  key: `k-${row}`,
});

describe('the report', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lotstream-report-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has a line for what was refused or is broken, for nothing else', async () => {
    const report = await ReportFile.create(join(folder, 'r.csv'), ROW_COLUMNS);
    const why = 'two\nlines';
    const rows: [PreparedRow, Verdict][] = [
      [command(1), { kind: 'applied', position: 'a-1' }],
      [command(2), { kind: 'refused', code: 'INSUFFICIENT_STOCK', why: '3 asked, 2 "there"' }],
      [
        { kind: 'broken', row: 3, why },
        { kind: 'broken', why },
      ],
      [
        { kind: 'skipped', row: 4, why },
        { kind: 'skipped', why },
      ],
    ];
    for (const [row, verdict] of rows) {
      const line = lineOf(row, verdict);
      if (line) report.add(line);
    }
    await report.close();
    expect(readFileSync(join(folder, 'r.csv'), 'utf8')).toBe(
      'row,code,why,key\n2,INSUFFICIENT_STOCK,"3 asked, 2 ""there""",k-2\n3,ROW_BROKEN,"two\nlines",\n',
    );
  });

  it('says where it cannot be written', async () => {
    await expect(ReportFile.create(join(folder, 'no', 'r.csv'), ROW_COLUMNS)).rejects.toThrow(
      /cannot write the report .*no\/r\.csv/,
    );
  });
});

describe('the totals', () => {
  const tally = new Tally();
  tally.add({ kind: 'applied', position: 'abc-99' });
  tally.add({ kind: 'applied', position: 'abc-1000' });
  tally.add({ kind: 'repeated', position: 'abc-7' });
  tally.add({ kind: 'refused', code: 'SEQUENCE_PASSED', why: '' });
  tally.add({ kind: 'refused', code: 'INSUFFICIENT_STOCK', why: '' });
  tally.add({ kind: 'refused', code: 'INSUFFICIENT_STOCK', why: '' });
  tally.add({ kind: 'broken', why: '' });
  tally.add({ kind: 'skipped', why: 'nothing to receive' });

  it('count every verdict and keep the newest position', () => {
    expect(tally.totals(2)).toEqual({
      rows: 8,
      applied: 2,
      repeated: 1,
      refused: { INSUFFICIENT_STOCK: 2, SEQUENCE_PASSED: 1 },
      broken: 1,
      skipped: { 'nothing to receive': 1 },
      seconds: 2,
      rowsPerSecond: 4,
      position: 'abc-1000',
    });
  });

  it('read well', () => {
    expect(totalsText(tally.totals(2), false)).toBe(
      [
        '8 rows in 2.0 s, 4 rows/s',
        '  applied                    2',
        '  applied earlier            1',
        '  refused                    2  INSUFFICIENT_STOCK',
        '  refused                    1  SEQUENCE_PASSED (refused in an earlier run)',
        '  broken                     1',
        '  skipped                    1  nothing to receive',
      ].join('\n'),
    );
    expect(totalsText(tally.totals(2), true)).toContain('would be applied');
  });
});

describe('progress', () => {
  it('is a line every few seconds where there is no terminal', () => {
    const written: string[] = [];
    let clock = 0;
    const progress = startProgress('f.csv', 1_000, {
      output: { write: (text: string) => written.push(text) },
      now: () => clock,
    });
    for (let row = 1; row <= 500; row += 1) {
      clock += 25;
      progress.update(row);
    }
    progress.stop();
    expect(written).toEqual([
      'f.csv: 200 rows, 20 %, 40 rows/s\n',
      'f.csv: 400 rows, 40 %, 40 rows/s\n',
    ]);
  });
});

it.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  [7, '7'],
])('the cell %s is written as %s', (value, cell) => expect(csvCell(value)).toBe(cell));
