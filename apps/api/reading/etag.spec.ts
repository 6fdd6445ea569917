import type { ProjectionPosition } from '../../../libs/postgres';
import { areInStep, names, viewsTag } from './etag';

const at = (view: string, more: Partial<ProjectionPosition> = {}): ProjectionPosition => ({
  view,
  storeId: 's',
  position: 5n,
  state: 'RUNNING',
  reason: null,
  updatedAt: '2026-01-01T00:00:00.000Z',
  ...more,
});
const asked = { list: 'items', today: '2026-01-01' };
const views = ['items', 'lots'];

describe('the tag of an answer from views', () => {
  const tag = viewsTag(asked, views, [at('items'), at('lots')]);

  it('is weak, and the same for the same', () => {
    expect(tag).toMatch(/^W\/"[\w-]{22}"$/);
    const others = [at('ledger', { position: 9n }), at('lots'), at('items')];
    expect(viewsTag({ ...asked }, views, others)).toBe(tag);
  });

  it.each<[string, string | undefined]>([
    ['a view moved', viewsTag(asked, views, [at('items', { position: 6n }), at('lots')])],
    [
      'a view was rebuilt',
      viewsTag(asked, views, [at('items', { updatedAt: '2026-01-02T00:00:00.000Z' }), at('lots')]),
    ],
    ['another store', viewsTag(asked, views, [at('items', { storeId: 't' }), at('lots')])],
    ['another day', viewsTag({ ...asked, today: '2026-01-02' }, views, [at('items'), at('lots')])],
    ['a view that has not begun', viewsTag(asked, views, [at('items')])],
  ])('differs: %s', (_, other) => {
    expect(other).not.toBe(tag);
  });
});

it.each<[string, boolean, ProjectionPosition[]]>([
  ['at the same place', true, [at('items'), at('lots'), at('ledger', { position: 1n })]],
  ['one behind', false, [at('items'), at('lots', { position: 4n })]],
  ['one of another store', false, [at('items'), at('lots', { storeId: 't' })]],
  ['one not begun', false, [at('items')]],
])('views %s are in step: %s', (_, expected, checkpoints) => {
  expect(areInStep(views, checkpoints)).toBe(expected);
});

it.each<[string | undefined, string, boolean]>([
  [undefined, '"1"', false],
  ['"1"', '"1"', true],
  ['W/"1"', '"1"', true],
  ['"a"', 'W/"a"', true],
  ['"x", W/"a" , "y"', 'W/"a"', true],
  ['*', '"1"', false],
  ['"11"', '"1"', false],
  ['1', '"1"', false],
  ['', '"1"', false],
  ['"', '"1"', false],
])('If-None-Match %j names %s: %s', (header, tag, expected) => {
  expect(names(header, tag)).toBe(expected);
});
