import type { StockCommand } from '../../libs/domain';
import type { Random } from '../differential/random';
import { effect, type Book } from './model/book';
import { LOCATIONS, type ItemNow, type Site, type World } from './world';

/** What somebody may want of a place, mostly sensible: what makes no sense at all is refused too early to show much. */

type Command<T extends StockCommand['type']> = Extract<StockCommand, { readonly type: T }>;

const KINDS = {
  ReceiveStock: 11,
  ReturnStock: 4,
  IssueStock: 9,
  AdjustStock: 5,
  HoldStock: 4,
  LiftHold: 3,
  ReserveStock: 14,
  IssueReserved: 11,
  ReleaseReservation: 6,
  ExtendReservation: 3,
  ExpireReservations: 1,
  ApplyLotStatus: 4,
  DispatchTransfer: 8,
  ReceiveTransfer: 9,
  CancelTransfer: 4,
  CountStock: 8,
  DecideCount: 9,
  ReverseMovement: 5,
} as const;
type Kind = keyof typeof KINDS;
const TRUTHFUL_KINDS = { ...KINDS, ApplyLotStatus: 0 };

const LOTS = ['A', 'B', 'C'] as const;
export const EXPIRIES = ['2026-06-02', '2026-06-03', '2026-06-05'] as const;
export const STATUSES = ['APPROVED', 'QUARANTINE', 'REJECTED', 'RECALLED'] as const;
const STRATEGIES = ['FIFO', 'FEFO', 'LIFO'] as const;

export function commandOf(random: Random, world: World, site: Site): StockCommand {
  const wish = new Wish(random, world, site);
  const kind = random.weighted(world.isTruthful ? TRUTHFUL_KINDS : KINDS);
  // Without a document to speak of another wish says more, nearly always.
  if (!isPointless(kind, site.book) || random.chance(0.05)) return wish.of(kind);
  const other = random.weighted(world.isTruthful ? TRUTHFUL_KINDS : KINDS);
  return wish.of(isPointless(other, site.book) ? 'ReceiveStock' : other);
}

function isPointless(kind: Kind, { pledges, voyages, sheets, slips }: Book): boolean {
  switch (kind) {
    case 'IssueReserved':
    case 'ReleaseReservation':
    case 'ExtendReservation':
      return pledges.size === 0;
    case 'ReceiveTransfer':
    case 'CancelTransfer':
      return voyages.size === 0;
    case 'DecideCount':
      return sheets.size === 0;
    case 'LiftHold':
      return [...slips.values()].every(({ held }) => held === 0);
    case 'ReceiveStock':
      return false;
    default:
      return slips.size === 0;
  }
}

class Wish {
  private readonly item: ItemNow;
  private readonly book: Book;
  private readonly place: { readonly sku: string; readonly location: string };

  constructor(
    private readonly random: Random,
    private readonly world: World,
    site: Site,
  ) {
    this.book = site.book;
    this.item = world.items.get(site.sku)!;
    this.place = { sku: site.sku, location: site.location };
  }

