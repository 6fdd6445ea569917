/** The event store has not answered for so long: it is away, or frozen. */
const AWAY_AFTER_MS = 5_000;

interface Mark {
  readonly position: bigint;
  readonly atMs: number;
}

/** What the event store says of itself, asked every second: whether it is there, and how long we have been behind its end. */
export class StoreWatch {
  private answeredMs: number;
  /** Ends of the log that were seen and are not in the tables yet: the first, and the last. */
  private first: Mark | undefined;
  private last: Mark | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.answeredMs = now();
  }

  /** It has answered; `end` is the position of our last event, where that was found. */
  answered(end: bigint | undefined): void {
    this.answeredMs = this.now();
    if (end === undefined || (this.last && end <= this.last.position)) return;
    this.last = { position: end, atMs: this.answeredMs };
    this.first ??= this.last;
  }

  /** Seconds since it answered, once these are too many. */
  awaySeconds(): number | undefined {
    const ms = this.now() - this.answeredMs;
    return ms > AWAY_AFTER_MS ? ms / 1_000 : undefined;
  }

  /** Seconds that tables which know the log up to `position` have been behind its end. */
  behindSeconds(position: bigint): number {
    if (this.first && position >= this.first.position) {
      this.first = this.last && position < this.last.position ? this.last : undefined;
    }
    return this.first ? (this.now() - this.first.atMs) / 1_000 : 0;
  }
}
