import { accept, refuse } from '../kernel';
import { documentId, parseDocumentId } from '../names';
import { MAX_QUANTITY } from '../quantity';
import type { EnteredQuantity } from '../units';
import { sumOf } from './allocate';
import type { CountStock, DecideCount } from './commands';
import type { StockEvent } from './events';
import {
  inUnits,
  placeOf,
  tooMuch,
  unknownLot,
  type KnownItem,
  type Place,
  type StockDecision,
  type StockFacts,
  type StockRefusal,
} from './facts';
import { lotOf } from './lots';
import { movedAway } from './move-away';
import { openOf, type PendingCount, type StockState } from './state';

type Counted = Omit<PendingCount, 'ordinal'>;

/**
 * What was counted is compared with the books as of the revision it was counted at: what moved since stays valid, and the
 * variance is what the books were off by then.
 */
export function count(
  data: CountStock,
  { units, entered }: EnteredQuantity,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const { sku, location, lotCode = null } = data;
  if (data.lotCode !== undefined && !lotOf(state.lots, data.lotCode))
    return unknownLot(data, data.lotCode);
  if (item.tracking === 'lot' && lotCode === null) {
    return refuse('LOT_CODE_REQUIRED', `item ${sku} is tracked by lot; count each lotCode`);
  }
  const { book } = facts;
  if (book === null || book === undefined) {
    return refuse(
      'COUNT_REVISION_UNKNOWN',
      `${placeOf(data)} has no revision ${data.revision}; send the one that was shown with the figure`,
    );
  }
  const again = data.countId === undefined ? undefined : pendingCount(data.countId, state);
  if (again && 'accepted' in again) return again;
  if (again && again.lotCode !== lotCode) {
    return refuse(
      'COUNT_NOT_FOUND',
      `count ${again.countId} is of ${again.lotCode === null ? 'stock without a lot' : `lot ${again.lotCode}`}; count this without a countId`,
    );
  }
  const ordinal = again?.ordinal ?? state.counts.made + 1;
  const reference = data.reference ?? again?.reference;
  const counted: Counted = {
    countId: documentId('count', sku, location, ordinal),
    sku,
    location,
    lotCode,
    unit: item.unit,
    decimals: item.decimals,
    kind: data.kind ?? 'CYCLE_COUNT',
    blind: data.blind ?? false,
    counted: units,
    entered,
    book,
    countedAtRevision: data.revision,
    countedBy: facts.actor,
    ...(reference !== undefined && { reference }),
  };
  const limit = item.countVarianceLimit ?? null;
  if (limit !== null && Math.abs(units - book) > limit)
    return accept({ type: 'CountSubmitted', data: counted });
  return applied(counted, state, facts, item);
}

/** Another person than the one who counted says whether the books follow. */
export function decideCount(
  data: DecideCount,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const pending = pendingCount(data.countId, state);
  if ('accepted' in pending) return pending;
  const { countId } = data;
  const { ordinal: _, ...counted } = pending;
  if (!data.approve) return accept({ type: 'CountRejected', data: counted });
  if (pending.countedBy === facts.actor) {
    return refuse(
      'COUNT_APPROVER_IS_COUNTER',
      `count ${countId} is by ${facts.actor}; another person must approve it`,
    );
  }
  return applied(counted, state, facts, item);
}

function pendingCount(id: string, state: StockState): PendingCount | StockRefusal {
  const ordinal = parseDocumentId('count', id)?.ordinal ?? Infinity;
  if (ordinal > state.counts.made) {
    return refuse(
      'COUNT_NOT_FOUND',
      `there is no count ${id}; GET /api/v1/counts lists those there are`,
    );
  }
  return (
    openOf(state.counts, ordinal) ??
    refuse('COUNT_ENDED', `count ${id} has been decided; count again without a countId`)
  );
}

/** What the shelf lacks cannot stay set aside: holds give way first, then reservations, visibly. */
function applied(
  counted: Counted,
  state: StockState,
  facts: StockFacts,
  item: KnownItem,
): StockDecision {
  const place: Place = counted;
  const variance = counted.counted - counted.book;
  if (state.onHand + variance > MAX_QUANTITY) return tooMuch(place, item);
  const lot = lotOf(state.lots, counted.lotCode ?? '');
  const { onHand = 0, reserved = 0, held = 0 } = lot ?? {};
  const after = onHand + variance;
  if (after < 0) {
    return refuse(
      'COUNT_CONFLICT',
      `${inUnits(-variance, item)} are missing by this count, but only ${inUnits(onHand, item)} of ${placeOf(place)} are left since; count again`,
    );
  }
  const fromHold = Math.min(held, Math.max(0, reserved + held - after));
  const promised = Math.max(0, reserved - after);
  const moves =
    promised > 0
      ? movedAway(place, counted.lotCode, 'COUNTED_LESS', state, facts, item, promised)
      : [];
  const moved = moves.reduce((sum, { data }) => sum + sumOf(data.from), 0);
  if (moved < promised) {
    return refuse(
      'COUNT_CONFLICT',
      `${inUnits(promised, item)} of ${placeOf(place)} would have to leave more reservations than can be moved at once; release some first, then send the count again`,
    );
  }
  const events: StockEvent[] = [
    ...moves,
    { type: 'StockCounted', data: { variance, fromHold, reference: null, ...counted } },
  ];
  return accept(...events);
}

/**
 * On hand of a lot at a revision, out of what it holds now and what has moved since, in the order of the log. Backwards:
 * then every figure on the way is one that was on hand, and exact.
 */
export const bookAt = (onHand: number, since: readonly number[]): number =>
  since.reduceRight((left, effect) => left - effect, onHand);