  of(kind: Kind): StockCommand {
    const { random, place } = this;
    switch (kind) {
      case 'ReceiveStock':
        return this.receive();
      case 'ReturnStock': {
        const disposition = random.pick([null, 'QUARANTINE', 'STOCK'] as const);
        return this.tidy({ type: kind, data: { ...this.moving(9), disposition } });
      }
      case 'IssueStock': {
        const purpose = random.pick([
          null,
          'SALE',
          'CONSUMPTION',
          'DISPOSAL',
          'RETURN_TO_SUPPLIER',
        ] as const);
        return this.tidy({ type: kind, data: { ...this.moving(12), purpose } });
      }
      case 'AdjustStock': {
        const units = random.int(-8, 6);
        const purpose = random.pick([null, 'DAMAGE'] as const);
        const data = { ...this.moving(1), ...this.amount(units), purpose };
        return this.tidy({ type: kind, data });
      }
      case 'HoldStock':
      case 'LiftHold':
        return this.tidy({ type: kind, data: this.moving(6) });
      case 'ReserveStock':
        return this.reserve();
      case 'IssueReserved':
      case 'ReleaseReservation': {
        const reservationId = this.idOf('R', [...this.book.pledges.keys()]);
        const some = random.chance(0.6) ? this.amount(random.int(1, 8)) : {};
        const more = kind === 'IssueReserved' && random.chance(0.3) ? { reference: 'PICK-1' } : {};
        return { type: kind, data: { ...place, reservationId, ...some, ...more } };
      }
      case 'ExtendReservation': {
        const reservationId = this.idOf('R', [...this.book.pledges.keys()]);
        const known = this.book.pledges.get(reservationId)?.until ?? null;
        const expiresAt = random.chance(0.1) ? known : random.chance(0.2) ? null : this.later();
        return { type: kind, data: { ...place, reservationId, expiresAt } };
      }
      case 'ExpireReservations':
        return { type: kind, data: place };
      case 'ApplyLotStatus':
        // A word of the lot's stream that nobody here has sent: from an earlier time, or ahead of all others.
        return {
          type: kind,
          data: {
            ...place,
            lotCode: random.pick(LOTS),
            qcStatus: random.pick(STATUSES),
            expiresOn: random.chance(0.4) ? random.pick(EXPIRIES) : null,
            lotRevision: random.int(0, 4),
          },
        };
      case 'DispatchTransfer': {
        const others = LOCATIONS.filter((code) => code !== place.location);
        const to = random.chance(0.02)
          ? place.location
          : random.chance(0.02)
            ? 'NOWHERE'
            : random.pick(others);
        const immediate = random.pick([null, null, true, false]);
        return this.tidy({ type: kind, data: { ...this.moving(9), to, immediate } });
      }
      case 'ReceiveTransfer':
        return this.receiveTransfer();
      case 'CancelTransfer':
        return { type: kind, data: { ...place, transferId: this.transferId() } };
      case 'CountStock':
        return this.count();
      case 'DecideCount': {
        const countId = this.idOf('C', [...this.book.sheets.keys()]);
        return { type: kind, data: { ...place, countId, approve: random.chance(0.7) } };
      }
      case 'ReverseMovement':
        return {
          type: kind,
          data: {
            ...place,
            movementId: this.movementId(),
            error: random.pick(['did_not_occur', 'incorrect_data'] as const),
          },
        };
    }
  }

  private receive(): Command<'ReceiveStock'> {
    const { random } = this;
    const moving = this.moving(12);
    const known = this.book.slips.get(moving.lotCode ?? null);
    const isRight = known !== undefined && random.chance(0.8);
    const data = {
      ...moving,
      purpose: random.pick([null, 'PURCHASE', 'PRODUCTION'] as const),
      expiresOn: random.chance(0.3) ? (isRight ? known.expires : random.pick(EXPIRIES)) : null,
      qcRequired: random.chance(0.12) ? random.chance(0.7) : undefined,
      unitCost: random.chance(0.1) ? { amount: '1.50', currency: 'EUR' } : undefined,
      supplierLot: random.chance(0.1) ? 'S-7' : undefined,
      manufacturedOn: random.chance(0.1) ? '2026-01-31' : undefined,
      parentLots: random.chance(0.1) ? ['OIL.A', 'NUT.B'] : undefined,
    };
    return this.tidy({ type: 'ReceiveStock', data });
  }

  private reserve(): Command<'ReserveStock'> {
    const { random } = this;
    const isNamed = random.chance(0.25);
    const line = () => ({ lotCode: this.lotCode() ?? 'A', quantity: this.text(this.units(6)) });
    const lots = isNamed ? Array.from({ length: random.int(1, 3) }, line) : undefined;
    // Lots alone say how much; a quantity beside them must agree, which by chance it seldom does.
    const saysHowMuch = !isNamed || random.chance(0.15);
    const amount = saysHowMuch ? this.amount(random.chance(0.04) ? 0 : random.int(1, 12)) : {};
    const data = {
      ...this.place,
      ...amount,
      lots,
      strategy: random.chance(0.5) ? random.pick(STRATEGIES) : undefined,
      partial: random.pick([null, true, false]),
      batchId: random.chance(0.2) ? 'BATCH-1' : undefined,
      reference: random.chance(0.2) ? 'SO-1' : undefined,
      expiresAt: random.chance(0.5) ? this.later() : undefined,
    };
    return this.tidy({ type: 'ReserveStock', data });
  }

  private receiveTransfer(): Command<'ReceiveTransfer'> {
    const { random } = this;
    const transferId = this.transferId();
    const codes = this.book.voyages.get(transferId)?.lines.map(({ code }) => code) ?? [];
    const code = codes.length > 0 && random.chance(0.3) ? random.pick(codes) : null;
    const data = {
      ...this.place,
      transferId,
      lotCode: random.chance(0.05) ? 'ZZ' : (code ?? undefined),
      quantity: random.chance(0.6) ? this.text(random.int(0, 7)) : undefined,
      missing: random.chance(0.3) ? this.text(random.int(0, 3)) : undefined,
    };
    return this.tidy({ type: 'ReceiveTransfer', data });
  }

