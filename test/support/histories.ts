import * as fc from 'fast-check';
import {
  item,
  itemStream,
  location,
  locationStream,
  stock,
  stockStream,
  type EventMetadata,
  type InventoryEvent,
  type ItemCommand,
  type ItemState,
  type LocationCommand,
  type LocationState,
  type StockCommand,
  type StockState,
} from '../../libs/domain';

/** Histories as the deciders write them: any commands over a few items and places, in any order. */

type AnyCommand = ItemCommand | LocationCommand | StockCommand;
interface Step {
  readonly command: AnyCommand;
  readonly effectiveAt: string;
}

const skus = ['A-1', 'a/é %', '螺丝@7'];
const codes = ['MAIN', 'Lager 2'];
const sku = fc.constantFrom(...skus);
const code = fc.constantFrom(...codes);
/** Tabs, quotes, backslashes, braces: what a table must give back as it came. */
const words = fc.oneof(
  fc.constantFrom(
    '',
    'plain',
    'tab\there',
    'back\\slash \\N',
    '"quoted", {braced}',
    'line\r\nbreak',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const effectiveAt = fc
  .date({
    min: new Date('2011-01-01T00:00:00.000Z'),
    max: new Date('2026-12-31T00:00:00.000Z'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString());
const amount = fc.integer({ min: 1, max: 2_000 }).map((units) => String(units / 100));
const lotCode = fc.option(fc.constantFrom('L1', 'L-2'), { nil: undefined, freq: 2 });

const details = fc.record(
  {
    name: words,
    description: words,
    category: fc.option(words),
    attributes: fc.dictionary(fc.constantFrom('Color', 'Größe'), words),
    aliases: fc.array(words, { maxLength: 2 }),
    qcRequired: fc.boolean(),
    allocationPolicy: fc.constantFrom('FIFO' as const, 'FEFO' as const, 'LIFO' as const),
    reorderThreshold: fc.option(amount),
    reorderThresholds: fc.array(
      fc.record({ location: code, reorderThreshold: fc.option(amount) }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const place = fc.record(
  { name: words, kind: fc.constantFrom('WAREHOUSE' as const, 'STORE' as const), timeZone: words },
  { requiredKeys: [] },
);
/** Fields that are absent, not undefined, as a checked request has them. */
const present = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, cell]) => cell !== undefined)) as T;
const movement = { sku, location: code, quantity: amount, lotCode, reference: words };

type Moving = Extract<StockCommand, { type: 'IssueStock' | 'AdjustStock' }>;
const outward = (type: Moving['type'], quantity: fc.Arbitrary<string>): fc.Arbitrary<Moving> =>
  fc
    .record({ ...movement, quantity })
    .map((data) => ({ type, data: present(data) }) as unknown as Moving);

const command: fc.Arbitrary<AnyCommand> = fc.oneof(
  fc.tuple(sku, details).map(([id, data]) => ({
    type: 'UpdateItem' as const,
    data: { ...data, sku: id },
  })),
  fc.record({
    type: fc.constantFrom('DeactivateItem' as const, 'ReactivateItem' as const),
    data: fc.record({ sku }),
  }),
  fc.tuple(code, place).map(([id, data]) => ({
    type: 'UpdateLocation' as const,
    data: { ...data, code: id },
  })),
  fc.record({
    type: fc.constantFrom('DeactivateLocation' as const, 'ReactivateLocation' as const),
    data: fc.record({ code }),
  }),
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('ReceiveStock' as const),
      data: fc
        .record({
          ...movement,
          expiresOn: fc.option(fc.constantFrom('2027-01-31', '2031-12-01'), {
            nil: undefined,
            freq: 3,
          }),
          unitCost: fc.option(fc.constant({ amount: '12.5000', currency: 'USD' }), {
            nil: undefined,
          }),
        })
        .map(present) as fc.Arbitrary<Extract<StockCommand, { type: 'ReceiveStock' }>['data']>,
    }),
  },
  { weight: 4, arbitrary: outward('IssueStock', amount) },
  { weight: 2, arbitrary: outward('AdjustStock', amount) },
  {
    weight: 2,
    arbitrary: outward(
      'AdjustStock',
      amount.map((text) => `-${text}`),
    ),
  },
);

export const histories = (maxCommands = 60): fc.Arbitrary<readonly InventoryEvent[]> =>
  fc
    .array(fc.record({ command, effectiveAt }), { maxLength: maxCommands })
    .map((steps) => written(steps));

const registrations: readonly Step[] = [
  ...codes.map((id): Step => ({
    command: { type: 'RegisterLocation', data: { code: id } },
    effectiveAt: '2011-01-01T00:00:00.000Z',
  })),
  ...skus.map((id, i): Step => ({
    command: {
      type: 'RegisterItem',
      data: { sku: id, unit: 'kg', decimals: 2, tracking: i === 2 ? 'lot' : 'none' },
    },
    effectiveAt: '2011-01-01T00:00:00.000Z',
  })),
];

/** The events of the commands that the deciders accept, in log order. */
function written(steps: readonly Step[]): InventoryEvent[] {
  const log = new Log();
  for (const step of [...registrations, ...steps]) log.take(step);
  return log.events;
}

class Log {
  readonly events: InventoryEvent[] = [];
  private readonly items = new Map<string, ItemState>();
  private readonly places = new Map<string, LocationState>();
  private readonly stocks = new Map<string, StockState>();
  private readonly revisions = new Map<string, number>();
  private commands = 0;

  take({ command: asked, effectiveAt: at }: Step): void {
    this.commands += 1;
    if ('code' in asked.data) this.takeLocation(asked as LocationCommand, at);
    else if ('location' in asked.data) this.takeStock(asked as StockCommand, at);
    else this.takeItem(asked as ItemCommand, at);
  }

  private takeItem(asked: ItemCommand, at: string): void {
    const id = asked.data.sku;
    const state = this.items.get(id) ?? item.initial;
    const decision = item.decide(asked, state, { unknownLocations: [] });
    if (!decision.accepted) return;
    this.append('item', itemStream('default', id), decision.events, at);
    const after = decision.events.reduce((s, e) => item.evolve(s, e, { effectiveAt: at }), state);
    this.items.set(id, after);
  }

  private takeLocation(asked: LocationCommand, at: string): void {
    const id = asked.data.code;
    const state = this.places.get(id) ?? location.initial;
    const decision = location.decide(asked, state, { parent: null });
    if (!decision.accepted) return;
    this.append('location', locationStream('default', id), decision.events, at);
    const evolve = location.evolve;
    this.places.set(
      id,
      decision.events.reduce((s, e) => evolve(s, e, { effectiveAt: at }), state),
    );
  }

  private takeStock(asked: StockCommand, at: string): void {
    const { sku: id, location: where } = asked.data;
    const stream = stockStream('default', id, where);
    const state = this.stocks.get(stream) ?? stock.initial;
    const decision = stock.decide(asked, state, {
      item: this.items.get(id) ?? null,
      location: this.places.get(where) ?? null,
      localDate: at.slice(0, 10),
      generatedLotCode: `G${this.commands}`,
    });
    if (!decision.accepted) return;
    this.append('stock', stream, decision.events, at);
    const after = decision.events.reduce((s, e) => stock.evolve(s, e, { effectiveAt: at }), state);
    this.stocks.set(stream, after);
  }

  private append(
    category: string,
    stream: string,
    events: readonly { readonly type: string; readonly data: object }[],
    at: string,
  ): void {
    for (const event of events) {
      const revision = (this.revisions.get(stream) ?? -1) + 1;
      this.revisions.set(stream, revision);
      this.events.push(
        recorded(event, category, stream, revision, this.events.length, {
          commandId: uuid(1, this.commands),
          effectiveAt: at,
        }),
      );
    }
  }
}

const uuid = (kind: number, n: number): string =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** An event at a place in the log; positions rise and have gaps. */
export function recorded(
  event: { readonly type: string; readonly data: object },
  category: string,
  stream: string,
  revision: number,
  place: number,
  metadata: Partial<EventMetadata> = {},
): InventoryEvent {
  return {
    ...event,
    id: uuid(2, place),
    category,
    stream,
    revision,
    position: 1_000n + BigInt(place) * 317n,
    metadata: {
      commandId: uuid(1, place),
      commandHash: 'ab'.repeat(32),
      correlationId: 'correlation',
      causationId: 'causation',
      tenant: 'default',
      actor: 'someone',
      effectiveAt: '2026-01-02T03:04:05.678Z',
      recordedAt: new Date(1_790_000_000_000 + place * 1_000).toISOString(),
      schema: 1,
      ...metadata,
    },
  } as InventoryEvent;
}
