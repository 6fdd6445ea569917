import { Command, InvalidArgumentError, Option } from 'commander';
import { once } from 'node:events';
import { bodyOf, HttpClient, type Answer } from './http-client';
import { type Column, print, printFields, printRows, type Rows } from './output';

export interface ClientOptions {
  readonly url: string;
  readonly actor?: string;
  readonly json?: boolean;
}

export interface WriteOptions extends ClientOptions {
  readonly reason?: string;
  readonly effectiveAt?: string;
  readonly idempotencyKey?: string;
  readonly dryRun?: boolean;
}

export interface ListOptions extends ClientOptions {
  readonly limit: number;
  readonly all?: boolean;
  readonly csv?: boolean;
}

const DEFAULT_URL = 'http://127.0.0.1:3000';
/** The largest page that the api gives. */
const PAGE_ROWS = 500;

/** A command that talks to the api. */
export function clientCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(
      new Option('--url <address>', 'address of the api').env('LOTSTREAM_URL').default(DEFAULT_URL),
    )
    .addOption(new Option('--actor <id>', 'who does it, for the audit log').env('LOTSTREAM_ACTOR'))
    .option('--json', 'the answer as JSON, for scripts');
}

/** A command that changes something. */
export function writeCommand(name: string, description: string): Command {
  return clientCommand(name, description)
    .option('--reason <text>', 'why')
    .option('--effective-at <instant>', 'when it happened, such as 2026-03-01T09:30:00Z')
    .option('--idempotency-key <key>', 'makes it safe to repeat: the same key acts once')
    .option('--dry-run', 'tell what would happen, change nothing');
}

/** A command that shows rows. */
export function listCommand(name: string, description: string): Command {
  return clientCommand(name, description)
    .option('--limit <rows>', 'rows to show', rowCount, 50)
    .option('--all', 'show every row')
    .option('--csv', 'every row as CSV, with every column that the api gives');
}

type Filter = Readonly<Record<string, string | boolean | undefined>>;

/** What a list can be narrowed by: an option, and what the api calls it where that is another name. */
export type Narrowing = readonly [
  flags: string,
  meaning: string,
  more?: { readonly field?: string; readonly choices?: readonly string[] },
];

/** A command that shows the rows of a list of the api, by its filters. */
export function filteredList(
  name: string,
  description: string,
  path: string,
  filters: readonly Narrowing[],
  columns: readonly Column[],
): Command {
  const command = listCommand(name, description);
  const fields = filters.map(([flags, meaning, { field, choices } = {}]) => {
    const option = new Option(flags, meaning);
    command.addOption(choices ? option.choices(choices) : option);
    const given = option.attributeName();
    return { given, field: field ?? given };
  });
  return command.action(async (options: ListOptions & Filter) => {
    const filter = fields.map(({ given, field }) => [field, options[given]] as const);
    await showList(path, Object.fromEntries(filter), columns, options);
  });
}

/** A group such as `inv item`, which does nothing by itself. */
export const commandGroup = (
  name: string,
  description: string,
  members: readonly Command[],
): Command =>
  members.reduce(
    (group, member) => group.addCommand(member),
    new Command(name).description(description),
  );

/** The values of an option that may be repeated. */
export const gather = (text: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  text,
];

/** The value of an option that counts from 0. */
export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it is a whole number from 0 on');
}

function rowCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it is a whole number from 1 on');
}

export function openClient({ url, actor }: ClientOptions, connections?: number): HttpClient {
  return new HttpClient(url, actor === undefined ? {} : { 'x-actor': actor }, connections);
}

/** Sends a command and tells how it ended. */
export async function write(
  method: 'POST' | 'PUT' | 'PATCH',
  path: string,
  body: object,
  options: WriteOptions,
): Promise<void> {
  const { reason, effectiveAt, idempotencyKey, dryRun } = options;
  const client = openClient(options);
  try {
    const answer = await client.request(
      method,
      dryRun ? `${path}?dryRun=true` : path,
      {
        ...body,
        ...(reason !== undefined && { reason }),
        ...(effectiveAt !== undefined && { effectiveAt }),
      },
      idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    );
    tellWritten(bodyOf(answer, client.url), answer, options);
  } finally {
    await client.close();
  }
}

function tellWritten(
  body: Answer['body'],
  { replayed }: Answer,
  { json, dryRun }: WriteOptions,
): void {
  if (json) return print(JSON.stringify(body));
  if (dryRun) print('dry run, nothing is written; it would be accepted:');
  else if (replayed) print('done before with this key; nothing is written again:');
  printFields(body);
}

/** Asks for one thing. */
export async function ask(path: string, options: ClientOptions): Promise<Answer['body']> {
  const client = openClient(options);
  try {
    return bodyOf(await client.request('GET', path), client.url);
  } finally {
    await client.close();
  }
}

/** Shows one thing: in lines, or as JSON. */
export async function showOne(path: string, options: ClientOptions): Promise<void> {
  const found = await ask(path, options);
  if (options.json) print(JSON.stringify(found));
  else printFields(found);
}

/** Shows a list: as a table, as JSON, or as the CSV that the api streams. */
export async function showList(
  path: string,
  filter: Filter,
  columns: readonly Column[],
  options: ListOptions,
): Promise<void> {
  if (!options.csv) return printRows(await readRows(path, filter, options), columns, options.json);
  const client = openClient(options);
  try {
    const refused = await client.pipe(`${path}?${queryOf(filter).toString()}`, 'text/csv', written);
    if (refused) bodyOf(refused, client.url);
  } finally {
    await client.close();
  }
}

/** Waits for whoever reads the output. */
async function written(chunk: Uint8Array): Promise<void> {
  if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
}

function queryOf(filter: Filter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query;
}

/** Follows the pages of a list as far as was asked. */
async function readRows(path: string, filter: Filter, options: ListOptions): Promise<Rows> {
  const { limit, all } = options;
  const client = openClient(options);
  const items: Rows['items'][number][] = [];
  let cursor: unknown = null;
  try {
    do {
      const query = queryOf(filter);
      query.set('limit', String(all ? PAGE_ROWS : Math.min(PAGE_ROWS, limit - items.length)));
      if (typeof cursor === 'string') query.set('cursor', cursor);
      const page = bodyOf(await client.request('GET', `${path}?${query.toString()}`), client.url);
      items.push(...(page.items as Rows['items']));
      cursor = page.nextCursor;
    } while (typeof cursor === 'string' && (all || items.length < limit));
    return { items, hasMore: typeof cursor === 'string' };
  } finally {
    await client.close();
  }
}
