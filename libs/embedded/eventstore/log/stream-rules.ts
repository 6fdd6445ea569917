/** What a stream's metadata hides. */
export interface StreamRules {
  /** Revisions below are hidden. */
  readonly truncateBefore: number;
  readonly maxCount: number;
  readonly maxAgeMs: number;
  /** A soft delete: everything is hidden and the stream counts as not found. */
  readonly deleted: boolean;
}

export const NO_RULES: StreamRules = {
  truncateBefore: 0,
  maxCount: Infinity,
  maxAgeMs: Infinity,
  deleted: false,
};

export const DELETED_TB = '9223372036854775807';
export const SOFT_DELETE = `{"$tb":${DELETED_TB}}`;

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Reads a `$metadata` event. One value that makes no sense voids them all, as does a text that is no object. */
export function rulesOf(data: Buffer): StreamRules {
  const values = topLevelOf(data.toString('utf8'));
  if (!values) return NO_RULES;
  const truncateBefore = wholeNumber(values.$tb, 0n);
  const maxCount = wholeNumber(values.$maxCount, 1n);
  const maxAge = wholeNumber(values.$maxAge, 1n);
  if (truncateBefore === null || maxCount === null || maxAge === null) return NO_RULES;
  return {
    truncateBefore: Number(truncateBefore ?? 0n),
    maxCount: maxCount === undefined ? Infinity : Number(maxCount),
    maxAgeMs: maxAge === undefined ? Infinity : Number(maxAge) * 1000,
    deleted: String(truncateBefore) === DELETED_TB,
  };
}

/** The metadata of a stream that is written to again after a soft delete: what it said, but `$tb`. */
export function undeleted(data: Buffer | undefined, truncateBefore: number): string {
  const text = data?.toString('utf8') ?? '';
  const values = topLevelOf(text);
  if (!values || '$tb' in values || Object.keys(values).length === 0) {
    const rest = values ? (JSON.parse(text) as Record<string, unknown>) : {};
    return JSON.stringify({ ...rest, $tb: truncateBefore });
  }
  // Cut and paste keeps numbers that a round trip through JSON.parse would change.
  return text.replace('{', () => `{"$tb":${truncateBefore},`);
}

/** JSON.parse loses how a number was written (1e1, 2^63-1), so numbers are wrapped as text first. */
function topLevelOf(text: string): Record<string, unknown> | undefined {
  const wrapped = text.replace(TOKEN, (token) => (token[0] === '"' ? token : `{"#":"${token}"}`));
  try {
    JSON.parse(text);
    const parsed: unknown = JSON.parse(wrapped);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined = absent, null = senseless. */
function wholeNumber(value: unknown, atLeast: bigint): bigint | undefined | null {
  if (value === undefined) return undefined;
  const text: unknown =
    typeof value === 'object' && value !== null && '#' in value ? value['#'] : undefined;
  if (typeof text !== 'string' || !/^\d+$/.test(text)) return null;
  const number = BigInt(text);
  return number >= atLeast && number <= BigInt(DELETED_TB) ? number : null;
}
