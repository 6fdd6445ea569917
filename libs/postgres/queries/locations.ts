import {
  Conditions,
  containing,
  orderBy,
  type ListQuery,
  type Queryable,
  type Sort,
  type Sorts,
} from './page';

export interface LocationRow {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly parent: string | null;
  readonly timeZone: string;
  readonly active: boolean;
  readonly registeredAt: string;
  readonly updatedAt: string;
  readonly revision: number;
}

const LOCATION = `l.code, l.name, l.kind, l.parent, l.time_zone AS "timeZone", l.active,
  l.registered_at AS "registeredAt", l.updated_at AS "updatedAt", l.revision::int AS revision`;

export interface LocationFilter {
  readonly q?: string | undefined;
  readonly kind?: string | undefined;
  readonly parent?: string | undefined;
  readonly active?: boolean | undefined;
}

const BY_CODE = { sql: 'l.code', type: 'text' } as const;
const SORTS = {
  code: [BY_CODE],
  name: [{ sql: 'l.name', type: 'text' }, BY_CODE],
  kind: [{ sql: 'l.kind', type: 'text' }, BY_CODE],
  updatedAt: [{ sql: 'l.updated_at', type: 'timestamptz' }, BY_CODE],
} as const satisfies Sorts<string>;
export type LocationSort = Sort<keyof typeof SORTS>;
export const LOCATION_SORTS = Object.keys(SORTS) as (keyof typeof SORTS)[];

export function listLocations(filter: LocationFilter, sort: LocationSort): ListQuery<LocationRow> {
  const conditions = new Conditions()
    .where('l.kind = ?', filter.kind)
    .where('l.parent = ?', filter.parent)
    .where('l.active = ?', filter.active);
  if (filter.q !== undefined) {
    const pattern = containing(filter.q);
    conditions.add('(l.code ILIKE ? OR l.name ILIKE ?)', pattern, pattern);
  }
  const order = orderBy<keyof typeof SORTS>(SORTS, sort);
  return { columns: 'l.*', from: 'locations l', alias: 'l', select: LOCATION, conditions, order };
}

export async function findLocation(db: Queryable, code: string): Promise<LocationRow | undefined> {
  const sql = `SELECT ${LOCATION} FROM locations l WHERE l.code = $1`;
  return (await db.query<LocationRow>(sql, [code]))[0];
}
