/** What a cell holds, and how PostgreSQL stores it. */
export const SQL_TYPES = {
  text: 'text',
  flag: 'boolean',
  /** Below 2^53: base units of one place, revisions, log positions. */
  whole: 'bigint',
  /** Adds up over places or over all time, so it may pass 2^53; it stays a number until it does. */
  sum: 'bigint',
  small: 'integer',
  /** Decimal text, exact. */
  decimal: 'numeric',
  /** ISO-8601 UTC with milliseconds. */
  instant: 'timestamptz',
  /** YYYY-MM-DD */
  date: 'date',
  uuid: 'uuid',
  json: 'jsonb',
} as const;
export type CellKind = keyof typeof SQL_TYPES;

export interface Column {
  readonly kind: CellKind;
  readonly nullable: boolean;
}
export type Columns = Readonly<Record<string, Column>>;

export type Sum = number | bigint;
interface CellTypes {
  text: string;
  flag: boolean;
  whole: number;
  sum: Sum;
  small: number;
  decimal: string;
  instant: string;
  date: string;
  uuid: string;
  json: object;
}
export type Cell = CellTypes[CellKind] | null;
export type Row = Readonly<Record<string, Cell>>;

export type RowOf<C extends Columns> = {
  readonly [Name in keyof C]:
    CellTypes[C[Name]['kind']] | (C[Name]['nullable'] extends true ? null : never);
};

const column = <K extends CellKind>(kind: K): { readonly kind: K; readonly nullable: false } => ({
  kind,
  nullable: false,
});

export const text = column('text');
export const flag = column('flag');
export const whole = column('whole');
export const sum = column('sum');
export const small = column('small');
export const decimal = column('decimal');
export const instant = column('instant');
export const date = column('date');
export const uuid = column('uuid');
export const json = column('json');

export const orNull = <K extends CellKind>({
  kind,
}: {
  readonly kind: K;
}): { readonly kind: K; readonly nullable: true } => ({ kind, nullable: true });
