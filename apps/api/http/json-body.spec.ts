import fc from 'fast-check';
import { MAX_DEPTH, parseBody } from './json-body';

const outcome = (body: string | Buffer): unknown => {
  try {
    return parseBody(Buffer.from(body as string));
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('a body', () => {
  it.each<[string, string | Buffer, unknown]>([
    ['is read', '{"a":[1,"ü漢😀",null]}', { a: [1, 'ü漢😀', null] }],
    ['may be absent', '', undefined],
    ['is JSON', '{bad', 'MALFORMED_JSON'],
    ['is one value', '{} {}', 'MALFORMED_JSON'],
    ['is UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'MALFORMED_JSON'],
    ['has no half characters', '{"a":"x\\ud800"}', 'VALIDATION_FAILED'],
    ['has none in names either', '{"\\udc00":1}', 'VALIDATION_FAILED'],
    ['has no NUL', '{"a":["\\u0000"]}', 'VALIDATION_FAILED'],
    ['has no __proto__', '{"a":{"__proto__":{}}}', 'MALFORMED_JSON'],
    ['has no constructor', '{"constructor":1}', 'MALFORMED_JSON'],
    ['has no prototype', '[{"prototype":1}]', 'MALFORMED_JSON'],
    ['has each field once', '{"a":1,"b":":","a":2}', 'MALFORMED_JSON'],
    ['has each field once, even the same', '{"a":1,"a":1}', 'MALFORMED_JSON'],
    ['has each field once, however written', '{"a":1, "\\u0061" :2}', 'MALFORMED_JSON'],
    ['has each field once, deep inside', '{"a":[{"b":{"c":1,"c":2}}]}', 'MALFORMED_JSON'],
    ['has each field once, behind a quote', '{"a":"\\":{","b":1,"b":2}', 'MALFORMED_JSON'],
    ['begins with no mark', '\ufeff{"a":1}', 'MALFORMED_JSON'],
    ['is not too deep', nested(MAX_DEPTH + 1), 'MALFORMED_JSON'],
    ['is not far too deep', nested(30_000), 'MALFORMED_JSON'],
  ])('%s', (_what, body, expected) => {
    expect(outcome(body)).toEqual(expected);
  });

  it.each([
    '{"a":":::","b:":"{\\":1}"}',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"at":"2026-03-01T09:30:00Z","x\\\\":"\\\\","y":"\\"y\\":1"}',
  ])('may have colons and quotes anywhere: %s', (text) => {
    expect(outcome(text)).toEqual(JSON.parse(text));
  });

  it('has each field once, and only then', () => {
    const name = fc.constantFrom('a', 'b', ':', '"', '\\', '{', 'é');
    const value = fc.constantFrom('1', '[]', '":{\\""', '{"a":[{"a":1}]}', '{"a":":"}');
    const fields = fc.array(fc.tuple(name, value), { maxLength: 6 });
    fc.assert(
      fc.property(fields, (pairs) => {
        const text = `{${pairs.map(([key, one]) => `${JSON.stringify(key)} : ${one}`).join(',')}}`;
        const repeats = new Set(pairs.map(([key]) => key)).size < pairs.length;
        expect(outcome(text)).toEqual(repeats ? 'MALFORMED_JSON' : JSON.parse(text));
      }),
    );
  });

  it('may be as deep as the limit', () => {
    expect(JSON.stringify(outcome(nested(MAX_DEPTH)))).toBe(nested(MAX_DEPTH));
  });
});
