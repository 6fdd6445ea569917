import type { Names } from './names';
import type { Filter, StreamStart } from './operations';
import { Empty, identifierOf, ReadReq } from './stubs';

const { Options } = ReadReq;

export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

interface Common {
  readonly backwards?: boolean;
  readonly resolve?: boolean;
  readonly structuredIds?: boolean;
  /** Undefined: a subscription. */
  readonly count?: number | undefined;
}

export interface StreamRequest extends Common {
  /** The full name. */
  readonly stream: string;
  readonly from: StreamStart;
}

export interface LogRequest extends Common {
  readonly from: 'start' | 'end' | LogPosition;
  readonly filter: Filter | undefined;
}

function common({ backwards, resolve, structuredIds, count }: Common): ReadReq.Options {
  const { FORWARDS, BACKWARDS } = Options.ReadDirection;
  const options = new Options()
    .setReadDirection(backwards === true ? BACKWARDS : FORWARDS)
    .setResolveLinks(resolve === true);
  if (count === undefined) options.setSubscription(new Options.SubscriptionOptions());
  else options.setCount(String(count));
  const form = new Options.UUIDOption();
  if (structuredIds === true) form.setStructured(new Empty());
  else form.setString(new Empty());
  return options.setUuidOption(form);
}

export function streamRequest(request: StreamRequest): ReadReq {
  const { from } = request;
  const one = new Options.StreamOptions().setStreamIdentifier(identifierOf(request.stream));
  if (from === 'start') one.setStart(new Empty());
  else if (from === 'end') one.setEnd(new Empty());
  else one.setRevision(from);
  return new ReadReq().setOptions(common(request).setStream(one).setNoFilter(new Empty()));
}

export function logRequest(names: Names, request: LogRequest): ReadReq {
  const { from, filter } = request;
  const all = new Options.AllOptions();
  if (from === 'start') all.setStart(new Empty());
  else if (from === 'end') all.setEnd(new Empty());
  else {
    const position = new Options.Position().setCommitPosition(String(from.commit));
    all.setPosition(position.setPreparePosition(String(from.prepare)));
  }
  const options = common(request).setAll(all);
  if (filter) options.setFilter(filterMessage(names, filter));
  else options.setNoFilter(new Empty());
  return new ReadReq().setOptions(options);
}

export function filterMessage(
  names: Names,
  { on, prefixes, regex, window, interval }: Filter,
): ReadReq.Options.FilterOptions {
  const expression = new Options.FilterOptions.Expression();
  if (prefixes) expression.setPrefixList(prefixes.map(names.full));
  if (regex !== undefined) expression.setRegex(names.full(regex));
  const message = new Options.FilterOptions();
  if (on === 'stream') message.setStreamIdentifier(expression);
  else message.setEventType(expression);
  if (window === undefined) message.setCount(new Empty());
  else message.setMax(window);
  return message.setCheckpointintervalmultiplier(interval);
}

/** Whether a filter lets a record through; the names and the filter are both short, or both full. */
export function passes(
  { on, prefixes, regex }: Filter,
  record: { readonly stream: string; readonly type: string },
): boolean {
  const text = record[on];
  if (regex !== undefined) return new RegExp(regex).test(text);
  return (prefixes ?? []).some((prefix) => text.startsWith(prefix));
}

export const fullFilter = (names: Names, filter: Filter): Filter => ({
  ...filter,
  ...(filter.prefixes ? { prefixes: filter.prefixes.map(names.full) } : {}),
  ...(filter.regex === undefined ? {} : { regex: names.full(filter.regex) }),
});
