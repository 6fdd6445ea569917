import type { Connection } from './connection';
import type { LogRecord, Model } from './model';
import type { Names } from './names';
import type { LogStart } from './operations';
import type { LogPosition } from './read-requests';

/** One run of a sequence against a node. */
export interface Run {
  readonly connection: Connection;
  readonly names: Names;
  readonly model: Model;
}

const BEYOND = 1n << 62n;

/** Numbers beyond the end name the last record, so that a sequence keeps its sense when operations are left out. */
export function recordAt(model: Model, number: number): LogRecord {
  const record = model.log[Math.min(number, model.log.length - 1)];
  if (!record) throw new Error('the log of the sequence is empty');
  return record;
}

/** The position to send; 'unknown' while no answer has named it yet. */
export function logPositionOf(
  { model }: Run,
  from: LogStart,
): 'start' | 'end' | 'unknown' | LogPosition {
  if (from === 'start' || from === 'end') return from;
  if (from === 'beyond') return { commit: BEYOND, prepare: BEYOND };
  if (model.log.length === 0) return 'unknown';
  const { position } = recordAt(model, from.record);
  if (position === undefined) return 'unknown';
  switch (from.variant) {
    case 'at':
      return { commit: position, prepare: position };
    case 'prepare 0':
      return { commit: position, prepare: 0n };
    case 'off by one':
      return { commit: position + 1n, prepare: position + 1n };
  }
}
