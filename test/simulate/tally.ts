/** What a run has tried, and what became of it. */
export class Tally {
  readonly accepted = new Map<string, number>();
  readonly refused = new Map<string, number>();
  /** Every command with its verdict, for a person to read. */
  constructor(readonly told?: string[]) {}

  /** The code that the last command was refused with. */
  last: string | undefined;

  count(kind: string, code: string | undefined): void {
    this.last = code;
    if (code === undefined) this.accepted.set(kind, (this.accepted.get(kind) ?? 0) + 1);
    else {
      const key = `${kind} ${code}`;
      this.refused.set(key, (this.refused.get(key) ?? 0) + 1);
    }
  }

  get codes(): ReadonlySet<string> {
    return new Set([...this.refused.keys()].map((key) => key.split(' ')[1]!));
  }
}

/** Model and product do not agree, or something that must always hold does not. */
export class Disagreement extends Error {
  constructor(
    what: string,
    readonly step: number,
  ) {
    super(what);
  }
}
