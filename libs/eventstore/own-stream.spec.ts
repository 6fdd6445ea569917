import { recorded } from '../../test/support/histories';
import { checkStream } from './own-stream';

/** What a payload says of whom it is about; the rest of it does not matter here. */
const check = (stream: string, data: object): void =>
  checkStream(recorded({ type: 'Any', data }, stream.slice(0, stream.indexOf('-')), stream, 0, 0));

test.each([
  ['item-default.A%2E1', { sku: 'A.1' }],
  ['location-default.MAIN', { code: 'MAIN' }],
  ['period-default', { through: '2026-02-28' }],
  ['stock-default.A@MAIN', { sku: 'A', location: 'MAIN' }],
  ['stock-default.A%2E1@MAIN', { sku: 'A.1', location: 'MAIN' }],
])('%s may hold %j', (stream, data) => {
  expect(() => check(stream, data)).not.toThrow();
});

test.each([
  ['item-default.A', { sku: 'B' }, 'item-default.B'],
  ['item-other.A', { sku: 'A' }, 'item-default.A'],
  ['location-default.MAIN', { code: 'SHOP' }, 'location-default.SHOP'],
  ['period-other', { through: '2026-02-28' }, 'period-default'],
  ['period-default.A', { through: '2026-02-28' }, 'period-default'],
  ['stock-default.A@MAIN', { sku: 'B', location: 'MAIN' }, 'stock-default.B@MAIN'],
  ['stock-default.A@MAIN', { sku: 'A', location: 'SHOP' }, 'stock-default.A@SHOP'],
  ['stock-default.A.1@MAIN', { sku: 'A.1', location: 'MAIN' }, 'stock-default.A%2E1@MAIN'],
])('%s may not hold %j', (stream, data, its) => {
  expect(() => check(stream, data)).toThrow(`its payload belongs to the stream ${its}`);
});

test('a kind of stream without a rule for its names holds nothing', () => {
  expect(() => check('shelf-default.A', { sku: 'A' })).toThrow('shelf-… have no rule');
});
