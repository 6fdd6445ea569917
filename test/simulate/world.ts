import {
  bookAt,
  effectOf,
  lotOf,
  stock,
  stockStream,
  lotStream,
  type FollowUp,
  type KnownItem,
  type Lot,
  type LotFact,
  type StockCommand,
  type StockEvent,
  type StockFacts,
  type StockState,
} from '../../libs/domain';
import type { Random } from '../differential/random';
import { Ledger } from './ledger';
import { newBook, type Book } from './model/book';

/** One SKU at one place: what the product makes of it, and what the model makes of it. */
export interface Site {
  readonly sku: string;
  readonly location: string;
  readonly stream: string;
  readonly book: Book;
  readonly ledger: Ledger;
  state: StockState;
}

/** What one stream has to tell another, and will, in whatever order and however late. */
export type Message = FollowUp & {
  /** Of what it follows from: told again, it is the same. */
  readonly id: string;
};

export const SKUS = ['NUT', 'OIL'] as const;
export const LOCATIONS = ['MAIN', 'EAST', 'WEST'] as const;
const START = Date.UTC(2026, 5, 1, 8);

export type ItemNow = { -readonly [K in keyof KnownItem]: KnownItem[K] };

export class World {
  readonly sites: readonly Site[];
  readonly items: Map<string, ItemNow>;
  readonly active = new Map<string, boolean>(LOCATIONS.map((code) => [code, true]));
  /** By stream: what each lot was after each of its events. */
  readonly lots = new Map<string, Lot[]>();
  readonly messages: Message[] = [];
  /** Arrivals that would make more of it than a place can hold. */
  readonly stuck: Message[] = [];
  clock = START;
  steps = 0;
  /** Nobody but the lots themselves says what they are. */
  readonly isTruthful: boolean;
  /** How soon streams are told what they have to know: a chance for each step. */
  readonly haste: number;

  constructor(random: Random) {
    this.isTruthful = random.chance(0.7);
    this.haste = random.pick([0.3, 0.3, 0.08]);
    this.sites = SKUS.flatMap((sku) =>
      LOCATIONS.map((location) => ({
        sku,
        location,
        stream: stockStream('default', sku, location),
        book: newBook(sku, location),
        ledger: new Ledger(),
        state: stock.initial,
      })),
    );
    const box = { unit: 'box', numerator: 12, denominator: 1 };
    const cup = { unit: 'cup', numerator: 1, denominator: 4 };
    const chosen = () => ({
      active: true,
      tracking: random.chance(0.2) ? ('lot' as const) : ('none' as const),
      qcRequired: random.chance(0.15),
      allocationPolicy: random.pick(['FIFO', 'FEFO', 'LIFO'] as const),
      countVarianceLimit: random.chance(0.4) ? random.pick([0, 2, 4]) : null,
    });
    this.items = new Map<string, ItemNow>([
      ['NUT', { unit: 'each', decimals: 0, units: [box], ...chosen() }],
      ['OIL', { unit: 'kg', decimals: 2, units: [cup], ...chosen() }],
    ]);
  }

  get now(): string {
    return new Date(this.clock).toISOString();
  }

  get today(): string {
    return this.now.slice(0, 10);
  }

  site(stream: string): Site {
    const found = this.sites.find((site) => site.stream === stream);
    if (!found) throw new Error(`there is no ${stream}`);
    return found;
  }

  /** What a decision is told of everything outside its stream, as the application reads it. */
  factsFor(site: Site, command: StockCommand, effectiveAt: string, actor: string): StockFacts {
    const { sku, location } = site;
    const item = this.items.get(sku);
    if (!item) throw new Error(`no item ${sku}`);
    return {
      item: { ...item },
      location: { active: this.active.get(location) ?? false },
      localDate: effectiveAt.slice(0, 10),
      now: this.now,
      actor,
      generatedLotCode: `G${this.steps}`,
      ...this.factsOf(site, command, effectiveAt),
    };
  }

  private factsOf(site: Site, command: StockCommand, effectiveAt: string): Partial<StockFacts> {
    switch (command.type) {
      case 'ReceiveStock':
      case 'ReturnStock':
      case 'AcceptArrival':
        return { lot: this.lotFact(site, command.data.lotCode) };
      case 'DispatchTransfer': {
        const active = this.active.get(command.data.to);
        return { destination: active === undefined ? null : { active } };
      }
      case 'ReceiveTransfer':
      case 'CancelTransfer':
        return this.steps % 3 === 0 ? {} : { happenedAt: effectiveAt };
      case 'CountStock':
        return { book: bookOf(site, command.data.lotCode ?? null, command.data.revision) };
      case 'ReverseMovement': {
        const { movementId } = command.data;
        const entry = site.book.diary.find(({ id }) => id === movementId);
        return { movement: entry?.event ?? null };
      }
      default:
        return {};
    }
  }

  /** At times what the lot was a moment ago: facts are read, and then decided upon. */
  private lotFact({ sku, location }: Site, code: string | null | undefined): LotFact | null {
    if (!code) return null;
    const history = this.lots.get(lotStream('default', sku, code)) ?? [];
    const revision = history.length - (this.steps % 4 === 0 ? 2 : 1);
    const known = history[revision];
    if (!known) return null;
    const { qcStatus, expiresOn, locations } = known;
    return { qcStatus, expiresOn, revision, here: locations.includes(location) };
  }
}

/** What the books said after a revision, out of what is there now and what has moved since, as the application finds it. */
function bookOf({ book, state }: Site, lotCode: string | null, revision: number): number | null {
  if (revision < 0 || revision >= book.diary.length) return null;
  const since = book.diary.slice(revision + 1).map(({ event }) => event);
  const effects = since
    .filter(({ data }) => 'lotCode' in data && data.lotCode === lotCode)
    .map((event: StockEvent) => effectOf(event));
  return bookAt(lotOf(state.lots, lotCode ?? '')?.onHand ?? 0, effects);
}
