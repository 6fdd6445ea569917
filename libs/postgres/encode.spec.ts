import { decimal, json, text, whole } from '../projections';
import { arrayOf, copyTextOf } from './encode';

const columns = { a: text, b: whole, c: json, d: decimal };
const row = (a: string | null, b: number | bigint | null = 1, c: object = {}): never =>
  ({ a, b, c, d: '1.50' }) as never;

describe('copyTextOf', () => {
  it.each([
    ['plain', row('x'), 'x\t1\t{}\t1.50\n'],
    ['nothing', row(null, null), '\\N\t\\N\t{}\t1.50\n'],
    ['empty, which is not nothing', row(''), '\t1\t{}\t1.50\n'],
    ['what COPY reads as nothing', row('\\N'), '\\\\N\t1\t{}\t1.50\n'],
    ['separators', row('a\tb\nc\rd'), 'a\\tb\\nc\\rd\t1\t{}\t1.50\n'],
    ['NUL', row('a\0b'), 'a\ufffdb\t1\t{}\t1.50\n'],
    ['more than 2^53', row('x', 2n ** 60n), 'x\t1152921504606846976\t{}\t1.50\n'],
    ['quotes in JSON', row('x', 1, { k: 'a"b' }), 'x\t1\t{"k":"a\\\\"b"}\t1.50\n'],
  ])('%s', (_, given, expected) => {
    expect(copyTextOf([given], columns)).toBe(expected);
  });

  it('puts each row on a line', () => {
    expect(copyTextOf([row('x'), row('y')], columns)).toBe('x\t1\t{}\t1.50\ny\t1\t{}\t1.50\n');
  });
});

describe('arrayOf', () => {
  it.each([
    ['nothing', [], '{}'],
    ['plain, empty and NULL', [row('x'), row(''), row(null), row('NULL')], '{"x","",NULL,"NULL"}'],
    ['what array literals are made of', [row('a"b\\c,{d}')], '{"a\\"b\\\\c,{d}"}'],
  ])('%s', (_, rows, expected) => {
    expect(arrayOf(rows, 'a')).toBe(expected);
  });

  it('replaces in JSON what PostgreSQL does not have, and nothing that only looks like it', () => {
    const value = { nul: '\0', half: '\ud800', whole: '😀', text: '\\u0000', bell: '\u0007' };
    const array = arrayOf([row('x', 1, value)], 'c');
    const stored = JSON.parse((JSON.parse(`[${array.slice(1, -1)}]`) as [string])[0]) as object;
    expect(stored).toEqual({ ...value, nul: '\ufffd', half: '\ufffd' });
  });
});
