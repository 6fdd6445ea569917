import fc from 'fast-check';
import { MAX_QUANTITY } from './quantity';
import {
  lotsOf,
  stock,
  type StockCommand,
  type StockEvent,
  type StockFacts,
  type StockState,
} from './stock';

/** Every run tries other commands; the seed in the names below repeats one: LOTSTREAM_SEED=... npx jest. */
const seed = Number(process.env.LOTSTREAM_SEED ?? Math.floor(Math.random() * 2 ** 31));
const numRuns = Number(process.env.LOTSTREAM_RUNS ?? 2_000);

/** One lot as a child would keep it on a slip of paper; '' is the pool. */
interface Slip {
  count: number;
  expires: string | null;
  blocked: boolean;
  since: string;
}
interface Book {
  slips: Map<string, Slip>;
  /** Over all time these may pass 2^53 where the balance does not. */
  received: bigint;
  issued: bigint;
  adjusted: bigint;
}

interface Step {
  command: StockCommand;
  facts: StockFacts;
  effectiveAt: string;
}

/** What the book says to a command: the parts taken from or added to each lot, or no. */
function expected(book: Book, { command, facts }: Step): [lot: string, change: number][] | 'no' {
  const { data } = command;
  // All quantities here are written with both of their decimals.
  const units = Number(data.quantity.replace('.', ''));
  const { item } = facts;
  if (!item || !facts.location) return 'no';
  const total = [...book.slips.values()].reduce((sum, slip) => sum + slip.count, 0);
  const slip = data.lotCode === undefined ? undefined : book.slips.get(data.lotCode);
  if (command.type === 'ReceiveStock') {
    if (units <= 0 || !item.active || !facts.location.active) return 'no';
    if (total > MAX_QUANTITY - units) return 'no';
    if (item.tracking === 'lot' && data.lotCode === undefined) return 'no';
    const { expiresOn } = command.data;
    const isPlain = !item.qcRequired && !command.data.qcRequired && expiresOn === undefined;
    const key = data.lotCode ?? (isPlain ? '' : facts.generatedLotCode);
    const there = book.slips.get(key);
    if (there && expiresOn !== undefined && expiresOn !== there.expires) return 'no';
    return [[key, units]];
  }
  if (data.lotCode !== undefined && !slip) return 'no';
  if (command.type === 'AdjustStock') {
    if (units === 0 || (item.tracking === 'lot' && data.lotCode === undefined)) return 'no';
    const key = data.lotCode ?? '';
    if ((book.slips.get(key)?.count ?? 0) + units < 0 || total > MAX_QUANTITY - units) return 'no';
    return [[key, units]];
  }
  return units <= 0
    ? 'no'
    : taken(book, command.data, units, item.allocationPolicy, facts.localDate);
}

/** Takes one piece at a time, each from the best slip there is. */
function taken(
  book: Book,
  data: Extract<StockCommand, { type: 'IssueStock' }>['data'],
  units: number,
  policy: string,
  today: string,
): [string, number][] | 'no' {
  const open = [...book.slips].filter(
    ([key, slip]) =>
      slip.count > 0 &&
      (data.lotCode === undefined || key === data.lotCode) &&
      (data.purpose === 'DISPOSAL' ||
        (!slip.blocked && (slip.expires === null || today <= slip.expires))),
  );
  if (open.reduce((sum, [, slip]) => sum + slip.count, 0) < units) return 'no';
  const isBetter = (a: Slip | undefined, b: Slip | undefined): boolean => {
    if (!a || !b) return false;
    if (policy === 'LIFO') return a.since >= b.since;
    if (policy === 'FEFO' && a.expires !== b.expires)
      return a.expires !== null && (b.expires === null || a.expires < b.expires);
    return a.since < b.since;
  };
  const parts: [string, number][] = [];
  let left = units;
  while (left > 0) {
    let best = 0;
    for (let i = 1; i < open.length; i++) if (isBetter(open[i]?.[1], open[best]?.[1])) best = i;
    const [[key, { count }]] = open.splice(best, 1) as [[string, Slip]];
    parts.push([key, -Math.min(left, count)]);
    left -= Math.min(left, count);
  }
  return parts;
}

function note(book: Book, event: StockEvent, at: string): void {
  const { lotCode, quantity } = event.data;
  const slip = book.slips.get(lotCode ?? '') ?? {
    count: 0,
    expires: null,
    blocked: false,
    since: at,
  };
  book.slips.set(lotCode ?? '', slip);
  const change = event.type === 'StockIssued' ? -quantity : quantity;
  if (change > 0 && (slip.count === 0 || at < slip.since)) slip.since = at;
  slip.count += change;
  if (event.type === 'StockReceived') {
    slip.expires = event.data.expiresOn;
    slip.blocked = event.data.qcStatus === 'QUARANTINE';
    book.received += BigInt(quantity);
  } else if (event.type === 'StockIssued') book.issued += BigInt(quantity);
  else book.adjusted += BigInt(quantity);
}

