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
    ['is not too deep', nested(MAX_DEPTH + 1), 'MALFORMED_JSON'],
    ['is not far too deep', nested(30_000), 'MALFORMED_JSON'],
  ])('%s', (_what, body, expected) => {
    expect(outcome(body)).toEqual(expected);
  });

  it('may be as deep as the limit', () => {
    expect(JSON.stringify(outcome(nested(MAX_DEPTH)))).toBe(nested(MAX_DEPTH));
  });
});
