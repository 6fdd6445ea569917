import type { QcStatus, StockCommand, StockEvent } from '../../../libs/domain';
import { head, withLotCleared, type Answer, type Desk, type Known } from './answer';
import { loose, nextId, total, unitsIn, wasMade, type Cargo, type Voyage } from './book';
import { choose, whyShort } from './choosing';
import { closed, lastWord } from './moving';
import { MOST, type Units } from './quantity';

/** Transfers, from both ends; and what a lot's own stream says. */

type Of<T extends StockCommand['type']> = Extract<StockCommand, { readonly type: T }>['data'];
type Entered = Extract<Units, { readonly units: number }>;

export function dispatch(
  desk: Known,
  data: Of<'DispatchTransfer'>,
  { units, entered }: Entered,
): Answer {
  const { book, facts, item } = desk;
  const no = closed(desk);
  if (no) return no;
  if (data.to === data.location) return 'TRANSFER_TO_ITSELF';
  if (!facts.destination) return 'LOCATION_NOT_FOUND';
  if (!facts.destination.active) return 'LOCATION_INACTIVE';
  const named = data.lotCode === undefined ? undefined : book.slips.get(data.lotCode);
  if (data.lotCode !== undefined && !named) return 'LOT_NOT_FOUND';
  // A lot that is named moves whatever may be said of it.
  if (named && loose(book, named) < units) return 'INSUFFICIENT_STOCK';
  const lines = named
    ? [{ code: named.code, units }]
    : choose(book, item.allocationPolicy, facts.localDate, units);
  if (unitsIn(lines) < units)
    return whyShort(book, [...book.slips.values()], facts.localDate, units);
  const transferId = nextId(book, 'T');
  const cargo = lines.map((line): Cargo => {
    const { since, expires, status, revision } = book.slips.get(line.code)!;
    return { ...line, since, expires, status, revision };
  });
  const sent = cargo.map((line): StockEvent => ({
    type: 'StockDispatched',
    data: {
      ...head(desk),
      ...wordOn(line),
      lotCode: line.code,
      reference: data.reference ?? null,
      quantity: line.units,
      entered,
      transferId,
      to: data.to,
    },
  }));
  return data.immediate === true
    ? [
        ...sent,
        ...ended(desk, transferId, { to: data.to, lines: cargo }, all('TransferReceived', cargo)),
      ]
    : sent;
}

const wordOn = ({ since, expires, status, revision }: Cargo) => ({
  receivedAt: since,
  expiresOn: expires,
  qcStatus: status,
  lotRevision: revision,
});

type End = 'TransferReceived' | 'TransferWrittenOff' | 'TransferCancelled';
interface Part {
  readonly type: End;
  readonly line: Cargo;
  readonly units: number;
}

const all = (type: End, lines: readonly Cargo[]): Part[] =>
  lines.map((line) => ({ type, line, units: line.units }));

/** Parts of a transfer come to their end one after the other; each says what is left of the whole. */
function ended(
  desk: Known,
  transferId: string,
  { to, lines }: Pick<Voyage, 'to' | 'lines'>,
  parts: readonly Part[],
) {
  let outstanding = unitsIn(lines);
  return parts.map(({ type, line, units }): StockEvent => {
    outstanding -= units;
    const leg = { ...head(desk), transferId, to, lotCode: line.code, quantity: units, outstanding };
    switch (type) {
      case 'TransferReceived':
        return { type, data: { ...leg, ...wordOn(line) } };
      case 'TransferWrittenOff':
        return { type, data: leg };
      case 'TransferCancelled':
        return { type, data: { ...leg, receivedAt: line.since } };
    }
  });
}

/** Nothing of it is anywhere else before it went; who does not say when speaks of now. */
function openVoyage({ book, facts }: Desk, id: string): Voyage | string {
  if (!wasMade(book, 'T', id)) return 'TRANSFER_NOT_FOUND';
  const voyage = book.voyages.get(id);
  if (!voyage) return 'TRANSFER_ENDED';
  const isTooEarly =
    facts.happenedAt !== undefined && Date.parse(facts.happenedAt) < Date.parse(voyage.left);
  return isTooEarly ? 'EFFECTIVE_AT_BEFORE_DISPATCH' : voyage;
}

