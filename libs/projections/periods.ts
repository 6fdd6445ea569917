import { closedThroughAfter } from '../domain';
import { cellOf, instantOf } from './amounts';
import { date, instant, orNull, text, uuid, whole, type RowOf } from './columns';
import { journal } from './view';

const columns = {
  position: whole,
  event_id: uuid,
  revision: whole,
  type: text,
  /** The last closed day from here on. */
  closed_through: date,
  /** The last closed day before; null: nothing was closed. */
  was_closed_through: orNull(date),
  reason: orNull(text),
  actor: text,
  command_id: uuid,
  correlation_id: text,
  effective_at: instant,
  recorded_at: instant,
} as const;

const WORDS = { PeriodClosed: 'CLOSE', PeriodReopened: 'REOPEN' } as const;

/** Every closing and reopening of the books. */
export const periods = journal<RowOf<typeof columns>, keyof typeof WORDS>({
  name: 'periods',
  version: 1,
  columns,
  key: ['position'],
  indexes: [],
  handles: { PeriodClosed: true, PeriodReopened: true },
  partition: [],
  partitionOf: () => [],
  fold(_newest, event) {
    const { type, metadata } = event;
    const row = {
      position: cellOf(event.position),
      event_id: event.id,
      revision: event.revision,
      type: WORDS[type],
      closed_through: closedThroughAfter(event),
      was_closed_through: event.data.was,
      reason: metadata.reason ?? null,
      actor: metadata.actor,
      command_id: metadata.commandId,
      correlation_id: metadata.correlationId,
      effective_at: instantOf(metadata.effectiveAt),
      recorded_at: instantOf(metadata.recordedAt),
    };
    return [row];
  },
});
