import { QC_STATUSES, type StockLot } from './stock-lot';

/**
 * Lots that hold nothing, as texts: what they are is asked of few of them ever again, so a state that comes out of a
 * snapshot reads those alone. In order of their codes, so many to a text.
 */
export interface PackedLots {
  /** The code that each text begins with. */
  readonly firsts: readonly string[];
  readonly texts: readonly string[];
}

const LOTS_PER_TEXT = 128;
/** Begins a lot; between its fields stands a bar. Neither stands for itself in a code. */
const BEGIN = '~';
const BAR = '|';

export function packEmptyLots(sorted: readonly StockLot[]): PackedLots {
  const firsts: string[] = [];
  const texts: string[] = [];
  for (let at = 0; at < sorted.length; at += LOTS_PER_TEXT) {
    firsts.push(sorted[at]!.lotCode ?? '');
    texts.push(
      sorted
        .slice(at, at + LOTS_PER_TEXT)
        .map(textOf)
        .join(''),
    );
  }
  return { firsts, texts };
}

/** Throws for texts that `packEmptyLots` cannot have made. */
export function openPackedLots(texts: readonly string[]): PackedLots {
  const firsts = texts.map((text) => {
    const first = lotFrom(text, 0);
    return first.lotCode ?? '';
  });
  if (firsts.some((first, at) => at > 0 && first <= firsts[at - 1]!)) {
    throw new Error('the packed lots are out of order');
  }
  return { firsts, texts };
}

export function packedLot({ firsts, texts }: PackedLots, code: string): StockLot | undefined {
  let [low, high] = [0, firsts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (firsts[middle]! <= code) low = middle + 1;
    else high = middle;
  }
  const text = texts[low - 1];
  const at = text?.indexOf(`${BEGIN}${escaped(code)}${BAR}`) ?? -1;
  return text === undefined || at < 0 ? undefined : lotFrom(text, at);
}

export function allPackedLots({ texts }: PackedLots): StockLot[] {
  const lots: StockLot[] = [];
  for (const text of texts) {
    for (let at = 0; at >= 0; at = text.indexOf(BEGIN, at + 1)) lots.push(lotFrom(text, at));
  }
  return lots;
}

/** Neither what is on hand nor since when: it is empty. */
const textOf = ({ lotCode, expiresOn, qcStatus, lotRevision, place }: StockLot): string =>
  [
    `${BEGIN}${escaped(lotCode ?? '')}`,
    expiresOn ?? '',
    QC_STATUSES.indexOf(qcStatus),
    lotRevision ?? '',
    place,
  ].join(BAR);

function lotFrom(text: string, at: number): StockLot {
  const next = text.indexOf(BEGIN, at + 1);
  const [code, expiresOn, status, revision, place] = text
    .slice(at + 1, next < 0 ? undefined : next)
    .split(BAR);
  const qcStatus = QC_STATUSES[Number(status)];
  if (text[at] !== BEGIN || code === undefined || !qcStatus || !Number.isInteger(Number(place))) {
    throw new Error('a packed lot is damaged');
  }
  return {
    lotCode: code === '' ? null : unescaped(code),
    onHand: 0,
    reserved: 0,
    held: 0,
    receivedAt: '',
    expiresOn: expiresOn === '' ? null : expiresOn!,
    qcStatus,
    lotRevision: revision === '' ? null : Number(revision),
    place: Number(place),
  };
}

const escaped = (code: string): string =>
  /[%|~]/.test(code)
    ? code.replaceAll('%', '%0').replaceAll('|', '%1').replaceAll('~', '%2')
    : code;
const unescaped = (code: string): string =>
  code.includes('%')
    ? code.replaceAll('%2', '~').replaceAll('%1', '|').replaceAll('%0', '%')
    : code;
