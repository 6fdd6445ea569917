import {
  accept,
  plainForm,
  refuse,
  type Decision,
  type EventsOf,
  type StreamDefinition,
} from './kernel';
import { calendarDate, oneOf, orNull, text, texts, type Infer } from './schema';
import { QC_STATUSES, type QcStatus } from './stock';

/**
 * One lot of an item, wherever it is: where it comes from, what quality control says of it, and the places that may hold
 * it. How much of it is where is told by the stock streams alone.
 */

/** What a decision of quality control may lead to. Nothing becomes usable but out of quarantine. */
const WAYS: Readonly<Record<QcStatus, readonly QcStatus[]>> = {
  QUARANTINE: ['APPROVED', 'REJECTED', 'RECALLED'],
  APPROVED: ['QUARANTINE', 'RECALLED'],
  REJECTED: ['QUARANTINE'],
  RECALLED: ['QUARANTINE'],
};

const named = { sku: text, lotCode: text };
const standing = { qcStatus: oneOf(...QC_STATUSES), expiresOn: orNull(calendarDate) };
const origin = {
  supplierLot: orNull(text),
  manufacturedOn: orNull(calendarDate),
  /** Ids of the lots it was made of, `<sku>.<lotCode>`. */
  parentLots: texts,
};
/**
 * The lot as it stands after a decision, and places that have to learn of it. Where there are more than one event may name,
 * the decision is several events of one command, which differ in their places alone.
 */
const decided = { ...named, ...standing, locations: texts };
/** The longest codes take 100 bytes each: so many stay far below what the store takes in one event. */
const PLACES_IN_EVENT = 200;
const inspected = { ...decided, inspector: orNull(text) };

export const lotEvents = {
  LotRegistered: {
    ...named,
    location: text,
    ...standing,
    ...origin,
  },
  /** What the goods were taken in as may differ from the lot, which nobody had read by then. */
  LotNotedAt: {
    ...named,
    location: text,
    ...standing,
    notedAs: oneOf(...QC_STATUSES),
    notedExpiry: orNull(calendarDate),
  },
  /** A later receipt knew more of where the lot comes from: what was unknown before, and further parents. */
  LotDescribed: { ...named, ...origin },
  LotApproved: inspected,
  LotRejected: inspected,
  LotQuarantined: { ...inspected, cause: oneOf('DECISION', 'RECEIPT') },
  LotRecalled: inspected,
  LotExpiryCorrected: { ...decided, was: orNull(calendarDate) },
};
export type LotEvent = EventsOf<typeof lotEvents>;

/** What goods of a lot were taken in as. */
interface Standing {
  readonly qcStatus: QcStatus;
  /** Calendar date; null = it never expires. */
  readonly expiresOn: string | null;
}

interface Origin {
  /** The supplier's own name for the lot. */
  readonly supplierLot: string | null;
  readonly manufacturedOn: string | null;
  readonly parentLots: readonly string[];
}

export type LotCommand =
  | {
      /** Follows a movement that brings the lot to a place; never refused. */
      readonly type: 'NoteLotAt';
      readonly data: {
        readonly sku: string;
        readonly lotCode: string;
        readonly location: string;
        readonly receivedAs: Standing;
        /** True for a receipt that itself asked for quality control: the whole lot goes back into quarantine. */
        readonly demandsQc?: boolean;
      } & Partial<Origin>;
    }
  | {
      readonly type: 'DecideLot';
      readonly data: {
        readonly sku: string;
        readonly lotCode: string;
        readonly status: QcStatus;
        /** An opaque id, as the actor is. */
        readonly inspector?: string;
      };
    }
  | {
      readonly type: 'CorrectLotExpiry';
      readonly data: {
        readonly sku: string;
        readonly lotCode: string;
        readonly expiresOn: string | null;
      };
    };

export interface Lot extends Standing, Origin {
  readonly sku: string;
  readonly lotCode: string;
  /** Every place that may hold some of it, in the order in which they became known. */
  readonly locations: readonly string[];
}
export type LotState = Lot | null;

/** A lot is decided upon by itself alone. */
export type LotFacts = null;

export type LotCode = 'LOT_NOT_FOUND' | 'LOT_TRANSITION_NOT_ALLOWED';

type LotDecision = Decision<LotEvent, LotCode>;
type Note = Extract<LotCommand, { type: 'NoteLotAt' }>['data'];
type Decide = Extract<LotCommand, { type: 'DecideLot' }>['data'];

function decide(command: LotCommand, state: LotState): LotDecision {
  if (command.type === 'NoteLotAt') return note(command.data, state);
  const { sku, lotCode } = command.data;
  if (!state) {
    return refuse(
      'LOT_NOT_FOUND',
      `there is no lot ${lotCode} of ${sku}; GET /api/v1/lots lists them, a receipt makes one`,
    );
  }
  switch (command.type) {
    case 'DecideLot':
      return judge(command.data, state);
    case 'CorrectLotExpiry': {
      const { expiresOn } = command.data;
      if (expiresOn === state.expiresOn) return accept();
      const { qcStatus, expiresOn: was } = state;
      const events = toldTo(state.locations, (locations) => ({
        type: 'LotExpiryCorrected',
        data: { sku, lotCode, qcStatus, expiresOn, locations, was },
      }));
      return accept(...events);
    }
  }
}

function note(data: Note, state: LotState): LotDecision {
  const { sku, lotCode, location, receivedAs } = data;
  const origin = originOf(data);
  if (!state) {
    return accept({
      type: 'LotRegistered',
      data: { sku, lotCode, location, ...receivedAs, ...origin },
    });
  }
  return accept(...described(origin, state), ...noted(data, state));
}

