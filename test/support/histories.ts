import * as fc from 'fast-check';
import {
  documentId,
  item,
  itemStream,
  location,
  locationStream,
  period,
  periodStream,
  lot,
  lotStream,
  QC_STATUSES,
  stock,
  stockStream,
  type DocumentKind,
  type EventMetadata,
  type InventoryEvent,
  type ItemCommand,
  type ItemState,
  type KnownItem,
  type LocationCommand,
  type LocationState,
  type PeriodCommand,
  type LotCommand,
  type LotState,
  type StockCommand,
  type StockEvent,
  type StockState,
} from '../../libs/domain';

/** Histories as the deciders write them: any commands over a few items and places, in any order. */

type AnyCommand = ItemCommand | LocationCommand | LotCommand | PeriodCommand | StockCommand;
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
const day = effectiveAt.map((instant) => instant.slice(0, 10));
const amount = fc.integer({ min: 1, max: 2_000 }).map((units) => String(units / 100));
const lotCode = fc.option(fc.constantFrom('L1', 'L-2'), { nil: undefined, freq: 2 });
const namedLot = { sku, lotCode: fc.constantFrom('L1', 'L-2') };

/** Now and then out of order, and refused then. */
const levels = {
  safetyStock: fc.option(fc.constantFrom('0', '1', '5')),
  reorderThreshold: fc.option(amount),
  maximum: fc.option(fc.constantFrom('20', '25.5')),
};

