import { changesOf } from './changes';
import {
  accept,
  plainForm,
  refuse,
  type Decision,
  type EventsOf,
  type StreamDefinition,
} from './kernel';
import { oneOf, orNull, someOf, text } from './schema';

/** One place that holds stock: a store, a warehouse, a work centre. */

export const LOCATION_KINDS = ['WAREHOUSE', 'STORE', 'WORK_CENTER', 'OTHER'] as const;
export type LocationKind = (typeof LOCATION_KINDS)[number];

/** Where stock is when nobody says where. */
export const DEFAULT_LOCATION = 'MAIN';

const details = {
  name: text,
  kind: oneOf(...LOCATION_KINDS),
  /** Code of the location this one is part of. */
  parent: orNull(text),
  /** IANA name; an expiry date is judged by the calendar here. */
  timeZone: text,
};

const locationEvents = {
  LocationRegistered: { code: text, ...details },
  LocationUpdated: { code: text, changes: someOf(details) },
  LocationDeactivated: { code: text },
  LocationReactivated: { code: text },
};
export type LocationEvent = EventsOf<typeof locationEvents>;

export interface LocationDetails {
  readonly name: string;
  readonly kind: LocationKind;
  readonly parent: string | null;
  readonly timeZone: string;
}

export type LocationCommand =
  | {
      readonly type: 'RegisterLocation';
      readonly data: { readonly code: string } & Partial<LocationDetails>;
    }
  | {
      readonly type: 'UpdateLocation';
      readonly data: { readonly code: string } & Partial<LocationDetails>;
    }
  | { readonly type: 'DeactivateLocation'; readonly data: { readonly code: string } }
  | { readonly type: 'ReactivateLocation'; readonly data: { readonly code: string } };

export type LocationState =
  (LocationDetails & { readonly code: string; readonly active: boolean }) | null;

/** The parent that the command names, with everything above it; null when it names none. */
export interface LocationFacts {
  readonly parent: { readonly exists: boolean; readonly ancestors: readonly string[] } | null;
}

export type LocationCode =
  'LOCATION_NOT_FOUND' | 'LOCATION_CODE_ALREADY_EXISTS' | 'LOCATION_PARENT_INVALID';

function decide(
  command: LocationCommand,
  state: LocationState,
  facts: LocationFacts,
): Decision<LocationEvent, LocationCode> {
  const { code } = command.data;
  if (command.type === 'RegisterLocation') {
    if (state)
      return refuse(
        'LOCATION_CODE_ALREADY_EXISTS',
        `location ${code} is registered already; PATCH changes it`,
      );
    const { name = code, kind = 'WAREHOUSE', parent = null, timeZone = 'UTC' } = command.data;
    return (
      parentProblem(code, parent, facts) ??
      accept({ type: 'LocationRegistered', data: { code, name, kind, parent, timeZone } })
    );
  }
  if (!state)
    return refuse(
      'LOCATION_NOT_FOUND',
      `there is no location ${code}; POST /api/v1/locations registers one`,
    );
  switch (command.type) {
    case 'UpdateLocation': {
      const changes = changesOf(state, command.data);
      if (Object.keys(changes).length === 0) return accept();
      return (
        parentProblem(code, changes.parent ?? null, facts) ??
        accept({ type: 'LocationUpdated', data: { code, changes } })
      );
    }
    case 'DeactivateLocation':
      return state.active ? accept({ type: 'LocationDeactivated', data: { code } }) : accept();
    case 'ReactivateLocation':
      return state.active ? accept() : accept({ type: 'LocationReactivated', data: { code } });
  }
}

function parentProblem(
  code: string,
  parent: string | null,
  facts: LocationFacts,
): Decision<LocationEvent, LocationCode> | undefined {
  if (parent === null) return undefined;
  if (!facts.parent?.exists) {
    return refuse(
      'LOCATION_PARENT_INVALID',
      `the parent ${parent} is not a location; register it first`,
    );
  }
  if (parent === code || facts.parent.ancestors.includes(code)) {
    return refuse(
      'LOCATION_PARENT_INVALID',
      `${parent} is part of ${code} and cannot be its parent; choose another`,
    );
  }
  return undefined;
}

function evolve(state: LocationState, event: LocationEvent): LocationState {
  switch (event.type) {
    case 'LocationRegistered':
      return { ...event.data, active: true };
    case 'LocationUpdated':
      return state && { ...state, ...event.data.changes };
    case 'LocationDeactivated':
      return state && { ...state, active: false };
    case 'LocationReactivated':
      return state && { ...state, active: true };
  }
}

export const location: StreamDefinition<
  LocationState,
  LocationCommand,
  LocationEvent,
  LocationFacts,
  LocationCode
> = {
  category: 'location',
  events: locationEvents,
  upcasts: {},
  initial: null,
  decide,
  evolve,
  form: plainForm(1),
};
