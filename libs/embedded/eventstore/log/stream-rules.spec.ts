import { DELETED_TB, NO_RULES, SOFT_DELETE, rulesOf, undeleted } from './stream-rules';

const rules = (text: string) => rulesOf(Buffer.from(text));

describe('given metadata of a stream, when its rules are read', () => {
  test.each([
    ['{"$maxCount":3}', { maxCount: 3 }],
    ['{"$maxAge":2,"owner":"ann"}', { maxAgeMs: 2000 }],
    ['{"$tb":4,"unknown":{"deep":[1]}}', { truncateBefore: 4 }],
    ['{"text":"\\"$tb\\":9 {1}","$tb":5}', { truncateBefore: 5 }],
    ['{"$tb":9223372036854775806}', { truncateBefore: 2 ** 63 }],
    [SOFT_DELETE, { truncateBefore: 2 ** 63, deleted: true }],
  ])('%s, then it is obeyed', (text, expected) => {
    expect(rules(text)).toEqual({ ...NO_RULES, ...expected });
  });

  test.each([
    'not json',
    '',
    '[1]',
    '{"$maxCount":0}',
    '{"$maxCount":"3"}',
    '{"$maxCount":1.5}',
    '{"$maxAge":0}',
    '{"$tb":-5}',
    '{"$tb":1e1}',
    '{"$tb":2,"$maxCount":"x"}',
  ])('%s, then it is void altogether', (text) => {
    expect(rules(text)).toEqual(NO_RULES);
  });
});

describe('given metadata of a soft-deleted stream, when it is written to again', () => {
  test.each([
    [undefined, '{"$tb":3}'],
    ['not json', '{"$tb":3}'],
    ['{}', '{"$tb":3}'],
    [`{"$tb":${DELETED_TB}}`, '{"$tb":3}'],
    [
      '{"n":12345678901234567890,"owner":"ann"}',
      '{"$tb":3,"n":12345678901234567890,"owner":"ann"}',
    ],
  ])('%s, then what it held before is hidden', (text, expected) => {
    expect(undeleted(text === undefined ? undefined : Buffer.from(text), 3)).toBe(expected);
  });
});
