/**
 * What a sequence does. In every text `~` stands for the prefix that keeps the streams of one run of a sequence apart
 * from all others, so that a sequence is the same program on every node.
 */
export type Operation =
  | Append
  | BadAppend
  | Removal
  | ReadStream
  | ReadLog
  | FollowStream
  | FollowLog
  | BadRead
  | Restart;

export type Write = Append | Removal;

/** A number is the exact revision. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | number;

/** The two ways in which the official client appends, and the same calls on the stubs that it ships. */
export type AppendPath = 'batch' | 'unary' | 'raw-batch' | 'raw-unary';
export type Path = 'client' | 'raw';

/** What a `$metadata` event says about a stream. Nothing in it: nothing is hidden. */
export interface Rules {
  readonly truncateBefore?: number;
  readonly maxCount?: number;
  readonly softDeleted?: boolean;
}

export interface Proposal {
  /** The event's id is made from it: equal labels are equal ids. */
  readonly label: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: string;
  readonly metadata: string;
  /** Only in the events of a metadata stream. */
  readonly rules?: Rules;
}

export interface Append {
  readonly op: 'append';
  readonly via: AppendPath;
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly Proposal[];
  /** Only on the stubs: how ids are written, and how many events one message of a batch brings. */
  readonly idForm?: 'text' | 'upper' | 'structured';
  readonly chunk?: number;
}

export const APPEND_FLAWS = [
  'no type',
  'no content type',
  'empty type',
  'no id',
  'zero id',
  'no stream name',
  'too big',
] as const;
export type AppendFlaw = (typeof APPEND_FLAWS)[number];

export interface BadAppend {
  readonly op: 'bad-append';
  readonly via: 'raw-batch' | 'raw-unary';
  readonly stream: string;
  readonly flaw: AppendFlaw;
}

/** A soft delete or a tombstone. */
export interface Removal {
  readonly op: 'delete' | 'tombstone';
  readonly via: Path;
  readonly stream: string;
  readonly expected: Expected;
}

/** A decimal number is a revision. */
export type StreamStart = 'start' | 'end' | `${number}`;

export interface ReadStream {
  readonly op: 'read';
  readonly via: Path;
  readonly stream: string;
  readonly backwards: boolean;
  readonly from: StreamStart;
  readonly count: number | undefined;
  readonly resolve: boolean;
  /** Only on the stubs. */
  readonly structuredIds: boolean;
}

/** A position is named by the number of the record in the sequence's own part of the log that it was handed out for. */
export type LogStart =
  | 'start'
  | 'end'
  | 'beyond'
  | { readonly record: number; readonly variant: 'at' | 'prepare 0' | 'off by one' };

export interface Filter {
  readonly on: 'stream' | 'type';
  readonly prefixes?: readonly string[];
  readonly regex?: string;
  /** Records searched at a time; undefined leaves it to the node. */
  readonly window: number | undefined;
  readonly interval: number;
}

export interface ReadLog {
  readonly op: 'read-log';
  readonly via: Path;
  readonly backwards: boolean;
  readonly from: LogStart;
  readonly count: number | undefined;
  readonly resolve: boolean;
  /** Only on the stubs. */
  readonly filter: Filter | undefined;
}

/** Subscribes, and does the writes of `then` once it has caught up (or is confirmed, without a stream). */
export interface FollowStream {
  readonly op: 'follow-stream';
  readonly via: Path;
  readonly stream: string;
  readonly from: StreamStart;
  readonly resolve: boolean;
  readonly then: readonly Write[];
}

export interface FollowLog {
  readonly op: 'follow-log';
  readonly via: Path;
  readonly from: LogStart;
  readonly resolve: boolean;
  readonly filter: Filter | undefined;
  readonly then: readonly Append[];
  /** Subscribes once more from the checkpoint with this number, if there was one. */
  readonly resumeFrom: number | undefined;
}

/** The node is killed with an append on its way. Nobody can tell whether that one is written until it is back. */
export interface Restart {
  readonly op: 'restart';
  readonly inFlight: Append | undefined;
}

export const READ_FLAWS = {
  'read of 0 events': 'UNKNOWN',
  'forwards from the end': 'UNKNOWN',
  'revision 2^63': 'UNKNOWN',
  'subscription after revision 2^63-1': 'UNKNOWN',
  'no stream name': 'UNKNOWN',
  'delete without a stream name': 'UNKNOWN',
  'tombstone without a stream name': 'UNKNOWN',
  'regex that makes no sense': 'UNKNOWN',
  'interval of 0': 'UNKNOWN',
  'filter on a stream': 'INVALID_ARGUMENT',
  'backwards subscription': 'INVALID_ARGUMENT',
  'neither filter nor none': 'INVALID_ARGUMENT',
} as const;
export type ReadFlaw = keyof typeof READ_FLAWS;

/** A call that is refused whatever is stored. */
export interface BadRead {
  readonly op: 'bad-read';
  readonly stream: string;
  readonly flaw: ReadFlaw;
}

export const isMetadataStream = (stream: string): boolean => stream.startsWith('$$');
export const metadataStreamOf = (stream: string): string => `$$${stream}`;
export const ownerOf = (metadataStream: string): string => metadataStream.slice(2);
