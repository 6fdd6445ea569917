import type { Postgres } from '../../libs/postgres';
import {
  foldEvents,
  tableOf,
  textOfKey,
  views,
  type InventoryEvent,
  type Row,
} from '../../libs/projections';

/** The table behind a view in this version. */
export function tableNamed(name: string): string {
  const view = views.find((each) => each.name === name);
  if (!view) throw new Error(`there is no view ${name}`);
  return tableOf(view);
}

/** Every table, through the view that readers use, against a fold of the same events in memory. */
export async function expectTablesOf(
  postgres: Postgres,
  events: readonly InventoryEvent[],
  isLeftOut: (event: InventoryEvent, view: string) => boolean = () => false,
): Promise<void> {
  for (const view of views) {
    const kept = events.filter((event) => !isLeftOut(event, view.name));
    const { rows, added, failure } = foldEvents(view, () => undefined, kept);
    expect([view.name, failure]).toEqual([view.name, undefined]);
    const expected = view.kind === 'journal' ? added : [...rows.values()].filter((row) => row);
    const key = (row: Row): string => textOfKey(view.key.map((name) => row[name] as string));
    const stored = await postgres.query<Row>(`SELECT * FROM ${view.name}`);
    const byKey = (a: Row, b: Row): number => (key(a) < key(b) ? -1 : 1);
    expect([view.name, stored.sort(byKey)]).toEqual([
      view.name,
      (expected as Row[]).map((row) => ({ ...row })).sort(byKey),
    ]);
  }
}
