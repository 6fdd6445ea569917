import { views } from '../projections';
import { type LogEntry, projectionOf, shareOf } from './projection';

/** Which views an event stops that nobody can read, by the type that it says it has. */
const stoppedBy = (type: string): readonly string[] => {
  const unreadable: LogEntry = {
    kind: 'undecodable',
    position: 7n,
    id: 'some-event',
    stream: 'stock-default.A@MAIN',
    type,
    problem: 'quantity is missing',
  };
  return views
    .map((view) => ({ view, share: shareOf(projectionOf(view, 1), [unreadable]) }))
    .filter(({ share }) => share.stop !== undefined)
    .map(({ view }) => view.name);
};
const every = views.map(({ name }) => name);

test.each([
  ['StockIssued', 'StockIssued.v2'],
  ['StockReceived', 'StockReceived.v2'],
  ['ItemRegistered', 'ItemRegistered.v2'],
  ['ReorderThresholdSet', 'ThresholdSet'],
])('an unreadable %s stops the views that take what it has become', (old, current) => {
  const stopped = stoppedBy(old);
  expect(stopped).toStrictEqual(stoppedBy(current));
  expect(stopped).toContain('audit_log');
  expect(stopped.length).toBeLessThan(every.length);
});

test('a view that does not take it goes on behind it', () => {
  const locations = views.find(({ name }) => name === 'locations');
  if (!locations) throw new Error('there is no such view');
  const { reached, stop } = shareOf(projectionOf(locations, 1), [
    {
      kind: 'undecodable',
      position: 7n,
      id: 'some-event',
      stream: 'stock-default.A@MAIN',
      type: 'StockIssued',
      problem: 'quantity is missing',
    },
  ]);
  expect({ commit: reached.commit, stop }).toStrictEqual({ commit: 7n, stop: undefined });
});

test.each(['StockEvaporated', 'StockIssued.v3', 'constructor', ''])(
  'an event of the unknown type "%s" stops every view',
  (type) => {
    expect(stoppedBy(type)).toStrictEqual(every);
  },
);
