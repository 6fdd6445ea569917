/** What a figure is asked to be; both bounds are included. */
export interface Asked {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Figure extends Asked {
  /** What belongs together in the table. */
  readonly section: string;
  readonly name: string;
  readonly unit: string;
  /** One for each run. */
  readonly values: readonly number[];
}

export interface Figures {
  note(section: string, name: string, unit: string, value: number, asked?: Asked): void;
  all(): readonly Figure[];
}

export function collectFigures(): Figures {
  const figures = new Map<string, Figure>();
  return {
    note(section, name, unit, value, asked = {}) {
      const key = `${section}\n${name}`;
      const values = [...(figures.get(key)?.values ?? []), value];
      figures.set(key, { section, name, unit, values, ...asked });
    },
    all: () => [...figures.values()],
  };
}

/** Sections in the order of their first figure, each figure with least, median and greatest of its runs. */
export function tableOf(figures: readonly Figure[]): string {
  const sections = [...new Set(figures.map(({ section }) => section))];
  const rows = sections.flatMap((section) => [
    [],
    [section],
    ...figures.filter((figure) => figure.section === section).map(rowOf),
  ]);
  const all = [['figure', 'min', 'median', 'max', '', 'asked', ''], ...rows];
  const widths = [0, 1, 2, 3, 4, 5].map((i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, i) => aligned(cell, i, widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A figure meets what is asked when its median does. */
export function meets({ values, atLeast = -Infinity, atMost = Infinity }: Figure): boolean {
  const median = medianOf(values);
  return median >= atLeast && median <= atMost;
}

/** Of an even number of values the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [(sorted.length - 1) / 2, sorted.length / 2];
  const [below, above] = [sorted[Math.floor(low)], sorted[Math.floor(high)]];
  return ((below ?? NaN) + (above ?? NaN)) / 2;
}

function rowOf(figure: Figure): string[] {
  const { name, unit, values, atLeast, atMost } = figure;
  const shown = [Math.min(...values), medianOf(values), Math.max(...values)].map(short);
  const asked = [
    ...(atLeast === undefined ? [] : [`≥ ${atLeast.toLocaleString('en')}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost.toLocaleString('en')}`]),
  ].join(' ');
  const verdict = asked === '' ? '' : meets(figure) ? 'ok' : 'MISSED';
  return [`  ${name}`, ...shown, unit, asked, verdict];
}

function aligned(cell: string, column: number, width: number): string {
  return column >= 1 && column <= 3 ? cell.padStart(width) : cell.padEnd(width);
}

const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
