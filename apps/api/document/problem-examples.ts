import {
  type FieldProblem,
  type Problem,
  type ProblemCode,
  ProblemError,
  problemOf,
  problems,
} from '../http/errors';

const INSTANCE = '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a';

const wrong = (field: string, message: string): readonly [string, readonly FieldProblem[]] => [
  `${field} ${message}`,
  [{ field, message }],
];

/** What each code may tell: the detail, and the fields that are wrong where it names some. */
const details: Readonly<Record<ProblemCode, string | readonly [string, readonly FieldProblem[]]>> =
  {
    VALIDATION_FAILED: wrong('colour', 'is not a field here'),
    MALFORMED_JSON: 'the field quantity is there twice; send each field once',
    MALFORMED_URL:
      'the address is not valid percent-encoded UTF-8, or a part of its path is too long; encode it, or shorten it',
    MALFORMED_REQUEST: 'the header Host is missing; send it',
    UNKNOWN_MOVEMENT_TYPE: wrong(
      'type',
      'must be one of receive, in, stock-in, issue, sale, removal, adjust',
    ),
    POSITION_INVALID: 'send the position of a command as it is',
    POSITION_OF_ANOTHER_STORE:
      'the position was given by another event store; ask without it, or that one',
    CURSOR_INVALID: 'the cursor belongs to another list, order or filter; begin again without it',
    NOT_FOUND: 'there is nothing at /api/v1/nothing; see /docs',
    ITEM_NOT_FOUND: 'there is no item WIDGET-009; POST /api/v1/items registers one',
    LOCATION_NOT_FOUND: 'there is no location SHOP-9; POST /api/v1/locations registers one',
    LOT_NOT_FOUND: 'there is no lot L-9 of WIDGET-001; GET /api/v1/lots lists them',
    RESERVATION_NOT_FOUND:
      'there is no reservation WIDGET-001@MAIN.R9; GET /api/v1/reservations lists those there are',
    TRANSFER_NOT_FOUND:
      'there is no transfer WIDGET-001@MAIN.T9; GET /api/v1/transfers lists those there are',
    COUNT_NOT_FOUND:
      'there is no count WIDGET-001@MAIN.C9; GET /api/v1/counts lists those there are',
    MOVEMENT_NOT_FOUND:
      'there is no movement 0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a of WIDGET-001 at MAIN; GET /api/v1/ledger lists them',
    METHOD_NOT_ALLOWED: 'DELETE does nothing here; use GET or PATCH',
    NOT_ACCEPTABLE:
      'this address answers with application/json, text/csv, application/x-ndjson; ask for that',
    REQUEST_TIMEOUT: 'the request did not arrive whole in time; send it again, faster',
    ITEM_CODE_ALREADY_EXISTS: 'item WIDGET-001 is registered already; PATCH changes it',
    LOCATION_CODE_ALREADY_EXISTS: 'location SHOP-1 is registered already; PATCH changes it',
    ITEM_INACTIVE: 'item WIDGET-001 is inactive and takes no receipts; reactivate it first',
    LOCATION_INACTIVE: 'location SHOP-1 is inactive and takes no receipts; reactivate it first',
    INSUFFICIENT_STOCK:
      '5 each of WIDGET-001 at MAIN are available, 6 asked for; ask for at most 5',
    INSUFFICIENT_APPROVED_STOCK:
      '5 each of WIDGET-001 at MAIN are approved and free, 6 asked for; ask for less, or approve more first',
    NO_QC_APPROVED_LOT:
      'no lot of WIDGET-001 at MAIN is approved; 8 each await quality control or were refused by it; approve a lot first',
    LOT_EXPIRED: 'lot L-2025-03 expired on 2026-02-28; only a DISPOSAL may issue it',
    LOT_EXPIRY_MISMATCH:
      'lot L-2026-03 expires on 2027-06-30, not 2027-07-31; check the date and the lot code',
    INSUFFICIENT_RESERVED_STOCK:
      '4 each are set aside for reservation WIDGET-001@MAIN.R17; issue at most that',
    TRANSFER_ENDED:
      'nothing of transfer WIDGET-001@MAIN.T3 is outstanding any more; GET it to see why',
    TRANSFER_EXCEEDED:
      '4 each are outstanding in transfer WIDGET-001@MAIN.T3; what has come and what is missing may not be more',
    COUNT_ENDED: 'count WIDGET-001@MAIN.C5 has been decided; count again without a countId',
    COUNT_CONFLICT:
      '8 each are missing by this count, but only 5 each of WIDGET-001 at MAIN are left since; count again',
    COUNT_APPROVER_IS_COUNTER: 'count WIDGET-001@MAIN.C5 is by ada; another person must approve it',
    MOVEMENT_NOT_REVERSIBLE:
      'a StockDispatched is not reversed; transfers are cancelled or sent back, reservations released',
    MOVEMENT_ALREADY_REVERSED:
      'movement 0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a has been reversed already',
    REVERSAL_CONFLICT:
      'the stock has moved on: 5 each of it are on hand, 0 each reserved, and 8 each would go; reverse what came after it first, or adjust',
    PERIOD_CLOSED:
      'the books are closed through 2026-02-28; send an effectiveAt of 2026-03-01 or later, or reopen the period',
    PERIOD_ALREADY_CLOSED:
      'the books are closed through 2026-02-28 already; close a later day, or reopen a period first',
    PERIOD_NOT_CLOSED: 'the books are open from 2026-03-01 on; reopen from 2026-02-28 or earlier',
    LOT_TRANSITION_NOT_ALLOWED:
      'lot L-2026-03 of WIDGET-001 is REJECTED and cannot become APPROVED at once; put it into QUARANTINE first',
    SEQUENCE_PASSED:
      'this stream has gone past row 41 of import-7f3a, which was not accepted then; send it without X-Source if it is to be decided anew',
    REVISION_MISMATCH: 'you saw revision 3, it is 4 now; read it again and decide anew',
    BODY_TOO_LARGE: 'the body is too large; send at most 65536 bytes',
    COMMAND_TOO_LARGE: 'a command of 20480 bytes is too large; send at most 16384',
    UNSUPPORTED_MEDIA_TYPE: 'send the body as content-type application/json',
    ITEM_UNIT_INVALID: "each is the item's own unit, one of it is 1; send other units only",
    THRESHOLDS_OUT_OF_ORDER:
      'the safety stock at SHOP-1, 8 each, would lie above its reorder threshold, 5 each; send a lower safetyStock or a higher reorderThreshold',
    QUANTITY_INVALID: 'the quantity must be above 0: less moves nothing',
    QUANTITY_TOO_PRECISE:
      '1.5 is not a whole number, and this item is counted in whole units; send a whole number',
    QUANTITY_TOO_LARGE: 'WIDGET-001 at MAIN would hold more than 9007199254740991 each; send less',
    LOT_CODE_REQUIRED: 'item WIDGET-001 is tracked by lot; say which lotCode arrives',
    TOO_MANY_LOTS:
      'that lies in more than 100 lots of WIDGET-001 at MAIN, the most that one reservation takes; reserve it in parts',
    UNIT_UNKNOWN: 'the item has no unit crate; it has each, box',
    EXPIRES_AT_PASSED:
      'expiresAt 2026-03-01T09:00:00.000Z has passed; send a later one, or none for a reservation that does not expire',
    TRANSFER_TO_ITSELF: 'a transfer from MAIN must go somewhere else',
    COUNT_REVISION_UNKNOWN:
      'WIDGET-001 at MAIN has no revision 99; send the one that was shown with the figure',
    LOCATION_PARENT_INVALID: 'the parent CITY is not a location; register it first',
    EFFECTIVE_AT_IN_FUTURE:
      'effectiveAt 2026-03-01T10:00:00.000Z is more than 5 minutes after 2026-03-01T09:30:00.000Z; send it when it has happened',
    EFFECTIVE_AT_TOO_OLD:
      'effectiveAt 2026-01-01T08:00:00.000Z is too long ago; what happened before 2026-01-25T09:30:00.000Z is not taken any more: record it as of a later time, or have the limit raised',
    EFFECTIVE_AT_BEFORE_DISPATCH:
      'transfer WIDGET-001@MAIN.T3 left at 2026-03-01T09:30:00.000Z, after 2026-03-01T08:00:00.000Z; send an effectiveAt of 2026-03-01T09:30:00.000Z or later, or none',
    PERIOD_IN_FUTURE: '2026-03-01 has not ended yet by UTC; close through 2026-02-28 at most',
    IDEMPOTENCY_KEY_REUSED:
      'this Idempotency-Key was used before for another quantity; a new command needs a new key',
    INTERNAL_ERROR:
      'this is a fault of the server; tell its operator the id in instance, which its log knows',
    HEADERS_TOO_LARGE:
      'address and headers are too large; send at most 16384 bytes of both together',
    OVERLOADED: 'too many requests are under way, and nothing was done for this one; send it again',
    STORE_UNAVAILABLE:
      'the event store does not answer; nothing was written; send the same request again',
    OUTCOME_UNKNOWN:
      'the event store did not say whether it wrote; send the same request with the same Idempotency-Key to find out',
    STREAM_BUSY: 'others wrote this stream until the deadline; nothing was written, try again',
    EARLIER_UNDECIDED:
      'one before it in the same request was not decided; this one was not looked at, send it again after that one',
    READ_MODEL_UNAVAILABLE:
      'PostgreSQL does not answer or its tables are not there yet; commands go on, ask again',
    TOO_MANY_STREAMS:
      '4 lists are being streamed; ask again when one has ended, or read JSON page by page',
    PROJECTION_BEHIND: 'items not there yet; ask again',
  };

/** One problem of each code, as a client would get it. */
export const problemExamples: Readonly<Record<string, { readonly value: Problem }>> =
  Object.fromEntries(
    (Object.keys(problems) as ProblemCode[]).map((code) => {
      const told = details[code];
      const [detail, errors] = typeof told === 'string' ? [told, undefined] : told;
      return [code, { value: problemOf(new ProblemError(code, detail, errors), INSTANCE) }];
    }),
  );
