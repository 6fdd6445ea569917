import { RecentMap } from '../runtime';
import type { Folded } from './folded';

/** Remembered command ids over all streams, the bulk of what a folded stream weighs. */
const MAX_WEIGHT = 1_000_000;
const WEIGHT_OF_A_STREAM = 10;

/** Folded streams, the least recently used let go first. */
export class FoldedCache {
  private readonly entries = new RecentMap<string, Folded<unknown>>(
    MAX_WEIGHT,
    (folded) => WEIGHT_OF_A_STREAM + folded.weight,
  );

  /** Hands the entry over: whoever takes it may change it and puts it back. */
  take(stream: string): Folded<unknown> | undefined {
    const folded = this.entries.get(stream);
    if (folded) this.entries.delete(stream);
    return folded;
  }

  /** The entry for a look, to be done with before anything else runs; undefined while somebody has taken it. */
  peek(stream: string): Folded<unknown> | undefined {
    return this.entries.get(stream);
  }

  put(stream: string, folded: Folded<unknown>): void {
    this.entries.set(stream, folded);
  }
}
