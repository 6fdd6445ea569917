import type { InventoryEvent } from '../../libs/domain';
import { commandIdOf } from '../../apps/api/commands/context';
import { uuidV5 } from '../../libs/runtime';
import { violationsOf } from '../support/idempotency-checker';
import { post, type Sent, type Told } from '../support/idempotency-sends';

/** A checker is trusted once it has caught what it is there to catch. */

const STREAM = 'stock-default.A@MAIN';
const LOT = 'lot-default.A.L';
const IDS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

/** An event of a command, as it would stand in the log. */
function event(
  key: string,
  revision: number,
  more: {
    quantity?: number;
    type?: string;
    stream?: string;
    position?: number;
    hash?: string;
    first?: boolean;
    followers?: number;
    /** The event that this one follows from, as its n-th leg. */
    legOf?: readonly [InventoryEvent, number];
  } = {},
): InventoryEvent {
  const {
    quantity = 5,
    type = 'StockReceived.v2',
    stream = STREAM,
    hash = 'h',
    first = true,
  } = more;
  const data = { sku: 'A', location: 'MAIN', quantity: String(quantity) };
  return {
    id: uuidV5(IDS, `${stream}-${revision}`),
    stream,
    category: 'stock',
    revision,
    position: BigInt(more.position ?? 100 + revision),
    type,
    data: { sku: 'A', quantity },
    metadata: {
      commandId: more.legOf
        ? uuidV5(more.legOf[0].id, String(more.legOf[1]))
        : commandIdOf('default', 'anonymous', key),
      causationId: more.legOf?.[0].id,
      commandHash: hash,
      actor: 'anonymous',
      ...(first && { command: { type: 'ReceiveStock', data } }),
      ...(more.followers !== undefined && { followers: more.followers }),
    },
  } as unknown as InventoryEvent;
}

const accepted = (
  events: readonly InventoryEvent[],
  replayed = false,
  position = events.at(-1)!.position,
): Told => {
  const { revision } = events.at(-1)!;
  const movements = events.map(({ id }) => ({ movementId: id }));
  const body = { movements, revision, position: `abcdef01-${position}` };
  return { status: 201, text: JSON.stringify(body), replayed, etag: `"${revision}"` };
};
const refused = (status: number, code: string): Told => ({
  status,
  text: JSON.stringify({ code }),
  replayed: false,
  etag: undefined,
});
const REUSED = refused(422, 'IDEMPOTENCY_KEY_REUSED');
const SHORT = refused(409, 'INSUFFICIENT_STOCK');

const sent = (key: string, told: Told | undefined, quantity = 5): Sent => ({
  ...post(key, 'inventory/receive', { sku: 'A', quantity }),
  told,
});

const one = event('one', 0);
const two = event('two', 1, { quantity: 3 });
/** Two commands: sent three times, changed once; sent twice, the first answer lost. */
const soundSends: readonly Sent[] = [
  sent('one', accepted([one])),
  sent('one', accepted([one], true)),
  sent('one', REUSED, 9),
  sent('two', undefined, 3),
  sent('two', accepted([two], true), 3),
  sent('three', SHORT),
];
const soundLog = [one, two];

test('given what is right, then nothing is found', () => {
  expect(violationsOf(soundSends, soundLog)).toEqual([]);
});

test.each<[string, readonly Sent[], readonly InventoryEvent[]]>([
  [
    'a leg of a command, on another stream',
    soundSends,
    [...soundLog, event('', 0, { stream: LOT, position: 900, legOf: [one, 0] })],
  ],
  ['a lost answer without an effect', [sent('x', undefined)], []],
  ['a lost answer with an effect', [sent('x', undefined)], [event('x', 0)]],
  [
    'a command decided together with another one, told the position of their append',
    [sent('one', accepted([one], false, 101n)), sent('two', accepted([two]), 3)],
    [event('one', 0, { followers: 1 }), two],
  ],
  [
    'a refusal before the stock came',
    [sent('x', SHORT), sent('x', accepted([event('x', 0)]))],
    [event('x', 0)],
  ],
  [
    'a change that changed nothing',
    [
      {
        ...post('x', 'items/A', { name: 'A' }),
        told: { status: 200, text: '{"changes":{}}', replayed: false, etag: '"3"' },
      },
    ],
    [],
  ],
])('given %s, then nothing is found', (_, sends, log) => {
  expect(violationsOf(sends, log)).toEqual([]);
});

