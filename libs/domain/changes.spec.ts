import { changesOf } from './changes';

interface Thing {
  a: unknown;
  b: unknown;
}
const current: Thing = { a: { x: 1, y: [1, 2] }, b: null };

test.each<[string, Partial<Thing>, Partial<Thing>]>([
  ['nothing asked for', {}, {}],
  ['undefined is not asked for', { a: undefined }, {}],
  ['the same', { a: { x: 1, y: [1, 2] }, b: null }, {}],
  ['fields in another order', { a: { y: [1, 2], x: 1 } }, {}],
  ['a list in another order', { a: { x: 1, y: [2, 1] } }, { a: { x: 1, y: [2, 1] } }],
  ['one more field', { a: { x: 1, y: [1, 2], z: 3 } }, { a: { x: 1, y: [1, 2], z: 3 } }],
  ['one field less', { a: { x: 1 } }, { a: { x: 1 } }],
  ['another field', { a: { x: 1, z: [1, 2] } }, { a: { x: 1, z: [1, 2] } }],
  ['another field, left undefined', { a: { x: 1, z: undefined } }, { a: { x: 1, z: undefined } }],
  ['a shorter list', { a: { x: 1, y: [1] } }, { a: { x: 1, y: [1] } }],
  ['a list for an object', { a: { x: 1, y: { 0: 1, 1: 2 } } }, { a: { x: 1, y: { 0: 1, 1: 2 } } }],
  ['null for an object', { a: null }, { a: null }],
  ['an object for null', { b: {} }, { b: {} }],
  ['text for a number', { a: { x: '1', y: [1, 2] } }, { a: { x: '1', y: [1, 2] } }],
  ['false for null', { b: false }, { b: false }],
  ['an inherited name', { b: { toString: 1 } }, { b: { toString: 1 } }],
])('%s', (_, wanted, changes) => {
  expect(changesOf(current, wanted)).toStrictEqual(changes);
});

test('a field that is an own one here and an inherited one there differs', () => {
  expect(changesOf<Thing, 'a'>({ a: { constructor: 1 }, b: null }, { a: { x: 1 } })).toStrictEqual({
    a: { x: 1 },
  });
});
