import type { Config } from '../../../libs/runtime';
import { ProblemError } from './errors';

/** How much of the machine callers may hold at once, and for how long without doing anything. */
export interface Limits {
  /** Open sockets; a further one is closed as it comes. */
  readonly maxConnections: number;
  /** Commands and queries under way, also of clients that have left; a further request is refused with OVERLOADED. */
  readonly maxInFlight: number;
  /** Milliseconds for the whole of a request to arrive, and for its headers alone a third of them. */
  readonly requestTimeoutMs: number;
  /** Milliseconds without a byte in either direction while an answer is made or sent. */
  readonly idleTimeoutMs: number;
}

/** A query may wait half a minute for the tables, and hears nothing meanwhile. */
const IDLE_TIMEOUT_MS = 60_000;

export const limitsOf = ({
  httpMaxConnections,
  httpMaxInFlight,
  httpRequestTimeoutMs,
}: Config): Limits => ({
  maxConnections: httpMaxConnections,
  maxInFlight: httpMaxInFlight,
  requestTimeoutMs: httpRequestTimeoutMs,
  idleTimeoutMs: IDLE_TIMEOUT_MS,
});

/** What is under way in this process. */
export class Load {
  connections = 0;
  inFlight = 0;
  /** Of those in flight: queries that wait for the tables. */
  waiting = 0;

  constructor(readonly limits: Limits) {}

  get isFull(): boolean {
    return this.inFlight >= this.limits.maxInFlight;
  }

  /** Counts what a request stands for until `leave`; throws OVERLOADED where there is no room for anything. */
  enter(commands = 1): void {
    if (this.isFull) throw overloaded();
    this.inFlight += commands;
  }

  leave(commands = 1): void {
    this.inFlight -= commands;
  }
}

export const overloaded = (): ProblemError =>
  new ProblemError(
    'OVERLOADED',
    'too many requests are under way, and nothing was done for this one; send it again',
  );
