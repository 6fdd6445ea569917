import type { Connection } from './connection';
import type { Model } from './model';
import type { LogRecord } from './streams';
import type { Names } from './names';
import type { LogStart } from './operations';
import type { LogPosition } from './read-requests';

/** One run of a sequence against a node. */
export interface Run {
  readonly connection: Connection;
  readonly names: Names;
  readonly model: Model;
}

/** A place in the log, as it is sent and as the model sees it. */
export interface Place {
  readonly at: 'start' | 'end' | LogPosition;
  /** The sequence's own records before the place, and from it on: the record at the place itself is one of the latter. */
  readonly before: readonly LogRecord[];
  readonly from: readonly LogRecord[];
  /** The place is the one of the first record of `from`. */
  readonly isAtRecord: boolean;
  /** No record lies there, but others do behind it. */
  readonly isOffRecord: boolean;
}

const BEYOND = 1n << 62n;

/** Where to start; undefined while no answer has named a position yet. */
export function placeOf({ model }: Run, start: LogStart): Place | undefined {
  const log = [...model.log];
  const plain = { isAtRecord: false, isOffRecord: false };
  if (start === 'start') return { at: 'start', before: [], from: log, ...plain };
  if (start === 'end') return { at: 'end', before: log, from: [], ...plain };
  if (start === 'beyond') {
    return { at: { commit: BEYOND, prepare: BEYOND }, before: log, from: [], ...plain };
  }
  // Only positions that have been handed out can be asked for; another one will do as well.
  const isKnown = ({ position }: LogRecord): boolean => position !== undefined;
  const record = log.slice(start.record).find(isKnown) ?? log.findLast(isKnown);
  if (record?.position === undefined) return undefined;
  const { position, number } = record;
  const at = {
    at: { commit: position, prepare: position },
    'prepare 0': { commit: position, prepare: 0n },
    'off by one': { commit: position + 1n, prepare: position + 1n },
  }[start.variant];
  const isOffRecord = start.variant === 'off by one';
  return {
    at,
    before: log.slice(0, number),
    from: log.slice(number),
    isAtRecord: start.variant === 'at',
    isOffRecord,
  };
}

/** Subscriptions begin after their place: a prepare position of 0 lies before the record at its commit position. */
export const afterPlace = ({ at, from, isAtRecord }: Place): readonly LogRecord[] =>
  at === 'start' || !isAtRecord ? from : from.slice(1);
