const SLOT_BYTES = 16;

/** About how many bytes of memory a value of JSON takes: for limits, at a fraction of the cost of writing it out. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return SLOT_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return SLOT_BYTES;
  let weight = SLOT_BYTES;
  for (const name in value) {
    const part = (value as Record<string, unknown>)[name];
    weight += SLOT_BYTES;
    // Mostly short texts and numbers: no call for each of them.
    if (typeof part === 'string') weight += SLOT_BYTES + part.length;
    else weight += typeof part === 'object' ? weightOf(part) : SLOT_BYTES;
  }
  return weight;
}
