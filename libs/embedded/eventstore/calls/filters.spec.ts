import { readFilter } from './filters';
import { ReadReq } from './protocol';
import { eventRow } from '../log/record';

const { FilterOptions } = ReadReq.Options;

const row = (stream: string, type: string): Buffer =>
  eventRow(
    {
      id: '00000000-0000-4000-8000-000000000000',
      stream: Buffer.from(stream),
      type: Buffer.from(type),
      streamNumber: 1,
      revision: 0,
      isJson: true,
      data: Buffer.alloc(0),
      metadata: Buffer.alloc(0),
      position: 1,
      createdMs: 0,
    },
    0,
  );

function filter(
  on: 'stream' | 'type',
  { prefixes = [], regex = '' }: { prefixes?: string[]; regex?: string },
  multiplier = 1,
) {
  const expression = new FilterOptions.Expression().setPrefixList(prefixes).setRegex(regex);
  const options = new FilterOptions().setCheckpointintervalmultiplier(multiplier);
  return readFilter(
    on === 'stream' ? options.setStreamIdentifier(expression) : options.setEventType(expression),
  );
}

describe('given a filter, when a record is looked at', () => {
  test.each([
    ['stream', { prefixes: ['stock-', 'lot-'] }, true],
    ['stream', { prefixes: ['Stock-'] }, false],
    ['stream', { prefixes: [] }, false],
    ['stream', { regex: '^stock-\\d+$' }, true],
    ['stream', { regex: 'Received' }, false],
    ['type', { prefixes: ['StockRe'] }, true],
    ['type', { prefixes: ['stock-'] }, false],
    ['type', { regex: '^[^$].*d$' }, true],
  ] as const)('%s %j, then it matches: %s', (on, match, expected) => {
    const wanted = filter(on, match as { prefixes?: string[]; regex?: string });
    expect(wanted.matches(row('stock-1', 'StockReceived'))).toBe(expected);
  });

  test.each([
    ['makes no sense', '(', 'makes no sense'],
    ['looks ahead', '^(?!stock)', 'look-ahead'],
    ['looks behind', '(?<=a)b', 'look-behind'],
    ['refers back', '(a)\\1', 'back reference'],
    ['repeats too much', 'a{1,1000}', 'repeat of more than 15'],
    ['is too long', 'a'.repeat(1001), 'more than 1000 characters'],
  ])('with a pattern that %s, then the call is refused', (_what, regex, problem) => {
    expect(() => filter('type', { regex })).toThrow(problem);
  });

  test.each(['(a+)+$', '^(a|a)*$', '(.*a){12}x', '(a*)*b', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
    'with the pattern %s, which takes others for ever, then the longest name is done with at once',
    (regex) => {
      const wanted = filter('stream', { regex });
      const name = `${'a'.repeat(16_000)}!`;
      const startedAt = performance.now();
      expect(wanted.matches(row(name, 'StockReceived'))).toBe(false);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    },
  );

  test('with an interval of 0, then the call is refused', () => {
    expect(() => filter('type', { prefixes: ['a'] }, 0)).toThrow();
  });
});
