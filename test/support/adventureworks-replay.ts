import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * What the stock must be after the AdventureWorks import, told by the plainest program that can tell it: maps and
 * integers, in file order. It shares no code with the product, so that both cannot be wrong in the same way.
 */
export interface Replay {
  /** On hand by `<sku>@<location>`, also where nothing is left. */
  readonly levels: ReadonlyMap<string, number>;
  readonly units: number;
  /** Rows of the history whose sale was larger than what was there, by TransactionID. */
  readonly refused: ReadonlySet<string>;
}

const FINISHED_GOODS = '7';

export function replayAdventureWorks(folder: string): Replay {
  const skus = new Map<string, string>();
  for (const row of table(folder, 'Product')) skus.set(row.ProductID!, row.ProductNumber!);
  const levels = new Map<string, number>();
  const refused = new Set<string>();
  const add = (product: string, location: string, quantity: number): boolean => {
    const place = `${skus.get(product)}@${location}`;
    const after = (levels.get(place) ?? 0) + quantity;
    if (after < 0) return false;
    levels.set(place, after);
    return true;
  };

  for (const row of table(folder, 'ProductInventory')) {
    const quantity = Number(row.Quantity);
    if (quantity > 0) add(row.ProductID!, row.LocationID!, quantity);
  }
  for (const name of ['TransactionHistoryArchive', 'TransactionHistory']) {
    for (const row of table(folder, name)) {
      const sign = row.TransactionType === 'S' ? -1 : 1;
      if (!add(row.ProductID!, FINISHED_GOODS, sign * Number(row.Quantity))) {
        refused.add(row.TransactionID!);
      }
    }
  }
  const units = [...levels.values()].reduce((sum, quantity) => sum + quantity, 0);
  return { levels, units, refused };
}

function table(folder: string, name: string): Record<string, string>[] {
  const packed = join(folder, `${name}.csv.gz`);
  const text = existsSync(packed)
    ? gunzipSync(readFileSync(packed)).toString('utf8')
    : readFileSync(join(folder, `${name}.csv`), 'utf8');
  const [header, ...lines] = text.split('\n').filter((line) => line !== '');
  const columns = cellsOf(header!);
  return lines.map((line) => {
    const cells = cellsOf(line);
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]!]));
  });
}

/** The files have no quote and no line break inside a quoted cell. */
const cellsOf = (line: string): string[] =>
  (line.match(/("[^"]*"|[^",]*)(,|$)/g) ?? [])
    .slice(0, line.endsWith(',') ? undefined : -1)
    .map((cell) => cell.replace(/,$/, '').replace(/^"(.*)"$/, '$1'));
