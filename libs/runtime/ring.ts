/** The last `size` entries: each new one pushes out the oldest once it is full. */
export class Ring<T> {
  private readonly entries: T[] = [];
  private oldest = 0;

  constructor(private readonly size: number) {}

  /** Takes an entry in and hands back the one that has to go. */
  push(entry: T): T | undefined {
    if (this.entries.length < this.size) {
      this.entries.push(entry);
      return undefined;
    }
    const gone = this.entries[this.oldest];
    this.entries[this.oldest] = entry;
    this.oldest = (this.oldest + 1) % this.size;
    return gone;
  }

  clear(): void {
    this.entries.length = 0;
    this.oldest = 0;
  }
}
