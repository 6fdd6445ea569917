/** Reads and subscriptions on the stubs that the official client ships, message by message. */
import type { ServiceError } from '@grpc/grpc-js';
import { Empty } from '@eventstore/db-client/generated/shared_pb';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { identifier, inTime, nameIn, observedError, type Observed } from './raw-calls';

const { AllOptions, FilterOptions, Position, ReadDirection, StreamOptions, SubscriptionOptions } =
  ReadReq.Options;

export interface RawPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** A revision of a stream, a position in the log. */
type Place = number | bigint | RawPosition;
export type From = 'start' | 'end' | Place;

export interface RawFilter {
  readonly on: 'stream' | 'type';
  readonly prefixes?: readonly string[];
  readonly regex?: string;
  /** Events per page; absent: the node's own choice. */
  readonly window?: number;
  /** Pages between two checkpoints. */
  readonly multiplier?: number;
}

export interface RawRead {
  /** Absent: the whole log. */
  readonly stream?: string;
  readonly from?: From;
  readonly backwards?: boolean;
  /** Absent: as many as there are. */
  readonly count?: number | bigint;
  readonly filter?: RawFilter;
  readonly resolve?: boolean;
  readonly structuredIds?: boolean;
  /** Makes a request that the official client would not send. */
  readonly change?: (options: ReadReq.Options) => unknown;
}

export interface Message {
  /** `stock-1/0 StockReceived`, `confirmed`, `caught up`, `checkpoint`, `not found: stock-1`. */
  readonly text: string;
  /** Of an event, of a checkpoint. */
  readonly position: RawPosition | undefined;
  readonly event: ReadResp.ReadEvent | undefined;
}

/** A read or subscription in progress. */
export interface Reading {
  readonly messages: readonly Message[];
  readonly texts: () => string[];
  /** How it ended: OK or an error. */
  readonly ended: () => Promise<Observed>;
  /** Resolves as soon as so many messages, or one with this text, are there; rejects when it ends before. */
  reaches(what: number | string): Promise<void>;
  /** Reads no more from the connection until `resume`. */
  pause(): void;
  resume(): void;
  cancel(): void;
}

export const rawSubscribe = (streams: StreamsClient, read: RawRead): Reading =>
  open(streams, request(read).setSubscription(new SubscriptionOptions()), read);

export async function rawRead(
  streams: StreamsClient,
  read: RawRead,
): Promise<{ readonly messages: readonly Message[]; texts: string[]; end: Observed }> {
  const options = request(read).setCount(String(read.count ?? Number.MAX_SAFE_INTEGER));
  const reading = open(streams, options, read);
  const end = await reading.ended();
  return { messages: reading.messages, texts: reading.texts(), end };
}

function request(read: RawRead): ReadReq.Options {
  const options = new ReadReq.Options()
    .setReadDirection(read.backwards ? ReadDirection.BACKWARDS : ReadDirection.FORWARDS)
    .setResolveLinks(read.resolve ?? false);
  if (read.filter) options.setFilter(filterOptions(read.filter));
  else options.setNoFilter(new Empty());
  const ids = new ReadReq.Options.UUIDOption();
  if (read.structuredIds) ids.setStructured(new Empty());
  else ids.setString(new Empty());
  options.setUuidOption(ids);
  const from = read.from ?? 'start';
  if (read.stream === undefined) return options.setAll(logStart(from));
  return options.setStream(streamStart(from).setStreamIdentifier(identifier(read.stream)));
}

const asPosition = (place: Place): RawPosition =>
  typeof place === 'object' ? place : { commit: BigInt(place), prepare: BigInt(place) };

function logStart(from: From) {
  if (from === 'start') return new AllOptions().setStart(new Empty());
  if (from === 'end') return new AllOptions().setEnd(new Empty());
  const { commit, prepare } = asPosition(from);
  const position = new Position().setCommitPosition(String(commit));
  return new AllOptions().setPosition(position.setPreparePosition(String(prepare)));
}

function streamStart(from: From) {
  if (from === 'start') return new StreamOptions().setStart(new Empty());
  if (from === 'end') return new StreamOptions().setEnd(new Empty());
  return new StreamOptions().setRevision(String(asPosition(from).commit));
}

function filterOptions({ on, prefixes = [], regex = '', window, multiplier = 1 }: RawFilter) {
  const expression = new FilterOptions.Expression().setPrefixList([...prefixes]).setRegex(regex);
  const options = new FilterOptions().setCheckpointintervalmultiplier(multiplier);
  if (window === undefined) options.setCount(new Empty());
  else options.setMax(window);
  return on === 'stream'
    ? options.setStreamIdentifier(expression)
    : options.setEventType(expression);
}

function open(streams: StreamsClient, options: ReadReq.Options, { change }: RawRead): Reading {
  change?.(options);
  const call = streams.read(new ReadReq().setOptions(options));
  const messages: Message[] = [];
  const waiting: (() => void)[] = [];
  const texts = (): string[] => messages.map(({ text }) => text);
  call.on('data', (reply: ReadResp) => {
    messages.push(shown(reply));
    for (const look of waiting) look();
  });
  const ended = new Promise<Observed>((resolve) => {
    call.on('error', (error: ServiceError) => resolve(observedError(error)));
    call.on('end', () => resolve({ status: 'OK' }));
  });
  return {
    messages,
    texts,
    ended: () => inTime(ended, () => `the call has not ended after ${texts().join(', ')}`),
    reaches(what) {
      const reached = new Promise<void>((resolve, reject) => {
        const look = (): void => {
          const isThere =
            typeof what === 'number' ? messages.length >= what : texts().includes(what);
          if (isThere) resolve();
        };
        waiting.push(look);
        look();
        void ended.then((end) =>
          reject(new Error(`ended with ${JSON.stringify(end)} after ${texts().join(', ')}`)),
        );
      });
      return inTime(reached, () => `${what} has not come after ${texts().join(', ')}`);
    },
    pause: () => call.pause(),
    resume: () => void call.resume(),
    cancel: () => call.cancel(),
  };
}

function shown(reply: ReadResp): Message {
  const event = reply.getEvent();
  const checkpoint = reply.getCheckpoint();
  return {
    text: textOf(reply),
    position: positionIn(event?.getLink() ?? event?.getEvent() ?? checkpoint),
    event,
  };
}

interface HasPosition {
  getCommitPosition(): string;
  getPreparePosition(): string;
}

const positionIn = (message: HasPosition | undefined): RawPosition | undefined =>
  message && {
    commit: BigInt(message.getCommitPosition()),
    prepare: BigInt(message.getPreparePosition()),
  };

function textOf(reply: ReadResp): string {
  const event = reply.getEvent();
  if (event) {
    const target = event.getEvent();
    const link = event.getLink();
    const targetText = target ? recorded(target) : 'nothing';
    return link ? `[${recorded(link)}] -> ${targetText}` : targetText;
  }
  if (reply.hasConfirmation()) return 'confirmed';
  if (reply.hasCaughtUp()) return 'caught up';
  if (reply.hasCheckpoint()) return 'checkpoint';
  if (reply.hasStreamNotFound()) {
    return `not found: ${nameIn(reply.getStreamNotFound()?.getStreamIdentifier())}`;
  }
  return `an unexpected message: ${JSON.stringify(reply.toObject())}`;
}

const recorded = (event: ReadResp.ReadEvent.RecordedEvent): string =>
  `${nameIn(event.getStreamIdentifier())}/${event.getStreamRevision()} ` +
  event.getMetadataMap().get('type');