const and = (...more: Sent[]): readonly Sent[] => [...soundSends, ...more];

test.each<[string, readonly Sent[], readonly InventoryEvent[], RegExp]>([
  ['an acknowledged command that is lost', soundSends, [one], /two: acknowledged, and not in/],
  ['two effects', soundSends, [one, two, event('one', 2)], /one: 2 effects/],
  [
    'two effects, the second on another stream',
    soundSends,
    [one, two, event('one', 0, { stream: 'stock-default.B@MAIN', position: 110 })],
    /one: effects on two streams/,
  ],
  [
    'two effects with another one in between',
    soundSends,
    [one, two, event('one', 2, { first: false })],
    /one: its events are not next to each other/,
  ],
  [
    'an effect of two bodies',
    soundSends,
    [one, two, event('one', 2, { hash: 'other', first: false })],
    /one: effects of two bodies/,
  ],
  [
    'the effect of a refused command',
    soundSends,
    [one, two, event('three', 2)],
    /three: it was refused, and has an effect/,
  ],
  [
    'the effect of a command that was told that nothing was written',
    and(sent('x', refused(503, 'STORE_UNAVAILABLE'))),
    [one, two, event('x', 2)],
    /x: it was refused, and has an effect/,
  ],
  [
    'the effect of the changed body, not of the accepted one',
    soundSends,
    [event('one', 0, { quantity: 9 }), two],
    /one: what is stored is not what was asked for/,
  ],
  [
    'a leg of an event that is not there',
    soundSends,
    [one, two, event('', 0, { stream: LOT, legOf: [event('nobody', 9), 0] })],
    /lot-default.A.L@0: an event that nobody asked for/,
  ],
  [
    'a leg that came before its event',
    soundSends,
    [event('', 0, { stream: LOT, position: 7, legOf: [one, 0] }), one, two],
    /lot-default.A.L@0: an event that nobody asked for/,
  ],
  [
    'a leg that was done twice',
    soundSends,
    [
      one,
      two,
      ...[0, 1].map((n) => event('', n, { stream: LOT, position: 900 + n, legOf: [one, 0] })),
    ],
    /lot-default.A.L@0: 2 effects/,
  ],
  ['an event that nobody asked for', soundSends, [one, two, event('nobody', 2)], /nobody asked/],
  [
    'another answer to the second sender',
    and(sent('one', accepted([one], true, 999n))),
    soundLog,
    /one: 2 different answers/,
  ],
  [
    'another status for the second sender',
    and(sent('one', { ...accepted([one], true), status: 200 })),
    soundLog,
    /one: 2 different answers/,
  ],
  [
    'two who were first',
    and(sent('one', accepted([one]))),
    soundLog,
    /one: 2 senders were told that theirs was the first/,
  ],
  [
    'nobody who was first',
    soundSends.slice(1),
    soundLog,
    /one: everyone was told that somebody else came first/,
  ],
  [
    'two accepted bodies',
    and(sent('one', accepted([one], true), 9)),
    soundLog,
    /one: two bodies were accepted/,
  ],
  [
    'a body that was accepted and refused',
    and(sent('one', REUSED)),
    soundLog,
    /one: one body was accepted and refused/,
  ],
  [
    'a key without another body that was refused for one',
    and(sent('x', REUSED)),
    soundLog,
    /x: its only body was refused/,
  ],
  [
    'a wrong position',
    [sent('one', accepted([one], false, 99n))],
    [one],
    /one: position .* was told, it is 100/,
  ],
  [
    'a wrong revision',
    [sent('one', { ...accepted([one]), etag: '"7"' })],
    [one],
    /one: revision 0 was told|revision/,
  ],
  [
    'other movements',
    [sent('one', accepted([event('one', 0, { stream: 'other' })]))],
    [one],
    /told of other events/,
  ],
  ['a revision that is missing', [sent('two', accepted([two]), 3)], [two], /@1: out of order/],
  [
    'a position that does not rise',
    soundSends,
    [one, event('two', 1, { quantity: 3, position: 100 })],
    /@1: its position does not rise/,
  ],
  [
    'less than nothing',
    [sent('one', undefined), sent('x', undefined, 6)],
    [one, event('x', 1, { type: 'StockIssued.v2', quantity: 6 })],
    /@1: oversold/,
  ],
])('given %s, then it is found', (_, sends, log, problem) => {
  expect(violationsOf(sends, log).join('\n')).toMatch(problem);
});
