import {
  bookAt,
  effectOf,
  item,
  itemStream,
  location,
  locationStream,
  lot,
  lotOf,
  period,
  periodStream,
  lotStream,
  stock,
  stockStream,
  type ItemFacts,
  type ItemState,
  type LocationFacts,
  type LocationState,
  type PeriodState,
  type LotFact,
  type StockCommand,
  type StockEvent,
  type StockFacts,
  type StockLot,
} from '../domain';
import type { CommandContext, Executor, Watcher } from '../eventstore';
import { RecentMap } from '../runtime';
import { inParallel } from './in-parallel';

const MAX_AGE_MS = 2_000;
/** While every change is told as it happens, what is known stays true; read again all the same, now and then. */
const WATCHED_MAX_AGE_MS = 60_000;
const MAX_ENTRIES = 50_000;
const MAX_ANCESTORS = 32;
const PLACES_AT_ONCE = 8;
/** A count is compared with figures of minutes or hours ago. */
const MAX_EVENTS_SINCE_COUNT = 20_000;

interface Place {
  readonly sku: string;
  readonly location: string;
}

interface Known {
  readonly state: unknown;
  readonly readAt: number;
}

/** What decisions need from other streams, read through a short cache. What is absent is never cached. */
export class FactsReader implements Watcher {
  /** Of the streams that it remembers: whoever watches them for it watches all of these. */
  static readonly categories = [item, location, lot, period].map(({ category }) => category);

  private maxAgeMs = MAX_AGE_MS;
  private readonly known = new RecentMap<string, Known>(MAX_ENTRIES);
  private readonly reads = new Map<string, Promise<unknown>>();
  private readonly periods: string;

  constructor(
    private readonly executor: Pick<Executor, 'stateOf' | 'eventsOf'>,
    private readonly tenant: string,
    private readonly clock: () => number = () => performance.now(),
    /** ISO-8601 UTC. */
    private readonly now: () => string = () => new Date().toISOString(),
  ) {
    this.periods = periodStream(tenant);
  }

  /** The stream has changed: what we knew is old, and so is what a read under way may bring. */
  changed(stream: string): void {
    this.known.delete(stream);
    this.reads.delete(stream);
  }

  live(live: boolean): void {
    this.maxAgeMs = live ? WATCHED_MAX_AGE_MS : MAX_AGE_MS;
    // What was read before the watch began may have changed unseen.
    this.known.clear();
    this.reads.clear();
  }

  item(sku: string, fresh: boolean): Promise<ItemState> {
    return this.read(itemStream(this.tenant, sku), fresh, async (stream) => {
      const { state } = await this.executor.stateOf(item, stream);
      return state;
    });
  }

  location(code: string, fresh: boolean): Promise<LocationState> {
    return this.read(locationStream(this.tenant, code), fresh, async (stream) => {
      const { state } = await this.executor.stateOf(location, stream);
      return state;
    });
  }

  /**
   * Through which day the books are closed. That nothing is closed is an answer as well, known for as long as any other:
   * what slips in while a period closes is told by the report of restatements.
   */
  period(fresh: boolean): Promise<PeriodState> {
    return this.read(this.periods, fresh, async (stream) => {
      const { state } = await this.executor.stateOf(period, stream);
      return state;
    });
  }

  /** What the lot's own stream says, for a command that brings goods of it to a place; null = it has none yet. */
  async lot(sku: string, lotCode: string, at: string, fresh: boolean): Promise<LotFact | null> {
    const known = await this.read(lotStream(this.tenant, sku, lotCode), fresh, async (stream) => {
      const { state, revision } = await this.executor.stateOf(lot, stream);
      return state && { state, revision };
    });
    if (!known) return null;
    const { qcStatus, expiresOn, locations } = known.state;
    return { qcStatus, expiresOn, revision: known.revision, here: locations.includes(at) };
  }

  /** What each place of a lot goes by, as it stands in the log now; undefined: it has not heard of the lot yet. */
  async lotAtPlaces(
    sku: string,
    lotCode: string,
  ): Promise<readonly (readonly [location: string, known: StockLot | undefined])[]> {
    const { state } = await this.executor.stateOf(lot, lotStream(this.tenant, sku, lotCode));
    return inParallel(state?.locations ?? [], PLACES_AT_ONCE, async (location) => {
      const stream = stockStream(this.tenant, sku, location);
      const { state: there } = await this.executor.stateOf(stock, stream);
      return [location, lotOf(there.lots, lotCode)] as const;
    });
  }

  /** Of a stock command whatever it is: what all of them need, and of one that brings goods of a lot what the lot is. */
  async factsOf(
    command: StockCommand,
    context: Pick<CommandContext, 'commandId' | 'effectiveAt' | 'actor'>,
    fresh: boolean,
  ): Promise<StockFacts> {
    const { sku, location } = command.data;
    const lotCode = lotBroughtBy(command);
    if (lotCode === undefined) return this.stockFacts(command.data, context, fresh);
    const [facts, lot] = await Promise.all([
      this.stockFacts(command.data, context, fresh),
      this.lot(sku, lotCode, location, fresh),
    ]);
    return { ...facts, lot };
  }