const originOf = ({ supplierLot, manufacturedOn, parentLots }: Note): Origin => ({
  supplierLot: supplierLot ?? null,
  manufacturedOn: manufacturedOn ?? null,
  parentLots: parentLots ?? [],
});

/** The first word on where a lot comes from stands; what nobody had said yet is added. */
function described(said: Origin, lot: Lot): readonly LotEvent[] {
  const { sku, lotCode } = lot;
  const supplierLot = lot.supplierLot === null ? said.supplierLot : null;
  const manufacturedOn = lot.manufacturedOn === null ? said.manufacturedOn : null;
  const parentLots = said.parentLots.filter((parent) => !lot.parentLots.includes(parent));
  if (supplierLot === null && manufacturedOn === null && parentLots.length === 0) return [];
  const data = { sku, lotCode, supplierLot, manufacturedOn, parentLots };
  return [{ type: 'LotDescribed', data }];
}

function noted({ location, receivedAs, demandsQc = false }: Note, lot: Lot): readonly LotEvent[] {
  const { sku, lotCode, qcStatus, expiresOn, locations } = lot;
  const isNew = !locations.includes(location);
  if (demandsQc && qcStatus === 'APPROVED') {
    // The place is named here alone: for a moment it would otherwise learn that the lot is approved.
    const all = isNew ? [...locations, location] : locations;
    return toldTo(all, (places) => ({
      type: 'LotQuarantined',
      data: { ...standingOf(lot, 'QUARANTINE', places), inspector: null, cause: 'RECEIPT' },
    }));
  }
  const { qcStatus: notedAs, expiresOn: notedExpiry } = receivedAs;
  // Goods that were taken in before the lot's word had come there: the place must be told again. And a demand leaves an
  // event in any case: sent a second time, it must not undo an approval that came after it.
  const isInStep = notedAs === qcStatus && notedExpiry === expiresOn;
  if (!isNew && isInStep && !demandsQc) return [];
  const data = { sku, lotCode, location, qcStatus, expiresOn, notedAs, notedExpiry };
  return [{ type: 'LotNotedAt', data }];
}

function judge({ status, inspector }: Decide, lot: Lot): LotDecision {
  const { sku, lotCode, qcStatus: was } = lot;
  if (status === was) return accept();
  if (!WAYS[was].includes(status)) {
    return refuse(
      'LOT_TRANSITION_NOT_ALLOWED',
      `lot ${lotCode} of ${sku} is ${was} and cannot become ${status} at once; put it into QUARANTINE first`,
    );
  }
  const events = toldTo(lot.locations, (places) =>
    judged(status, { ...standingOf(lot, status, places), inspector: inspector ?? null }),
  );
  return accept(...events);
}

function judged(status: QcStatus, data: Infer<typeof inspected>): LotEvent {
  switch (status) {
    case 'APPROVED':
      return { type: 'LotApproved', data };
    case 'REJECTED':
      return { type: 'LotRejected', data };
    case 'RECALLED':
      return { type: 'LotRecalled', data };
    case 'QUARANTINE':
      return { type: 'LotQuarantined', data: { ...data, cause: 'DECISION' } };
  }
}

/** One event for all places, or one for each part of them. */
function toldTo(
  places: readonly string[],
  eventOf: (part: readonly string[]) => LotEvent,
): LotEvent[] {
  const parts = Math.ceil(places.length / PLACES_IN_EVENT);
  return Array.from({ length: parts }, (_, part) =>
    eventOf(places.slice(part * PLACES_IN_EVENT, (part + 1) * PLACES_IN_EVENT)),
  );
}

const standingOf = (
  { sku, lotCode, expiresOn }: Lot,
  qcStatus: QcStatus,
  locations: readonly string[],
) => ({ sku, lotCode, qcStatus, expiresOn, locations });

function evolve(state: LotState, event: LotEvent): LotState {
  switch (event.type) {
    case 'LotRegistered': {
      const { location, ...lot } = event.data;
      return { ...lot, locations: [location] };
    }
    case 'LotNotedAt':
      return state && { ...state, locations: withPlace(state.locations, event.data.location) };
    case 'LotDescribed': {
      const { supplierLot, manufacturedOn, parentLots } = event.data;
      return (
        state && {
          ...state,
          supplierLot: state.supplierLot ?? supplierLot,
          manufacturedOn: state.manufacturedOn ?? manufacturedOn,
          parentLots: [...state.parentLots, ...parentLots],
        }
      );
    }
    case 'LotApproved':
    case 'LotRejected':
    case 'LotQuarantined':
    case 'LotRecalled':
    case 'LotExpiryCorrected': {
      const { qcStatus, expiresOn, locations } = event.data;
      return (
        state && {
          ...state,
          qcStatus,
          expiresOn,
          locations: withPlaces(state.locations, locations),
        }
      );
    }
  }
}

const withPlace = (places: readonly string[], place: string): readonly string[] =>
  places.includes(place) ? places : [...places, place];

/** A decision in parts names some of the places in each. */
function withPlaces(places: readonly string[], more: readonly string[]): readonly string[] {
  const known = new Set(places);
  const unknown = more.filter((place) => !known.has(place));
  return unknown.length === 0 ? places : [...places, ...unknown];
}

export const lot: StreamDefinition<LotState, LotCommand, LotEvent, LotFacts, LotCode> = {
  category: 'lot',
  events: lotEvents,
  upcasts: {},
  initial: null,
  decide,
  evolve,
  form: plainForm(2),
};
