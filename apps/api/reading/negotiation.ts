import { ProblemError } from '../http/errors';

/** What answers can be made of, in our order of preference. */
const MEDIA_TYPES = {
  json: 'application/json',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
} as const;
export type Format = keyof typeof MEDIA_TYPES;

export const LIST_FORMATS = ['json', 'csv', 'ndjson'] as const;
export const ONE_FORMAT = ['json'] as const;

interface Range {
  /** `type/subtype`, either of which may be `*`. */
  readonly type: string;
  readonly quality: number;
}

/**
 * The format that the client likes best, by RFC 9110 section 12.5.1: of several ranges that fit a format the closest
 * counts, quality 0 excludes, and of equals ours comes first. Throws NOT_ACCEPTABLE where none will do.
 */
export function formatFor<F extends Format>(accept: string | undefined, offered: readonly F[]): F {
  const ranges = accept === undefined || accept.trim() === '' ? [ANYTHING] : rangesIn(accept);
  let best: F | undefined;
  let bestQuality = 0;
  for (const format of offered) {
    const quality = qualityOf(MEDIA_TYPES[format], ranges);
    if (quality > bestQuality) [best, bestQuality] = [format, quality];
  }
  if (best !== undefined) return best;
  const names = offered.map((format) => MEDIA_TYPES[format]).join(', ');
  throw new ProblemError('NOT_ACCEPTABLE', `this address answers with ${names}; ask for that`);
}

const ANYTHING: Range = { type: '*/*', quality: 1 };
const QUALITY = /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

/** What is no media range is left out, parameters other than the quality too: no format of ours has variants. */
function rangesIn(accept: string): Range[] {
  return accept.split(',').flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const given = parameters.find((parameter) => /^q\s*=/i.test(parameter));
    const quality = given === undefined ? '1' : QUALITY.exec(given)?.[1];
    if (quality === undefined || !/^[^\s/]+\/[^\s/]+$/.test(type)) return [];
    return { type: type.toLowerCase(), quality: Number(quality) };
  });
}

function qualityOf(mediaType: string, ranges: readonly Range[]): number {
  const group = `${mediaType.split('/')[0] ?? ''}/*`;
  for (const type of [mediaType, group, '*/*']) {
    const range = ranges.find((each) => each.type === type);
    if (range) return range.quality;
  }
  return 0;
}
