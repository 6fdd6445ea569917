import { cellOf, instantOf } from './amounts';
import { flag, instant, orNull, text, whole, type RowOf } from './columns';
import { table, type EventOf } from './view';

const columns = {
  code: text,
  name: text,
  kind: text,
  parent: orNull(text),
  time_zone: text,
  active: flag,
  registered_at: instant,
  updated_at: instant,
  revision: whole,
  position: whole,
} as const;
type LocationRow = RowOf<typeof columns>;

type LocationEventType =
  'LocationRegistered' | 'LocationUpdated' | 'LocationDeactivated' | 'LocationReactivated';

/** The places that hold stock, as they stand. */
export const locations = table<LocationRow, LocationEventType>({
  name: 'locations',
  version: 1,
  columns,
  key: ['code'],
  indexes: [],
  handles: {
    LocationRegistered: true,
    LocationUpdated: true,
    LocationDeactivated: true,
    LocationReactivated: true,
  },
  keysOf: (event) => [[event.data.code]],
  fold(row, event) {
    if (event.type === 'LocationRegistered') return registered(event);
    if (!row) {
      throw new Error(`${event.type} for location ${event.data.code}, which is not registered`);
    }
    return { ...row, ...changes(event), ...touched(event) };
  },
});

function registered(event: EventOf<'LocationRegistered'>): LocationRow {
  const { timeZone, ...same } = event.data;
  return {
    ...same,
    time_zone: timeZone,
    active: true,
    registered_at: instantOf(event.metadata.recordedAt),
    ...touched(event),
  };
}

function changes(
  event: EventOf<Exclude<LocationEventType, 'LocationRegistered'>>,
): Partial<LocationRow> {
  switch (event.type) {
    case 'LocationUpdated': {
      const { timeZone, ...same } = event.data.changes;
      return { ...same, ...(timeZone === undefined ? {} : { time_zone: timeZone }) };
    }
    case 'LocationDeactivated':
      return { active: false };
    case 'LocationReactivated':
      return { active: true };
  }
}

const touched = (
  event: EventOf<LocationEventType>,
): Pick<LocationRow, 'updated_at' | 'revision' | 'position'> => ({
  updated_at: instantOf(event.metadata.recordedAt),
  revision: event.revision,
  position: cellOf(event.position),
});
