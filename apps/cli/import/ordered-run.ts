import { OldestFirst } from './oldest-first';

/** A piece of work; pieces of one stream are done one after the other, undefined belongs to none. */
export interface Piece {
  readonly stream: string | undefined;
}

export interface OrderedRunOptions<P extends Piece, V> {
  /** With a verdict for each, in their order. */
  readonly send: (pieces: readonly P[]) => Promise<readonly V[]>;
  /** Hears every verdict in the order of the source. */
  readonly settled: (piece: P, verdict: V) => void;
  /** Pieces under way at the same time. */
  readonly concurrency: number;
  /** Pieces of one `send` at most; those of one stream are in their order, and in no other one meanwhile. */
  readonly together: number;
  /** How far the newest piece that was read may be ahead of the oldest without a verdict. */
  readonly window: number;
  /** Ends the run early: nothing new is sent, what is under way is waited for. */
  readonly signal?: AbortSignal;
}

/**
 * Sends pieces side by side and yet keeps the order within each stream. Of the streams that could go on, the one whose
 * next piece is the oldest goes first, with as many of its pieces as may go together: so the busiest streams, which decide
 * how long it all takes, never wait for others.
 * The first error of `send` or of the source ends the run; pieces behind it keep their order by never being sent.
 */
export async function runOrdered<P extends Piece, V>(
  source: AsyncIterable<readonly P[]>,
  options: OrderedRunOptions<P, V>,
): Promise<void> {
  const run = new OrderedRun(options);
  try {
    for await (const batch of source) {
      for (const piece of batch) {
        if (run.mustWait) await run.change();
        if (run.isOver) return;
        run.take(piece);
      }
      run.dispatch();
    }
  } catch (error) {
    run.fail(error);
  } finally {
    await run.finish();
  }
}

interface Waiting<P> {
  readonly at: number;
  readonly stream: string;
  readonly piece: P;
}

class OrderedRun<P extends Piece, V> {
  private readonly waiting = new Map<string, Waiting<P>[]>();
  private readonly ready = new OldestFirst<string>();
  /** Verdicts that wait for those of older pieces. */
  private readonly verdicts = new Map<number, { readonly piece: P; readonly verdict: V }>();
  private taken = 0;
  private told = 0;
  private underWay = 0;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly options: OrderedRunOptions<P, V>) {}

  get isOver(): boolean {
    return this.failure !== undefined || this.options.signal?.aborted === true;
  }

  get mustWait(): boolean {
    return !this.isOver && this.taken - this.told >= this.options.window;
  }

  /** Until there is room in the window again, or the run is over. */
  async change(): Promise<void> {
    this.dispatch();
    const onAbort = (): void => this.wake?.();
    this.options.signal?.addEventListener('abort', onAbort);
    while (this.mustWait) await new Promise<void>((resolve) => (this.wake = resolve));
    this.options.signal?.removeEventListener('abort', onAbort);
  }

  take(piece: P): void {
    const at = this.taken;
    this.taken += 1;
    const { stream = `none ${at}` } = piece;
    const queue = this.waiting.get(stream);
    if (queue) queue.push({ at, stream, piece });
    else {
      this.waiting.set(stream, [{ at, stream, piece }]);
      this.ready.push(at, stream);
    }
  }

  dispatch(): void {
    const { concurrency, together } = this.options;
    // What has room for a whole group only now would go out in splinters else.
    while (!this.isOver && this.underWay + Math.min(together, concurrency) <= concurrency) {
      const group = this.oldest(Math.min(together, concurrency));
      if (group.length === 0) return;
      this.underWay += group.length;
      this.options
        .send(group.map(({ piece }) => piece))
        .then((verdicts) => this.answered(group, verdicts))
        .catch((error: unknown) => this.fail(error))
        .finally(() => {
          this.underWay -= group.length;
          this.dispatch();
          this.wake?.();
        });
    }
  }

  fail(error: unknown): void {
    this.failure ??= { error };
    this.wake?.();
  }

  /** Waits for everything that was taken; throws what ended the run early. */
  async finish(): Promise<void> {
    const isBusy = (): boolean => this.underWay > 0 || (!this.isOver && this.told < this.taken);
    while (isBusy()) await new Promise<void>((resolve) => (this.wake = resolve));
    // After an early end there are gaps; what is behind them has its verdict all the same.
    const behind = [...this.verdicts].sort(([a], [b]) => a - b);
    for (const [, { piece, verdict }] of behind) this.options.settled(piece, verdict);
    if (this.failure) throw this.failure.error;
  }

  /** Of streams that have nothing under way. */
  private oldest(most: number): Waiting<P>[] {
    const group: Waiting<P>[] = [];
    while (group.length < most) {
      const stream = this.ready.pop();
      if (stream === undefined) break;
      group.push(...(this.waiting.get(stream) ?? []).slice(0, most - group.length));
    }
    return group;
  }

  private answered(group: readonly Waiting<P>[], verdicts: readonly V[]): void {
    for (const [index, { at, piece }] of group.entries()) {
      this.verdicts.set(at, { piece, verdict: verdicts[index] as V });
    }
    for (const stream of new Set(group.map((each) => each.stream))) {
      const queue = this.waiting.get(stream) ?? [];
      queue.splice(0, group.filter((each) => each.stream === stream).length);
      const following = queue[0];
      if (following) this.ready.push(following.at, stream);
      else this.waiting.delete(stream);
    }
    for (let next = this.verdicts.get(this.told); next; next = this.verdicts.get(this.told)) {
      this.verdicts.delete(this.told);
      this.told += 1;
      this.options.settled(next.piece, next.verdict);
    }
  }
}
