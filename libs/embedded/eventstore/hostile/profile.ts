import type { status } from '@grpc/grpc-js';

/** How often a node does what a real server may do but hardly ever does. Each is a probability from 0 to 1. */
export interface HostileRates {
  /** A stretch of unused positions before an event that is written. */
  readonly gap: number;
  /** An event of the server's own in `$all` before a write. */
  readonly systemEvent: number;
  /** At a write, all ids that retries with `any` or `stream_exists` are known by are forgotten. */
  readonly forgottenIds: number;
  /** An idempotent reply says no position. */
  readonly missingPosition: number;
  /** A write is answered with a time-out and never done. */
  readonly timeoutBeforeCommit: number;
  /** A write is answered with a time-out although it is done. */
  readonly timeoutAfterCommit: number;
  /** A write is answered with a time-out and begins only afterwards. */
  readonly lateCommit: number;
  /** A read ends at a message. */
  readonly cutRead: number;
  /** A subscription ends at a message. */
  readonly cutSubscription: number;
  /** A subscription ends after a while, whether or not anything happens. */
  readonly shortSubscription: number;
  /** The call that carries a client's batch appends ends at a request or at a reply. */
  readonly cutBatchCall: number;
  /** A unary append, delete or tombstone ends without its reply. */
  readonly cutUnaryCall: number;
  /** A live reader is cut off long before its buffers are full. */
  readonly slowReader: number;
  /** What is committed reaches a live reader later. */
  readonly delayedDelivery: number;
  /** `caughtUp` comes only after a while, among live events. */
  readonly lateCaughtUp: number;
  /** `caughtUp` does not come as long as the subscription lasts. */
  readonly missingCaughtUp: number;
  /** A checkpoint at an event that does not match names the place just before it, with prepare position 0. */
  readonly prepareZero: number;
}

export type Deed = keyof HostileRates;

export interface HostileProfile extends HostileRates {
  /** After a start every call ends UNAVAILABLE for at most so many milliseconds. */
  readonly longestNotReadyMs: number;
  /** Whatever comes late comes at most so many milliseconds late. */
  readonly longestDelayMs: number;
  /** With which status calls are cut, by name. */
  readonly cutWith: readonly (keyof typeof status)[];
}

/** As kind as an ordinary node: tests begin with it and set what they are about. */
export const PEACEFUL: HostileProfile = {
  gap: 0,
  systemEvent: 0,
  forgottenIds: 0,
  missingPosition: 0,
  timeoutBeforeCommit: 0,
  timeoutAfterCommit: 0,
  lateCommit: 0,
  cutRead: 0,
  cutSubscription: 0,
  shortSubscription: 0,
  cutBatchCall: 0,
  cutUnaryCall: 0,
  slowReader: 0,
  delayedDelivery: 0,
  lateCaughtUp: 0,
  missingCaughtUp: 0,
  prepareZero: 0,
  longestNotReadyMs: 0,
  longestDelayMs: 150,
  cutWith: ['UNAVAILABLE', 'CANCELLED', 'ABORTED', 'INTERNAL'],
};

/** Everything at once, as often as work still gets done. */
export const HOSTILE: HostileProfile = {
  ...PEACEFUL,
  gap: 0.3,
  systemEvent: 0.2,
  forgottenIds: 0.05,
  missingPosition: 0.5,
  timeoutBeforeCommit: 0.02,
  timeoutAfterCommit: 0.03,
  lateCommit: 0.02,
  cutRead: 0.003,
  cutSubscription: 0.005,
  shortSubscription: 0.3,
  cutBatchCall: 0.005,
  cutUnaryCall: 0.02,
  slowReader: 0.3,
  delayedDelivery: 0.3,
  lateCaughtUp: 0.3,
  missingCaughtUp: 0.1,
  prepareZero: 0.5,
  longestNotReadyMs: 3_000,
};
