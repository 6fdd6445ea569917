import type { Folded } from './folded';

/** Remembered command ids over all streams, the bulk of what a folded stream weighs. */
const MAX_WEIGHT = 1_000_000;
const WEIGHT_OF_A_STREAM = 10;

/** Folded streams, the least recently used let go first. */
export class FoldedCache {
  private readonly entries = new Map<string, { folded: Folded<unknown>; weight: number }>();
  private weight = 0;

  /** Hands the entry over: whoever takes it may change it and puts it back. */
  take(stream: string): Folded<unknown> | undefined {
    const entry = this.entries.get(stream);
    if (entry) {
      this.entries.delete(stream);
      this.weight -= entry.weight;
    }
    return entry?.folded;
  }

  put(stream: string, folded: Folded<unknown>): void {
    this.take(stream);
    const weight = WEIGHT_OF_A_STREAM + folded.commands.size;
    this.entries.set(stream, { folded, weight });
    this.weight += weight;
    for (const oldest of this.entries.keys()) {
      if (this.weight <= MAX_WEIGHT) return;
      this.take(oldest);
    }
  }
}