const stepsOf = (maxLength: number): fc.Arbitrary<Step[]> => {
  const often = <T>(usual: T, rare: T) =>
    fc.oneof({ weight: 14, arbitrary: fc.constant(usual) }, fc.constant(rare));
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
  const small = fc.integer({ min: -1, max: 900 }).map((n) => (n / 100).toFixed(2));
  const huge = fc.constantFrom('90071992547409.91', '90071992547409.00', '45035996273704.96');
  const quantity = fc.oneof({ weight: 60, arbitrary: small }, { weight: 1, arbitrary: huge });
  const change = fc.integer({ min: -500, max: 300 }).map((n) => (n / 100).toFixed(2));
  const lotCode = maybe(fc.constantFrom('A', 'B', 'C'));
  const place = { sku: fc.constant('S'), location: fc.constant('L') };
  const expiry = fc.constantFrom('2026-06-01', '2026-06-02', '2026-06-03');
  const tidy = <T extends object>(data: T): T =>
    Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)) as T;
  const command = fc.oneof(
    fc.record({
      type: fc.constant('ReceiveStock' as const),
      data: fc
        .record({
          ...place,
          quantity,
          lotCode,
          expiresOn: fc.option(expiry, { nil: undefined, freq: 3 }),
          qcRequired: maybe(often(false, true)),
        })
        .map(tidy),
    }),
    fc.record({
      type: fc.constant('IssueStock' as const),
      data: fc
        .record({ ...place, quantity, lotCode, purpose: maybe(often('SALE', 'DISPOSAL')) })
        .map(tidy),
    }),
    fc.record({
      type: fc.constant('AdjustStock' as const),
      data: fc.record({ ...place, quantity: change, lotCode }).map(tidy),
    }),
  ) as fc.Arbitrary<StockCommand>;
  const facts: fc.Arbitrary<StockFacts> = fc.record({
    item: fc.record({
      unit: fc.constant('kg'),
      decimals: fc.constant(2),
      active: often(true, false),
      tracking: often<'none' | 'lot'>('none', 'lot'),
      qcRequired: often(false, true),
      allocationPolicy: fc.constantFrom('FIFO', 'LIFO', 'FEFO'),
    }),
    location: often<{ active: boolean } | null>({ active: true }, { active: false }),
    localDate: expiry,
    generatedLotCode: fc.constantFrom('G1', 'G2', 'G3', 'G4'),
  });
  const effectiveAt = fc.integer({ min: 1, max: 9 }).map((n) => `2026-05-0${n}T00:00:00.000Z`);
  return fc.array(fc.record({ command, facts, effectiveAt }), { maxLength, size: 'max' });
};

const sumOf = (counts: Iterable<number>): number => [...counts].reduce((a, b) => a + b, 0);

/** Plain comparisons: this runs for every event of every run. */
function imbalanceOf(state: StockState, book: Book): string | undefined {
  const lots = lotsOf(state.lots).map((lot) => [lot.lotCode ?? '', lot] as const);
  if (lots.some(([, { onHand }]) => !(onHand >= 0))) return 'a lot below zero';
  if (!(state.onHand >= 0 && state.onHand <= MAX_QUANTITY)) return 'a balance out of bounds';
  if (sumOf(lots.map(([, { onHand }]) => onHand)) !== state.onHand)
    return 'lots and balance differ';
  if (book.received - book.issued + book.adjusted !== BigInt(state.onHand))
    return 'movements and balance differ';
  const isNoted = ([key, lot]: (typeof lots)[number]) =>
    book.slips.get(key)?.count === lot.onHand && (lot.lotCode ?? '') === key;
  return lots.length === book.slips.size && lots.every(isNoted)
    ? undefined
    : 'book and lots differ';
}

test(
  `stock never goes below zero and always adds up, as in a plain book (seed ${seed}, ${numRuns} runs)`,
  () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(stepsOf(60), (steps) => {
        let state = stock.initial;
        const book: Book = { slips: new Map(), received: 0n, issued: 0n, adjusted: 0n };
        for (const step of steps) {
          const answer = expected(book, step);
          const verdict = stock.decide(step.command, state, step.facts);
          const key = verdict.accepted ? step.command.type : verdict.refusal.code;
          seen.set(key, (seen.get(key) ?? 0) + 1);
          if (!verdict.accepted) {
            if (answer !== 'no') expect(verdict).toStrictEqual(answer);
            continue;
          }
          const parts = verdict.events.map(({ type, data }) => [
            data.lotCode ?? '',
            type === 'StockIssued' ? -data.quantity : data.quantity,
          ]);
          if (JSON.stringify(parts) !== JSON.stringify(answer)) expect(parts).toStrictEqual(answer);
          for (const event of verdict.events) {
            note(book, event, step.effectiveAt);
            state = stock.evolve(state, event, { effectiveAt: step.effectiveAt });
            const imbalance = imbalanceOf(state, book);
            if (imbalance) throw new Error(imbalance);
          }
        }
      }),
      { numRuns, seed },
    );
    // A property that never gets far shows nothing.
    const reached = [
      'ReceiveStock',
      'IssueStock',
      'AdjustStock',
      'INSUFFICIENT_STOCK',
      'INSUFFICIENT_APPROVED_STOCK',
      'NO_QC_APPROVED_LOT',
      'LOT_EXPIRED',
      'LOT_EXPIRY_MISMATCH',
      'LOT_CODE_REQUIRED',
      'QUANTITY_TOO_LARGE',
    ];
    expect(reached.filter((key) => !seen.has(key))).toStrictEqual([]);
  },
  60_000 + 10 * numRuns,
);
