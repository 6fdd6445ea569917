import { Command, InvalidArgumentError } from 'commander';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Postgres,
  type ProjectionReport,
  type RebuildReport,
  reportProjections,
  reportRebuilds,
  reportSkips,
  requestRebuild,
  skipEvent,
} from '../../libs/postgres';
import { commandGroup } from './client-command';
import { databaseOption, type DatabaseOptions, withDatabase } from './database';
import { FailedError, UsageError } from './errors';
import { print, printFields, printRows, tableText } from './output';

interface Options extends DatabaseOptions {
  readonly json?: boolean;
  readonly actor: string;
}

export function projectionCommand(): Command {
  return commandGroup('projection', 'the tables that are made from the log, and how they are', [
    listCommand(),
    statusCommand(),
    fillCommand('rebuild', 'fill tables anew beside those in use, then put them in their place')
      .option(
        '--store <id>',
        'fill them from the event store of this id, where they are from another',
        storeId,
      )
      .action(rebuild),
    fillCommand(
      'verify',
      'compare tables with a fresh fill from the log; exits with 1 if they differ',
    ).action(verify),
    skipCommand(),
  ]);
}

const command = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .addOption(databaseOption())
    .option('--json', 'the answer as JSON, for scripts');

const fillCommand = (name: string, description: string): Command =>
  byActor(command(name, description))
    .argument('[names...]', 'names of projections, such as ledger')
    .option('--all', 'every projection')
    .option('--no-wait', 'ask for it and return; status tells how far it is');

const byActor = (asking: Command): Command =>
  asking.option('--actor <id>', 'who asks for it', 'operator');

function listCommand(): Command {
  return command('list', 'every projection, how far it is and whether it goes on').action(
    ({ json, ...options }: Options) =>
      withDatabase(options, async (postgres) => {
        const items = (await reportProjections(postgres)).map((report) => ({ ...report }));
        const columns = ['view', 'projection', 'role', 'state', 'position', 'updatedAt', 'reason'];
        printRows({ items, hasMore: false }, columns, json);
      }),
  );
}

function statusCommand(): Command {
  return command(
    'status',
    'what has stopped and why, what is rebuilt, what was skipped; exits with 1 if anything has stopped',
  ).action(({ json, ...options }: Options) =>
    withDatabase(options, async (postgres) => {
      const projections = await reportProjections(postgres);
      const rebuilds = await reportRebuilds(postgres);
      const skips = await reportSkips(postgres);
      if (json) print(JSON.stringify({ projections, rebuilds, skips }));
      else {
        tellState(projections);
        section('rebuilds', rebuilds.map(rebuildRow));
        section('skipped events', skips);
      }
      const bad = projections.filter(({ state, role }) => state !== 'RUNNING' && role !== 'unused');
      if (bad.length > 0) {
        throw new FailedError(
          `not going on: ${bad.map(({ projection }) => projection).join(', ')}`,
        );
      }
    }),
  );
}

function tellState(projections: readonly ProjectionReport[]): void {
  const stopped = projections.filter(({ state }) => state !== 'RUNNING');
  print(`${projections.length - stopped.length} of ${projections.length} projections go on`);
  for (const report of stopped) {
    const { projection, view, state, stoppedAt, stoppedEventId, reason } = report;
    print('');
    printFields({ projection, state, position: stoppedAt, eventId: stoppedEventId, reason });
    if (state !== 'STOPPED') continue;
    print(
      'repair the code and start the projector again, or leave the event out of this projection: ' +
        `inv projection skip ${view} --position ${stoppedAt} --reason TEXT`,
    );
  }
}

function section(title: string, rows: readonly object[]): void {
  if (rows.length === 0) return;
  const [first = {}] = rows;
  print(`\n${title}\n${tableText(rows as Record<string, unknown>[], Object.keys(first))}`);
}

const rebuildRow = (report: RebuildReport): object => ({
  id: report.id,
  kind: report.kind,
  projections: report.projections,
  state: report.state,
  progress: percent(report),
  actor: report.actor,
  requestedAt: report.requestedAt,
  problem: report.problem,
});

const percent = ({ progress }: RebuildReport): string =>
  progress === null ? '' : `${Math.floor(progress * 100)} %`;

interface FillOptions extends Options {
  readonly all?: boolean;
  readonly wait: boolean;
  readonly store?: string;
}

async function rebuild(names: readonly string[], options: FillOptions): Promise<void> {
  await fill('REBUILD', names, options);
}

