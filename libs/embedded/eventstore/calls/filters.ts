import { invalidArgument, unknown } from './errors';
import { safePattern } from '../limits/pattern';
import type { ReadReq } from './protocol';
import { streamBytesOf, typeBytesOf } from '../log/record';

export interface LogFilter {
  /** How many records are searched before a checkpoint is thought of. */
  readonly window: number;
  /** Considered events between two checkpoints. */
  readonly interval: number;
  matches(row: Buffer): boolean;
}

const DEFAULT_WINDOW = 32;

export function readFilter(options: ReadReq.Options.FilterOptions): LogFilter {
  const byType = options.hasEventType();
  const expression = byType ? options.getEventType() : options.getStreamIdentifier();
  if (!expression) throw invalidArgument('a filter says neither stream names nor event types');
  const textOf = byType ? typeBytesOf : streamBytesOf;
  const window = options.hasMax() ? options.getMax() : DEFAULT_WINDOW;
  const interval = window * options.getCheckpointintervalmultiplier();
  if (interval <= 0) throw unknown('a filter needs a window and a checkpoint interval above 0');
  const test = expression.getRegex()
    ? matchesRegex(expression.getRegex())
    : matchesPrefix(expression.getPrefixList());
  return { window, interval, matches: (row) => test(textOf(row)) };
}

function matchesPrefix(prefixes: readonly string[]): (text: Buffer) => boolean {
  const wanted = prefixes.map((prefix) => Buffer.from(prefix));
  return (text) =>
    wanted.some(
      (prefix) => text.length >= prefix.length && prefix.compare(text, 0, prefix.length) === 0,
    );
}

function matchesRegex(source: string): (text: Buffer) => boolean {
  const regex = safePattern(source);
  return (text) => regex.test(text.toString('utf8'));
}