const details = fc.record(
  {
    name: words,
    description: words,
    category: fc.option(words),
    attributes: fc.dictionary(fc.constantFrom('Color', 'Größe'), words),
    aliases: fc.array(words, { maxLength: 2 }),
    qcRequired: fc.boolean(),
    allocationPolicy: fc.constantFrom('FIFO' as const, 'FEFO' as const, 'LIFO' as const),
    units: fc.uniqueArray(
      fc.record({
        unit: fc.constantFrom('box', 'Palette'),
        numerator: fc.integer({ min: 1, max: 99 }),
        denominator: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 2, selector: ({ unit }) => unit },
    ),
    countVarianceLimit: fc.option(amount),
    ...levels,
    reorderThresholds: fc.array(
      fc.record({ location: code, reorderThreshold: fc.option(amount) }),
      { maxLength: 2 },
    ),
    thresholds: fc.array(fc.record({ location: code, ...levels }, { requiredKeys: ['location'] }), {
      maxLength: 2,
    }),
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
type Data<T extends StockCommand['type']> = Extract<StockCommand, { type: T }>['data'];

/** A stock command at some place; what is optional may be absent. */
function stockCommand<T extends StockCommand['type']>(
  type: T,
  fields: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<StockCommand> {
  return fc
    .record({ sku, location: code, ...fields })
    .map((data) => ({ type, data: present(data) as Data<T> }) as unknown as StockCommand);
}
const optional = <V>(arbitrary: fc.Arbitrary<V>) =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const moving = { quantity: amount, lotCode, reference: words };
const ordinal = fc.integer({ min: 1, max: 3 });
const instant = fc.constantFrom('2012-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z');
const lotState = {
  expiresOn: fc.constantFrom(null, '2013-05-31', '2027-01-31'),
  qcStatus: fc.constantFrom(...QC_STATUSES),
};

const promises: readonly fc.Arbitrary<StockCommand>[] = [
  stockCommand('ReserveStock', {
    quantity: amount,
    strategy: optional(fc.constantFrom('FIFO', 'FEFO', 'LIFO')),
    partial: optional(fc.boolean()),
    expiresAt: optional(instant),
    batchId: optional(words),
  }),
  stockCommand('ReserveStock', {
    lots: amount.map((quantity) => [{ lotCode: 'L1', quantity }]),
    partial: fc.constant(true),
  }),
  stockCommand('IssueReserved', { ordinal, quantity: optional(amount) }),
  stockCommand('ReleaseReservation', { ordinal, quantity: optional(amount) }),
  stockCommand('ExtendReservation', { ordinal, expiresAt: fc.option(instant) }),
  stockCommand('ExpireReservations', {}),
  stockCommand('ApplyLotStatus', {
    lotCode: fc.constantFrom('L1', 'L-2'),
    lotRevision: fc.nat(5),
    ...lotState,
  }),
];

const goods: readonly fc.Arbitrary<StockCommand>[] = [
  stockCommand('ReturnStock', {
    ...moving,
    disposition: optional(fc.constantFrom('QUARANTINE', 'STOCK')),
  }),
  stockCommand('HoldStock', moving),
  stockCommand('LiftHold', moving),
  stockCommand('DispatchTransfer', {
    ...moving,
    to: fc.constant('Far away'),
    immediate: optional(fc.boolean()),
  }),
  stockCommand('ReceiveTransfer', {
    ordinal,
    quantity: optional(amount),
    missing: optional(fc.constantFrom('0.01', '1')),
  }),
  stockCommand('CancelTransfer', { ordinal }),
  stockCommand('AcceptArrival', {
    ...lotState,
    lotCode: fc.constantFrom(null, 'L1', 'L-2'),
    quantity: fc.integer({ min: 1, max: 5_000 }),
    unit: fc.constant('kg'),
    decimals: fc.constant(2),
    from: fc.constant('Far away'),
    transferId: fc.constant('A-1@Far.T1'),
    receivedAt: effectiveAt,
    lotRevision: fc.option(fc.nat(5)),
  }),
  stockCommand('CountStock', {
    counted: amount,
    lotCode,
    revision: fc.constant(0),
    kind: optional(fc.constantFrom('CYCLE_COUNT', 'STOCKTAKE')),
  }),
  stockCommand('DecideCount', { ordinal, approve: fc.boolean() }),
  stockCommand('ReverseMovement', {
    nth: fc.nat(10),
    error: fc.constantFrom('did_not_occur', 'incorrect_data'),
  }),
];

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
  fc.record({ type: fc.constant('ClosePeriod' as const), data: fc.record({ through: day }) }),
  fc.record({ type: fc.constant('ReopenPeriod' as const), data: fc.record({ from: day }) }),
  fc.record({
    type: fc.constant('DecideLot' as const),
    data: fc.record({ ...namedLot, status: fc.constantFrom(...QC_STATUSES) }),
  }),
  fc.record({
    type: fc.constant('CorrectLotExpiry' as const),
    data: fc.record({ ...namedLot, expiresOn: fc.constantFrom(null, '2027-01-31') }),
  }),
  {
    weight: 8,
    arbitrary: stockCommand('ReceiveStock', {
      ...moving,
      expiresOn: fc.option(fc.constantFrom('2027-01-31', '2031-12-01'), {
        nil: undefined,
        freq: 3,
      }),
      unitCost: optional(fc.constant({ amount: '12.5000', currency: 'USD' })),
      qcRequired: fc.option(fc.boolean(), { nil: undefined, freq: 6 }),
    }),
  },
  {
    weight: 4,
    arbitrary: stockCommand('IssueStock', {
      ...moving,
      purpose: optional(fc.constantFrom('SALE', 'DISPOSAL', 'RETURN_TO_SUPPLIER')),
    }),
  },
  { weight: 2, arbitrary: stockCommand('AdjustStock', moving) },
  {
    weight: 2,
    arbitrary: stockCommand('AdjustStock', {
      ...moving,
      quantity: amount.map((text) => `-${text}`),
    }),
  },
  { weight: 10, arbitrary: fc.oneof(...promises) },
  { weight: 14, arbitrary: fc.oneof(...goods) },
);

export const histories = (
  maxCommands = 60,
  minCommands = 0,
): fc.Arbitrary<readonly InventoryEvent[]> =>
  fc
    .array(fc.record({ command, effectiveAt }), { minLength: minCommands, maxLength: maxCommands })
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

const LOT_COMMANDS = ['NoteLotAt', 'DecideLot', 'CorrectLotExpiry'];
const isLotCommand = (asked: AnyCommand): asked is LotCommand => LOT_COMMANDS.includes(asked.type);

class Log {
  readonly events: InventoryEvent[] = [];
  private readonly items = new Map<string, ItemState>();
  private readonly places = new Map<string, LocationState>();
  private readonly stocks = new Map<string, StockState>();
  private books = period.initial;
  private readonly lots = new Map<string, LotState>();
  private readonly revisions = new Map<string, number>();
  private commands = 0;

  take({ command: asked, effectiveAt: at }: Step): void {
    this.commands += 1;
    if ('code' in asked.data) this.takeLocation(asked as LocationCommand, at);
    else if (isLotCommand(asked)) this.takeLot(asked, at);
    else if ('location' in asked.data) this.takeStock(asked as StockCommand, at);
    else if (asked.type === 'ClosePeriod' || asked.type === 'ReopenPeriod')
      this.takePeriod(asked, at);
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

  private takePeriod(asked: PeriodCommand, at: string): void {
    const decision = period.decide(asked, this.books, { today: '2027-01-01' });
    if (!decision.accepted) return;
    this.append('period', periodStream('default'), decision.events, at);
    const evolve = period.evolve;
    this.books = decision.events.reduce((s, e) => evolve(s, e, { effectiveAt: at }), this.books);
  }

  private takeStock(asked: StockCommand, at: string): void {
    const { sku: id, location: where } = asked.data;
    const stream = stockStream('default', id, where);
    const state = this.stocks.get(stream) ?? stock.initial;
    const own = this.events.filter((event) => event.stream === stream);
    const movement = 'nth' in asked.data ? own[Number(asked.data.nth) % own.length] : undefined;
    const decision = stock.decide(withIds(asked, movement?.id), state, {
      item: withVarianceLimit(this.items.get(id) ?? null),
      location: this.places.get(where) ?? null,
      localDate: at.slice(0, 10),
      now: at,
      actor: this.commands % 2 === 0 ? 'ada' : 'bob',
      generatedLotCode: `G${this.commands}`,
      destination: { active: true },
      book: this.commands % 3 === 0 ? state.onHand : 100,
      movement: (movement ?? null) as StockEvent | null,
    });
    if (!decision.accepted) return;
    this.append('stock', stream, decision.events, at);
    const after = decision.events.reduce((s, e) => stock.evolve(s, e, { effectiveAt: at }), state);
    this.stocks.set(stream, after);
    for (const event of decision.events) this.follow(event, at);
  }

  /** The lot learns of a place that has received some of it. */
  private follow({ type, data }: StockEvent, at: string): void {
    if (type !== 'StockReceived.v2' || data.lotCode === null) return;
    const { sku: id, lotCode: code, location: where, qcStatus, expiresOn } = data;
    const receivedAs = { qcStatus, expiresOn };
    const parentLots = this.commands % 3 === 0 ? [`P.${this.commands % 4}`] : [];
    const noted = { sku: id, lotCode: code, location: where, receivedAs, parentLots };
    this.takeLot({ type: 'NoteLotAt', data: { ...noted, demandsQc: data.qcRequired } }, at);
  }

  private takeLot(asked: LotCommand, at: string): void {
    const stream = lotStream('default', asked.data.sku, asked.data.lotCode);
    const state = this.lots.get(stream) ?? lot.initial;
    const decision = lot.decide(asked, state, null);
    if (!decision.accepted) return;
    this.append('lot', stream, decision.events, at);
    const after = decision.events.reduce((s, e) => lot.evolve(s, e, { effectiveAt: at }), state);
    this.lots.set(stream, after);
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

/** Documents are named by their ordinal, movements by their place in the stream. */
function withIds({ type, data }: StockCommand, movementId: string | undefined): StockCommand {
  const { ordinal: nth, ...rest } = data as { ordinal?: number } & typeof data;
  const idOf = (kind: DocumentKind): string =>
    documentId(kind, data.sku, data.location, Number(nth));
  return {
    type,
    data: {
      ...rest,
      ...(nth !== undefined && {
        reservationId: idOf('reservation'),
        transferId: idOf('transfer'),
        countId: idOf('count'),
      }),
      ...(movementId !== undefined && { movementId }),
    },
  } as unknown as StockCommand;
}

const withVarianceLimit = (known: ItemState): (KnownItem & object) | null =>
  known && { ...known, countVarianceLimit: 300 };

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