  private count(): Command<'CountStock'> {
    const { random, book } = this;
    const head = book.diary.length - 1;
    const lotCode = this.lotCode();
    const now = book.slips.get(lotCode ?? null)?.count ?? 0;
    const off = random.chance(0.3) ? 0 : random.int(-6, 5);
    const again = random.chance(0.2) ? this.idOf('C', [...book.sheets.keys()]) : undefined;
    const known = again === undefined ? undefined : book.sheets.get(again);
    const data = {
      ...this.place,
      lotCode: known && random.chance(0.8) ? (known.lotCode ?? undefined) : lotCode,
      counted: this.text(random.chance(0.04) ? -1 : Math.max(0, now + off)),
      kind: random.pick([null, 'STOCKTAKE'] as const),
      blind: random.pick([null, true]),
      revision: random.chance(0.04) ? head + 1 : Math.max(0, head - random.int(0, 6)),
      countId: again,
      reference: random.chance(0.2) ? 'COUNT-1' : undefined,
    };
    return this.tidy({ type: 'CountStock', data });
  }

  private movementId(): string {
    const { random, book } = this;
    const moves = book.diary.filter(({ event }) => effect(event) !== 0);
    if (moves.length > 0 && random.chance(0.8)) return random.pick(moves.slice(-8)).id;
    return book.diary.length > 0 && random.chance(0.7) ? random.pick(book.diary).id : 'unknown';
  }

  private transferId(): string {
    return this.idOf('T', [...this.book.voyages.keys()]);
  }

  /** One that is open; seldom one that has ended or never was. */
  private idOf(letter: 'R' | 'T' | 'C', open: readonly string[]): string {
    const { random } = this;
    if (open.length > 0 && random.chance(0.88)) return random.pick(open);
    const made = this.book.made[letter];
    const number = random.chance(0.6) ? random.int(1, Math.max(1, made)) : made + 1;
    const other = letter === 'R' ? 'T' : 'R';
    const { sku, location } = this.place;
    return random.chance(0.03)
      ? 'nonsense'
      : `${sku}@${location}.${random.chance(0.03) ? other : letter}${number}`;
  }

  private moving(most: number) {
    return {
      ...this.place,
      ...this.amount(this.units(most)),
      lotCode: this.lotCode(),
      reference: this.random.chance(0.2) ? 'REF-1' : undefined,
    };
  }

  private lotCode(): string | undefined {
    const { random } = this;
    if (random.chance(this.item.tracking === 'lot' ? 0.1 : 0.4)) return undefined;
    const known = [...this.book.slips.keys()].filter((code) => code !== null);
    return known.length > 0 && random.chance(0.75) ? random.pick(known) : random.pick(LOTS);
  }

  private units(most: number): number {
    const { random } = this;
    if (random.chance(0.02)) return random.int(-1, 0);
    if (random.chance(0.005)) return random.pick([2 ** 53 - 1, 2 ** 52]);
    return random.int(1, most);
  }

  /** A quantity in the item's unit, at times in its other one or in one that it has not, or badly written. */
  private amount(units: number): { readonly quantity: string; readonly unit?: string } {
    const { random, item } = this;
    if (random.chance(0.015))
      return { quantity: random.pick(['x', '1.234', '0.005', '99999999999999999']) };
    if (random.chance(0.01)) return { quantity: '1', unit: 'barrel' };
    const other = item.units?.[0];
    if (other && random.chance(0.06))
      return { quantity: String(random.int(1, 2)), unit: other.unit };
    const unit = random.chance(0.1) ? { unit: item.unit } : {};
    return { quantity: this.text(units), ...unit };
  }

  private text(units: number): string {
    const { decimals } = this.item;
    if (decimals === 0) return String(units);
    const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
    const text = `${units < 0 ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
    return this.random.chance(0.5) ? text : text.replace(/\.?0+$/, '');
  }

  /** Mostly soon, seldom past. */
  private later(): string {
    const minutes = this.random.chance(0.05) ? 0 : this.random.int(30, 1_500);
    return new Date(this.world.clock + minutes * 60_000).toISOString();
  }

  /** Fields that are absent, not undefined, as a checked request has them. */
  private tidy<T extends StockCommand['type']>(loose: {
    readonly type: T;
    readonly data: object;
  }): Command<T> {
    const data = Object.fromEntries(
      Object.entries(loose.data).filter(([, value]) => value !== undefined && value !== null),
    );
    return { type: loose.type, data } as unknown as Command<T>;
  }
}
