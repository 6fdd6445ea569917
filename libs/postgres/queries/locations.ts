import {
  Conditions,
  containing,
  isDescending,
  readPage,
  sortColumn,
  type OrderColumn,
  type PageOf,
  type PageRequest,
  type Queryable,
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

const BY_CODE: OrderColumn = { sql: 'l.code', type: 'text' };

export function listLocations(
  db: Queryable,
  filter: LocationFilter,
  sort: string,
  page: PageRequest,
): Promise<PageOf<LocationRow>> {
  const conditions = new Conditions()
    .where('l.kind = ?', filter.kind)
    .where('l.parent = ?', filter.parent)
    .where('l.active = ?', filter.active);
  if (filter.q !== undefined) {
    const pattern = containing(filter.q);
    conditions.add('(l.code ILIKE ? OR l.name ILIKE ?)', pattern, pattern);
  }
  const byName = sortColumn(sort) === 'name';
  return readPage<LocationRow>(db, {
    select: LOCATION,
    from: 'locations l',
    conditions,
    order: byName ? [{ sql: 'l.name', type: 'text' }, BY_CODE] : [BY_CODE],
    descending: isDescending(sort),
    page,
  });
}

export async function findLocation(db: Queryable, code: string): Promise<LocationRow | undefined> {
  const sql = `SELECT ${LOCATION} FROM locations l WHERE l.code = $1`;
  return (await db.query<LocationRow>(sql, [code]))[0];
}
