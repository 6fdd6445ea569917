import type { Leg } from '../../libs/application';
import type { InventoryEvent } from '../../libs/domain';
import type { Position } from '../../libs/eventstore';

/** How far the log has been gone through: the last event, and where a filter checkpoint has led beyond it. */
export interface Reached extends Position {
  readonly event: { readonly id: string; readonly position: bigint } | undefined;
}
export const START: Reached = { commit: -1n, prepare: -1n, event: undefined };

/** A leg that the log owes. Times are of the monotone clock, in milliseconds. */
export interface Obligation {
  readonly leg: Leg;
  /** How far the log had been gone through before the event that it follows from. */
  readonly before: Reached;
  readonly openedMs: number;
  dueMs: number;
  tries: number;
  isUnderWay: boolean;
}

/** Before a leg that could not be done is tried again. */
export const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/**
 * What the log owes, as it is gone through: an event opens an obligation for each leg that follows from it, and the leg's
 * own event, whoever has sent it, settles that. Oldest first.
 */
export class Obligations {
  private reached: Reached;
  private readonly open = new Map<string, Obligation>();

  constructor(
    from: Reached,
    private readonly legsOf: (event: InventoryEvent) => readonly Leg[],
    /** Milliseconds that whoever has appended the event has for its legs, before they are driven from here. */
    private readonly graceMs: number,
    private readonly nowMs: () => number = () => performance.now(),
    private readonly firstDelayMs = FIRST_DELAY_MS,
  ) {
    this.reached = from;
  }

  get size(): number {
    return this.open.size;
  }

  get oldest(): Obligation | undefined {
    return this.open.values().next().value;
  }

  /** What may be stored: a reader that begins behind it is told of everything that is owed. */
  get checkpoint(): Reached {
    return this.oldest?.before ?? this.reached;
  }

  takeEvent(event: InventoryEvent): void {
    this.settle(event.metadata.commandId);
    const before = this.reached;
    const openedMs = this.nowMs();
    for (const leg of this.legsOf(event)) {
      const dueMs = openedMs + this.graceMs;
      this.open.set(leg.commandId, {
        ...{ leg, before, openedMs, dueMs },
        ...{ tries: 0, isUnderWay: false },
      });
    }
    this.pass(event.position, event.id);
  }

  takeCheckpoint({ commit, prepare }: Position): void {
    this.reached = { commit, prepare, event: this.reached.event };
  }

  /** Goes past an event that nobody here can read. */
  pass(position: bigint, id: string): void {
    this.reached = { commit: position, prepare: position, event: { id, position } };
  }

  /** It is done, or somebody else knows of it. */
  settle(commandId: string): void {
    this.open.delete(commandId);
  }

  /** The oldest that are to be driven now, at most so many; each is under way until it is settled or failed. */
  takeDue(most: number): readonly Obligation[] {
    const due: Obligation[] = [];
    if (most <= 0) return due;
    const now = this.nowMs();
    for (const obligation of this.open.values()) {
      if (obligation.isUnderWay || obligation.dueMs > now) continue;
      obligation.isUnderWay = true;
      due.push(obligation);
      if (due.length === most) break;
    }
    return due;
  }

  /** It stays owed, and is tried again later: twice as long each time, with some chance in it. */
  failed(obligation: Obligation): void {
    const delay = Math.min(this.firstDelayMs * 2 ** obligation.tries, LONGEST_DELAY_MS);
    obligation.tries += 1;
    obligation.dueMs = this.nowMs() + delay * (0.5 + Math.random());
    obligation.isUnderWay = false;
  }
}