/** What has come fills the first lots, what is missing the rest. */
export function receiveTransfer(
  desk: Known,
  data: Of<'ReceiveTransfer'>,
  come: number | undefined,
  missing: number,
): Answer {
  const id = data.transferId;
  const voyage = openVoyage(desk, id);
  if (typeof voyage === 'string') return voyage;
  const lines = voyage.lines.filter(
    ({ code }) => data.lotCode === undefined || code === data.lotCode,
  );
  if (lines.length === 0) return 'LOT_NOT_FOUND';
  const outstanding = unitsIn(lines);
  const units = come ?? outstanding - missing;
  if (units < 0 || units + missing > outstanding) return 'TRANSFER_EXCEEDED';
  const parts: Part[] = [];
  let [here, lost] = [units, missing];
  for (const line of lines) {
    const now = Math.min(line.units, here);
    const never = Math.min(line.units - now, lost);
    here -= now;
    lost -= never;
    if (now > 0) parts.push({ type: 'TransferReceived', line, units: now });
    if (never > 0) parts.push({ type: 'TransferWrittenOff', line, units: never });
  }
  return ended(desk, id, voyage, parts);
}

/** What is outstanding is here again, and has been since it first arrived. */
export function cancel(desk: Known, data: Of<'CancelTransfer'>): Answer {
  const voyage = openVoyage(desk, data.transferId);
  if (typeof voyage === 'string') return voyage;
  if (total(desk.book) + unitsIn(voyage.lines) > MOST) return 'QUANTITY_TOO_LARGE';
  return ended(desk, data.transferId, voyage, all('TransferCancelled', voyage.lines));
}

interface Word {
  readonly status: QcStatus;
  readonly expires: string | null;
  readonly revision: number | null;
}

/** From the mildest on. */
const SEVERITY = ['APPROVED', 'QUARANTINE', 'REJECTED', 'RECALLED'];

/**
 * Of two words on a lot the one with the higher revision counts, and that of here where they are equal. Where the lot's
 * own stream has not spoken, the more careful of both.
 */
function agreed(here: Word | undefined, sent: Word): Word {
  if (!here) return sent;
  if (here.revision !== null || sent.revision !== null)
    return (here.revision ?? -1) >= (sent.revision ?? -1) ? here : sent;
  const isMilder = SEVERITY.indexOf(here.status) < SEVERITY.indexOf(sent.status);
  const days = [here.expires, sent.expires].filter((day) => day !== null).sort();
  return { status: (isMilder ? sent : here).status, expires: days[0] ?? null, revision: null };
}

export function arrive(desk: Desk, data: Of<'AcceptArrival'>): Answer {
  const { book, facts } = desk;
  if (total(book) + data.quantity > MOST) return 'QUANTITY_TOO_LARGE';
  const sent = { status: data.qcStatus, expires: data.expiresOn, revision: data.lotRevision };
  const slip = data.lotCode === null ? undefined : book.slips.get(data.lotCode);
  const { lot } = facts;
  const told = lot && { status: lot.qcStatus, expires: lot.expiresOn, revision: lot.revision };
  const word = agreed(lastWord(slip, told ?? undefined), sent);
  const isRefused = word.status === 'REJECTED' || word.status === 'RECALLED';
  return withLotCleared(
    { ...desk, item: data },
    {
      type: 'StockArrived',
      data: {
        sku: book.sku,
        location: book.location,
        unit: data.unit,
        decimals: data.decimals,
        lotCode: data.lotCode,
        reference: null,
        quantity: data.quantity,
        transferId: data.transferId,
        from: data.from,
        receivedAt: data.receivedAt,
        expiresOn: word.expires,
        qcStatus: word.status,
        lotRevision: word.revision,
        onHold: facts.location?.active !== true || isRefused,
      },
    },
  );
}

/** Only a higher revision than what is known here says anything new. It may come before the goods. */
export function applyStatus(desk: Desk, data: Of<'ApplyLotStatus'>): Answer {
  const { lotCode, lotRevision, qcStatus, expiresOn } = data;
  const slip = desk.book.slips.get(lotCode);
  if (slip && slip.revision !== null && slip.revision >= lotRevision) return [];
  const { sku, location } = desk.book;
  const { unit, decimals } = desk.item;
  return withLotCleared(desk, {
    type: 'LotStatusApplied',
    data: { sku, location, lotCode, unit, decimals, qcStatus, expiresOn, lotRevision },
  });
}
