/** What a node takes on at most. All are whole numbers above 0. */
export interface Limits {
  /** One message of a call, in bytes; the sender is answered RESOURCE_EXHAUSTED. */
  readonly messageBytes: number;
  /** The data of one append, in bytes, without metadata. */
  readonly appendBytes: number;
  /** Calls at a time over all connections; one more is answered RESOURCE_EXHAUSTED. */
  readonly calls: number;
  /** Subscriptions at a time; one more is answered RESOURCE_EXHAUSTED. */
  readonly subscriptions: number;
  /** Half-sent appends over all calls, in bytes; beyond, the oldest of them are given up. */
  readonly inFlightBytes: number;
  /** Appends that wait to be written; one more is answered that the node is too busy. */
  readonly waitingAppends: number;
}

export const DEFAULT_LIMITS: Limits = {
  messageBytes: 16 << 20,
  appendBytes: 1 << 20,
  calls: 10_000,
  subscriptions: 2_000,
  inFlightBytes: 256 << 20,
  waitingAppends: 50_000,
};

/** The options of the command that set them, for messages that say what to change. */
export const LIMIT_OPTIONS: Readonly<Record<keyof Limits, string>> = {
  messageBytes: '--max-message-bytes',
  appendBytes: '--max-append-bytes',
  calls: '--max-calls',
  subscriptions: '--max-subscriptions',
  inFlightBytes: '--max-in-flight-bytes',
  waitingAppends: '--max-waiting-appends',
};
