import { stock, stockStream, type DomainEvent, type StockCommand } from '../../libs/domain';
import {
  createExecutor,
  type CommandContext,
  type Executor,
  type ExecutorOptions,
  type Outcome,
} from '../../libs/eventstore';
import { sha256, uuidV5 } from '../../libs/runtime';
import type { ScriptedLog } from './scripted-log';
import { facts } from './stock-facts';

/** Commands straight to the executor, over a scripted log. */

export const SKU = 'WIDGET-001';
export const stream = stockStream('default', SKU, 'MAIN');
const silent = {
  warn: () => undefined,
  debug: () => undefined,
} as unknown as ExecutorOptions['logger'];

/** One process: what it has in memory is its own, the log may be shared. */
export function processOn(log: ScriptedLog, options: Partial<ExecutorOptions> = {}): Executor {
  return createExecutor({
    store: { client: log },
    logger: silent,
    now: () => '2026-01-01T00:00:00.000Z',
    ...options,
  });
}

export const idOf = (key: string): string => uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', key);
export const receive = (quantity: number): StockCommand => ({
  type: 'ReceiveStock',
  data: { sku: SKU, location: 'MAIN', quantity: String(quantity) },
});
export const issue = (quantity: number): StockCommand => ({
  type: 'IssueStock',
  data: { sku: SKU, location: 'MAIN', quantity: String(quantity) },
});

export const contextOf = (key: string, command: StockCommand): CommandContext => ({
  commandId: idOf(key),
  commandHash: sha256(JSON.stringify(command)),
  correlationId: 'c',
  causationId: 'c',
  tenant: 'default',
  actor: 'tester',
  effectiveAt: '2026-01-01T00:00:00.000Z',
  mayBeRetry: true,
  deadline: performance.now() + 20_000,
});

export function send(
  executor: Executor,
  key: string,
  command: StockCommand,
  context: Partial<CommandContext> = {},
  onStream = stream,
  definition = stock,
): Promise<Outcome<DomainEvent, string>> {
  return executor.execute({
    definition,
    stream: onStream,
    command,
    facts: () => Promise.resolve(facts),
    context: { ...contextOf(key, command), ...context },
  });
}

export const codeOf = (outcome: Outcome<DomainEvent, string>): string =>
  outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind;
