import { Command } from 'commander';
import {
  type PolicyReport,
  type RefusedLegReport,
  reportPolicy,
  skipRefusedLeg,
} from '../../libs/postgres';
import { commandGroup } from './client-command';
import { databaseOption, type DatabaseOptions, withDatabase } from './database';
import { FailedError, UsageError } from './errors';
import { print, printFields, tableText } from './output';

interface Options extends DatabaseOptions {
  readonly json?: boolean;
}

export function policyCommand(): Command {
  return commandGroup('policy', 'what follows from events on other streams, and how far it is', [
    statusCommand(),
    skipCommand(),
  ]);
}

const command = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .addOption(databaseOption())
    .option('--json', 'the answer as JSON, for scripts');

function statusCommand(): Command {
  return command(
    'status',
    'how far policies are, what they still owe, and what was refused; exits with 1 if anything was',
  ).action(({ json, ...options }: Options) =>
    withDatabase(options, async (postgres) => {
      const { policy, refused } = await reportPolicy(postgres);
      if (json) print(JSON.stringify({ policy: policy ?? null, refused }));
      else tell(policy, refused);
      const bad = refused.filter(
        ({ commandType, skippedBy }) => commandType !== null && skippedBy === null,
      );
      if (bad.length > 0) throw new FailedError(`refused: ${bad.length}`);
    }),
  );
}

function tell(policy: PolicyReport | undefined, refused: readonly RefusedLegReport[]): void {
  if (!policy) print('no projector has driven a policy yet');
  else printFields({ ...policy });
  const open = refused.filter(({ skippedBy }) => skippedBy === null);
  section('refused', open, [
    ...['position', 'eventId', 'eventType', 'commandType', 'stream', 'code', 'detail'],
    ...['tries', 'commandId'],
  ]);
  section(
    'refused, and left undone by an operator',
    refused.filter(({ skippedBy }) => skippedBy !== null),
    ['position', 'eventType', 'commandType', 'stream', 'code', 'skippedBy', 'skipReason'],
  );
  const [first] = open;
  if (!first) return;
  print(
    '\nrepair what the code names: it is tried again every minute, and when a projector starts. Or leave it undone: ' +
      `inv policy skip ${first.commandId} --reason TEXT`,
  );
}

function section(
  title: string,
  rows: readonly RefusedLegReport[],
  columns: readonly string[],
): void {
  if (rows.length === 0) return;
  print(`\n${title}\n${tableText(rows as never, columns)}`);
}

function skipCommand(): Command {
  return command('skip', 'leave a refused command undone; health is green again without it')
    .argument('<commandId>', 'of the refused command, as status tells it', uuid)
    .option('--actor <id>', 'who asks for it', 'operator')
    .requiredOption('--reason <text>', 'why; it is kept')
    .action(
      async (
        commandId: string,
        { reason, actor, json, ...options }: Options & { actor: string; reason: string },
      ) => {
        if (reason.trim() === '') throw new UsageError('--reason says why; it must not be empty');
        await withDatabase(options, (postgres) =>
          skipRefusedLeg(postgres, { commandId, actor, reason }),
        );
        print(json ? JSON.stringify({ commandId }) : `${commandId} is left undone`);
      },
    );
}

function uuid(text: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  throw new UsageError('it is a command id, as inv policy status tells it');
}