  async stockFacts(
    { sku, location }: Place,
    { commandId, effectiveAt, actor }: Pick<CommandContext, 'commandId' | 'effectiveAt' | 'actor'>,
    fresh: boolean,
  ): Promise<StockFacts> {
    const [knownItem, place, { closedThrough }] = await Promise.all([
      this.item(sku, fresh),
      this.location(location, fresh),
      this.period(fresh),
    ]);
    const facts: StockFacts = {
      item: knownItem && {
        unit: knownItem.unit,
        decimals: knownItem.decimals,
        active: knownItem.active,
        tracking: knownItem.tracking,
        qcRequired: knownItem.qcRequired,
        allocationPolicy: knownItem.allocationPolicy,
        // Most items have neither, and facts stand in the log.
        ...(knownItem.units.length > 0 && { units: knownItem.units }),
        ...(knownItem.countVarianceLimit !== null && {
          countVarianceLimit: knownItem.countVarianceLimit,
        }),
      },
      location: place && { active: place.active },
      localDate: localDateOf(effectiveAt, place?.timeZone ?? 'UTC'),
      now: this.now(),
      actor,
      generatedLotCode: generatedLotCode(commandId),
    };
    const isClosed = closedThrough !== null && effectiveAt.slice(0, 10) <= closedThrough;
    return isClosed ? { ...facts, closedThrough } : facts;
  }

  /**
   * On hand of a lot after a revision of its stream, which no later event changes: what is there now less what has moved
   * since. null: the stream has no such revision, or it is too long ago.
   */
  async bookAt(
    { sku, location, lotCode }: Place & { readonly lotCode?: string | undefined },
    revision: number,
  ): Promise<number | null> {
    const stream = stockStream(this.tenant, sku, location);
    const { state, revision: head } = await this.executor.stateOf(stock, stream);
    if (revision > head || head - revision > MAX_EVENTS_SINCE_COUNT) return null;
    const later = await this.executor.eventsOf(stream, revision + 1, head - revision);
    const effects = (later as unknown as readonly StockEvent[])
      .filter(({ data }) => 'lotCode' in data && data.lotCode === (lotCode ?? null))
      .map(effectOf);
    return bookAt(lotOf(state.lots, lotCode ?? '')?.onHand ?? 0, effects);
  }

  /** A movement as it stands in the log; null where that place holds another event. */
  async movementAt(
    { sku, location }: Place,
    movementId: string,
    revision: number,
  ): Promise<StockEvent | null> {
    const stream = stockStream(this.tenant, sku, location);
    const [event] = await this.executor.eventsOf(stream, revision, 1);
    if (event?.id !== movementId) return null;
    const { type, data } = event as unknown as StockEvent;
    return { type, data } as StockEvent;
  }

  async itemFacts(codes: readonly string[], fresh: boolean): Promise<ItemFacts> {
    const places = await Promise.all(codes.map((code) => this.location(code, fresh)));
    return { unknownLocations: codes.filter((_code, index) => !places[index]) };
  }

  async locationFacts(parent: string | null | undefined, fresh: boolean): Promise<LocationFacts> {
    if (parent === null || parent === undefined) return { parent: null };
    const place = await this.location(parent, fresh);
    const ancestors: string[] = [];
    let above = place?.parent ?? null;
    while (above !== null && ancestors.length < MAX_ANCESTORS && !ancestors.includes(above)) {
      ancestors.push(above);
      above = (await this.location(above, fresh))?.parent ?? null;
    }
    return { parent: { exists: place !== null, ancestors } };
  }

  private read<T>(
    stream: string,
    fresh: boolean,
    load: (stream: string) => Promise<T>,
  ): Promise<T> {
    const known = fresh ? undefined : this.known.get(stream);
    if (known && this.clock() - known.readAt < this.maxAgeMs) {
      return Promise.resolve(known.state as T);
    }
    // A fresh read shares no read under way: that one may have looked before the caller asked.
    const underWay = fresh ? undefined : this.reads.get(stream);
    return (underWay as Promise<T> | undefined) ?? this.load(stream, load);
  }

  private async load<T>(stream: string, load: (stream: string) => Promise<T>): Promise<T> {
    const readAt = this.clock();
    const read = load(stream);
    this.reads.set(stream, read);
    try {
      const state = await read;
      if (state === null) this.known.delete(stream);
      else if (this.reads.get(stream) === read) this.known.set(stream, { state, readAt });
      return state;
    } finally {
      if (this.reads.get(stream) === read) this.reads.delete(stream);
    }
  }
}

/** Of a command that brings goods of a named lot, its code: such a command alone needs to know what the lot is. */
function lotBroughtBy({ type, data }: StockCommand): string | undefined {
  switch (type) {
    case 'ReceiveStock':
    case 'ReturnStock':
      return data.lotCode;
    case 'AcceptArrival':
      return data.lotCode ?? undefined;
    default:
      return undefined;
  }
}

/** The lot code of goods that need one and came without; the same for every retry of the command. */
export const generatedLotCode = (commandId: string): string =>
  `LOT-${commandId.replaceAll('-', '').slice(0, 12).toUpperCase()}`;

/** There are some 600 time zones, but every one may be written in small and large letters. */
const formats = new RecentMap<string, Intl.DateTimeFormat>(1_000);

/** The calendar date of an instant by the clocks of a time zone. */
export function localDateOf(instant: string, timeZone: string): string {
  if (timeZone === 'UTC') return instant.slice(0, 10);
  let format = formats.get(timeZone);
  if (!format) {
    // Sweden writes its dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
    formats.set(timeZone, format);
  }
  return format.format(new Date(instant));
}