async function verify(names: readonly string[], options: FillOptions): Promise<void> {
  const outcome = await fill('VERIFY', names, options);
  const wrong = Object.entries(outcome ?? {}).filter(([, { same }]) => !same);
  if (wrong.length === 0) return;
  const views = wrong.map(([view]) => view).join(' ');
  throw new FailedError(
    `not as the log tells: ${views}; inv projection rebuild ${views} makes them anew`,
  );
}

/** Asks for it and, unless told otherwise, waits for the end. */
async function fill(
  kind: 'REBUILD' | 'VERIFY',
  names: readonly string[],
  options: FillOptions,
): Promise<RebuildReport['outcome']> {
  const { all, actor, json, store } = options;
  if (names.length > 0 === (all === true)) {
    throw new UsageError('say which projections, such as ledger, or --all');
  }
  return withDatabase(options, async (postgres) => {
    const id = await requestRebuild(postgres, {
      names: all ? undefined : names,
      kind,
      actor,
      storeId: store,
    });
    if (!options.wait) {
      print(
        json ? JSON.stringify({ id }) : `asked for, as number ${id}; see inv projection status`,
      );
      return null;
    }
    const report = await ended(postgres, id);
    tellEnd(report, json);
    return report.outcome;
  });
}

const POLL_MS = 200;
const TELL_EVERY_MS = 1_000;
const PATIENCE_MS = 5_000;

async function ended(postgres: Postgres, id: number): Promise<RebuildReport> {
  const begun = Date.now();
  let told = '';
  let toldMs = 0;
  for (;;) {
    const [report] = await reportRebuilds(postgres, id);
    if (!report) throw new FailedError(`nobody knows of number ${id} any more`);
    if (report.state !== 'WAITING' && report.state !== 'FILLING') return report;
    const isLate = report.state === 'WAITING' && Date.now() - begun > PATIENCE_MS;
    const stopped = (await reportProjections(postgres)).filter(
      ({ role, state }) => role === 'beside' && state === 'STOPPED',
    );
    const text = isLate
      ? 'no projector has taken it up yet; is one running that reads this event store?'
      : stopped.length > 0
        ? `stopped: ${stopped.map(({ view, stoppedAt, reason }) => `${view} at ${stoppedAt}: ${reason}`).join('; ')}`
        : percent(report);
    if (text !== told && Date.now() - toldMs > TELL_EVERY_MS) {
      process.stderr.write(`${text}\n`);
      told = text;
      toldMs = Date.now();
    }
    await wait(POLL_MS);
  }
}

function tellEnd(report: RebuildReport, json: boolean | undefined): void {
  if (report.state !== 'DONE') {
    const why = report.problem ?? 'another request for the same tables has replaced it';
    throw new FailedError(`${report.state.toLowerCase()}: ${why}`);
  }
  if (json) return print(JSON.stringify(report));
  const rows = Object.entries(report.outcome ?? {}).map(([view, { rows, oldRows, same }]) => ({
    view,
    rows,
    before: oldRows,
    verdict: same ? 'equal' : 'different',
  }));
  print(rows.length === 0 ? 'done' : tableText(rows, ['view', 'rows', 'before', 'verdict']));
}

function skipCommand(): Command {
  return byActor(
    command(
      'skip',
      'leave one event out of a projection that has stopped at it; it goes on at once',
    ),
  )
    .argument('<name>', 'name of the projection, such as ledger')
    .requiredOption('--position <position>', 'log position it has stopped at', logPosition)
    .requiredOption('--reason <text>', 'why; it is kept')
    .action(skip);
}

interface SkipOptions extends Options {
  readonly position: bigint;
  readonly reason: string;
}

async function skip(name: string, options: SkipOptions): Promise<void> {
  const { position, reason, actor, json } = options;
  if (reason.trim() === '') throw new UsageError('--reason says why; it must not be empty');
  await withDatabase(options, async (postgres) => {
    const eventId = await skipEvent(postgres, { name, position, reason, actor });
    if (json) return print(JSON.stringify({ name, position: String(position), eventId }));
    print(`event ${eventId} is left out of ${name}, which goes on`);
  });
}

function storeId(text: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "it is the id of an event store, as the projector's refusal tells it",
  );
}

/** As status tells it, or as health does: with the store before it. */
function logPosition(text: string): bigint {
  const digits = /^(?:[0-9a-f]{8}-)?(\d{1,19})$/.exec(text)?.[1];
  if (digits === undefined)
    throw new InvalidArgumentError('it is a whole number, as status tells it');
  return BigInt(digits);
}
