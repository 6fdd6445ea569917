import { invalidArgument, unknown } from './errors';
import { readFilter, type LogFilter } from './filters';
import { ReadReq } from './protocol';

export interface LogPosition {
  readonly commit: number;
  readonly prepare: number;
}

/** Where a read begins: at a revision of a stream or a position in the log. */
export type Start<At> = 'start' | 'end' | At;

interface Common {
  readonly backwards: boolean;
  readonly resolveLinks: boolean;
  readonly structuredIds: boolean;
  /** Undefined: a subscription. */
  readonly count: number | undefined;
}

export interface StreamRead extends Common {
  readonly stream: string;
  readonly from: Start<number>;
}

export interface LogRead extends Common {
  readonly stream: undefined;
  readonly from: Start<LogPosition>;
  readonly filter: LogFilter | undefined;
}

const END = 2n ** 64n - 1n;
const LARGEST = 2n ** 63n - 1n;

/** Turns a request into what is to be read, or throws the error that the call ends with. */
export function readOptions(request: ReadReq): StreamRead | LogRead {
  const options = request.getOptions();
  if (!options) throw invalidArgument('a read needs options');
  const common = commonOptions(options);
  const filterOptions = options.getFilter();
  if (!filterOptions && !options.hasNoFilter()) {
    throw invalidArgument('a read says either a filter or none');
  }
  const stream = options.getStream();
  if (stream) {
    if (filterOptions) throw invalidArgument('a filter is for the whole log only');
    return { ...common, ...streamStart(stream, common) };
  }
  const all = options.getAll();
  if (!all) throw invalidArgument('a read says either a stream or the whole log');
  const filter = filterOptions && readFilter(filterOptions);
  return { ...common, stream: undefined, from: logStart(all), filter };
}

function commonOptions(options: ReadReq.Options): Common {
  const backwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  const isSubscription = options.hasSubscription();
  if (backwards && isSubscription) throw invalidArgument('a subscription runs forwards');
  if (!isSubscription && !options.hasCount()) throw invalidArgument('a read needs a count');
  const count = isSubscription ? undefined : Number(options.getCount());
  if (count === 0) throw unknown('a read of 0 events');
  return {
    backwards,
    resolveLinks: options.getResolveLinks(),
    structuredIds: options.getUuidOption()?.hasStructured() ?? false,
    count,
  };
}

function streamStart(
  options: ReadReq.Options.StreamOptions,
  { backwards, count }: Common,
): Pick<StreamRead, 'stream' | 'from'> {
  const name = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []);
  if (name.length === 0) throw unknown('the stream name is missing');
  const stream = name.toString('utf8');
  const from = revisionStart(options);
  if (from === 'end' && !backwards && count !== undefined) {
    throw unknown('a stream cannot be read forwards from its end');
  }
  // A subscription begins after its revision, and nothing comes after the largest.
  if (typeof from === 'bigint' && from === LARGEST && count === undefined) {
    throw unknown('the revision is out of range');
  }
  return { stream, from: typeof from === 'bigint' ? Number(from) : from };
}

function revisionStart(options: ReadReq.Options.StreamOptions): Start<bigint> {
  if (options.hasStart()) return 'start';
  if (options.hasEnd() || !options.hasRevision()) return 'end';
  const revision = BigInt(options.getRevision());
  if (revision === END) return 'end';
  if (revision > LARGEST) throw unknown('the revision is out of range');
  return revision;
}

function logStart(options: ReadReq.Options.AllOptions): Start<LogPosition> {
  if (options.hasStart()) return 'start';
  const position = options.getPosition();
  if (!position) return 'end';
  const commit = BigInt(position.getCommitPosition());
  const prepare = BigInt(position.getPreparePosition());
  if (commit === END && prepare === END) return 'end';
  if (commit > LARGEST || prepare > commit) throw unknown('the position is out of range');
  return { commit: Number(commit), prepare: Number(prepare) };
}
