import { loose, promised, sum, type Book, type Line, type Slip } from './book';

export type Policy = 'FIFO' | 'FEFO' | 'LIFO';

/** A lot may be used to the end of its last day. */
export const isPast = (slip: Pick<Slip, 'expires'>, day: string): boolean =>
  slip.expires !== null && slip.expires < day;

export const isUsable = (slip: Slip, day: string): boolean =>
  slip.status === 'APPROVED' && !isPast(slip, day);

/** FIFO: what came first. LIFO: the reverse. FEFO: what expires first, what never does last; then as FIFO. */
export function inOrder(book: Book, policy: Policy): Slip[] {
  const slips = [...book.slips.values()].filter(({ count }) => count > 0);
  const place = new Map([...book.slips.keys()].map((code, at) => [code, at]));
  const older = (a: Slip, b: Slip): number =>
    a.since === b.since ? place.get(a.code)! - place.get(b.code)! : a.since < b.since ? -1 : 1;
  if (policy === 'FIFO') return slips.sort(older);
  if (policy === 'LIFO') return slips.sort((a, b) => older(b, a));
  return slips.sort((a, b) => {
    if (a.expires === b.expires) return older(a, b);
    if (a.expires === null) return 1;
    return b.expires === null || a.expires < b.expires ? -1 : 1;
  });
}

/** Free, usable stock in the order of a policy: so many units, or as many as there are. */
export function choose(
  book: Book,
  policy: Policy,
  day: string,
  wanted: number,
  not: readonly (string | null)[] = [],
): Line[] {
  const lines: Line[] = [];
  let open = wanted;
  for (const slip of inOrder(book, policy)) {
    const units = Math.min(open, loose(book, slip));
    if (units <= 0 || !isUsable(slip, day) || not.includes(slip.code)) continue;
    lines.push({ code: slip.code, units });
    open -= units;
  }
  return lines;
}

/**
 * Why there is not enough in some lots. Nothing approved at all comes first, then too little over all of them, then too
 * little in those that are approved. Of a lot that is named and past its date, that is the reason.
 */
export function whyShort(
  book: Book,
  lots: readonly Slip[],
  day: string,
  asked: number,
  named?: Slip,
): string {
  const alive = lots.filter((slip) => slip.count > 0 && !isPast(slip, day));
  if (alive.length > 0 && alive.every(({ status }) => status !== 'APPROVED'))
    return 'NO_QC_APPROVED_LOT';
  if (named && named.count > 0 && isPast(named, day)) return 'LOT_EXPIRED';
  return sum(alive.map((slip) => loose(book, slip))) < asked
    ? 'INSUFFICIENT_STOCK'
    : 'INSUFFICIENT_APPROVED_STOCK';
}

/** Takes units from lots one after the other, on hold first, whatever they are; nothing that is promised. */
export function takeAny(
  book: Book,
  slips: readonly Slip[],
  wanted: number,
): { readonly code: string | null; readonly units: number; readonly fromHold: number }[] {
  const taken = [];
  let open = wanted;
  for (const slip of slips) {
    const units = Math.min(open, slip.count - promised(book, slip.code));
    if (units <= 0) continue;
    taken.push({ code: slip.code, units, fromHold: Math.min(units, slip.held) });
    open -= units;
  }
  return taken;
}
