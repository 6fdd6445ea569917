/** Appends, deletes and tombstones on the stubs that the official client ships. */
import { Metadata, status, type ClientWritableStream, type ServiceError } from '@grpc/grpc-js';
import {
  MaximumAppendSizeExceeded,
  StreamDeleted,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import {
  AppendReq,
  BatchAppendReq,
  DeleteReq,
  TombstoneReq,
  type AppendResp,
  type BatchAppendResp,
  type DeleteResp,
  type TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb';
import type { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { identifier, inTime, nameIn, observedError, setExpected, settled } from './raw-calls';
import type { Expected, Observed } from './raw-calls';

/** An event as it is sent; null leaves a part out. */
export interface RawEvent {
  readonly id?: string | UUID | null;
  readonly type?: string | null;
  readonly contentType?: string | null;
  readonly data?: string | Buffer;
  readonly metadata?: string | Buffer;
}

export interface RawAppend {
  readonly stream: string;
  readonly expected?: Expected;
  readonly events: readonly RawEvent[];
  /** Batch appends only. */
  readonly deadline?: Date;
}

/** A part of a batch append: all but the first leave the stream out. */
export interface Chunk extends Partial<RawAppend> {
  readonly correlation: string | UUID;
  readonly final: boolean;
}

export const textId = (text: string): UUID => new UUID().setString(text);

export function structuredId(text: string): UUID {
  const bits = Buffer.from(text.replaceAll('-', ''), 'hex');
  const structured = new UUID.Structured()
    .setMostSignificantBits(String(bits.readBigInt64BE(0)))
    .setLeastSignificantBits(String(bits.readBigInt64BE(8)));
  return new UUID().setStructured(structured);
}

const idOf = (id: string | UUID): UUID => (typeof id === 'string' ? textId(id) : id);

function fill<Message extends AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage>(
  message: Message,
  event: RawEvent,
): Message {
  const { id = crypto.randomUUID(), type = 'StockReceived' } = event;
  const { contentType = 'application/json', data = '{}', metadata = '' } = event;
  if (id !== null) message.setId(idOf(id));
  if (type !== null) message.getMetadataMap().set('type', type);
  if (contentType !== null) message.getMetadataMap().set('content-type', contentType);
  message.setData(Buffer.from(data)).setCustomMetadata(Buffer.from(metadata));
  return message;
}

function startUnaryAppend(streams: StreamsClient, append: RawAppend) {
  let call!: ClientWritableStream<AppendReq>;
  const ended = settled<AppendResp>(
    (callback) => void (call = streams.append(callback)),
    shownAppend,
  );
  const options = new AppendReq.Options().setStreamIdentifier(identifier(append.stream));
  setExpected(options, append.expected ?? 'any');
  call.write(new AppendReq().setOptions(options));
  for (const event of append.events) {
    const message = fill(new AppendReq.ProposedMessage(), event);
    call.write(new AppendReq().setProposedMessage(message));
  }
  return { call, ended };
}

export function rawUnaryAppend(streams: StreamsClient, append: RawAppend): Promise<Observed> {
  const { call, ended } = startUnaryAppend(streams, append);
  call.end();
  return ended;
}

/** Gives up after `until`, when everything is sent but the end. */
export async function abandonedUnaryAppend(
  streams: StreamsClient,
  append: RawAppend,
  until: () => Promise<unknown>,
): Promise<Observed> {
  const { call, ended } = startUnaryAppend(streams, append);
  await until();
  call.cancel();
  return ended;
}

function shownAppend(reply: AppendResp): Observed {
  const success = reply.getSuccess();
  if (success) {
    return {
      revision: success.hasNoStream() ? 'no_stream' : success.getCurrentRevision(),
      position: success.hasNoPosition() ? 'none' : shownPosition(success.getPosition()),
    };
  }
  const wrong = reply.getWrongExpectedVersion();
  const word = wrong?.hasExpectedAny()
    ? 'any'
    : wrong?.hasExpectedNoStream()
      ? 'no_stream'
      : wrong?.hasExpectedStreamExists()
        ? 'stream_exists'
        : wrong?.getExpectedRevision();
  const actual = wrong?.hasCurrentNoStream() ? 'no_stream' : wrong?.getCurrentRevision();
  return { wrong: `expected ${word}, actual ${actual}` };
}

interface HasPosition {
  getCommitPosition(): string;
  getPreparePosition(): string;
}

/** Commit and prepare position of an event are the same. */
const shownPosition = (position: HasPosition | undefined): string => {
  const commit = position?.getCommitPosition() ?? 'absent';
  const prepare = position?.getPreparePosition() ?? 'absent';
  return commit === prepare ? commit : `${commit}/${prepare}`;
};

/** One `BatchAppend` call with its replies in the order of their coming. */
export interface BatchCall {
  readonly replies: readonly { readonly correlation: string; readonly shown: Observed }[];
  /** How it ended: OK or an error. */
  readonly ended: () => Promise<Observed>;
  send(chunk: Chunk): void;
  /** Says that nothing more will be sent. */
  end(): void;
  /** The reply to this id, once it is there, or how the call ended. */
  replyTo(correlation: string): Promise<Observed>;
  cancel(): void;
}

export function openBatch(streams: StreamsClient): BatchCall {
  const call = streams.batchAppend(new Metadata());
  const replies: { correlation: string; shown: Observed }[] = [];
  const waiting: (() => void)[] = [];
  call.on('data', (reply: BatchAppendResp) => {
    replies.push({ correlation: shownId(reply.getCorrelationId()), shown: shownBatch(reply) });
    for (const look of waiting) look();
  });
  const ended = new Promise<Observed>((resolve) => {
    call.on('error', (error: ServiceError) => resolve(observedError(error)));
    call.on('end', () => resolve({ status: 'OK' }));
  });
  const soFar = (): string => `there are ${JSON.stringify(replies)}`;
  const find = (correlation: string) => replies.find((reply) => reply.correlation === correlation);
  return {
    replies,
    ended: () => inTime(ended, () => `the call has not ended, ${soFar()}`),
    send: (chunk) => void call.write(batchRequest(chunk)),
    end: () => call.end(),
    replyTo(correlation) {
      const reply = new Promise<Observed>((resolve) => {
        const look = (): void => {
          const found = find(correlation);
          if (found) resolve(found.shown);
        };
        waiting.push(look);
        look();
      });
      const first = Promise.race([ended, reply]);
      return inTime(first, () => `no reply to ${correlation}, ${soFar()}`);
    },
    cancel: () => call.cancel(),
  };
}

export async function rawBatchAppend(streams: StreamsClient, append: RawAppend): Promise<Observed> {
  const call = openBatch(streams);
  const correlation = crypto.randomUUID();
  call.send({ ...append, correlation, final: true });
  const reply = await call.replyTo(correlation);
  call.cancel();
  return reply;
}

function batchRequest({ correlation, stream, expected, deadline, events, final }: Chunk) {
  const request = new BatchAppendReq().setCorrelationId(idOf(correlation)).setIsFinal(final);
  if (stream !== undefined) {
    const options = new BatchAppendReq.Options().setStreamIdentifier(identifier(stream));
    setExpected(options, expected ?? 'any');
    if (deadline) options.setDeadline(Timestamp.fromDate(deadline));
    request.setOptions(options);
  }
  for (const event of events ?? []) {
    request.addProposedMessages(fill(new BatchAppendReq.ProposedMessage(), event));
  }
  return request;
}

/** Structured ids are shown as such: a correlation id comes back in the form in which it was sent. */
export function shownId(id: UUID | undefined): string {
  const structured = id?.getStructured();
  if (!structured) return id?.getString() ?? '';
  return `${structured.getMostSignificantBits()}/${structured.getLeastSignificantBits()}`;
}

function shownBatch(reply: BatchAppendResp): Observed {
  const success = reply.getSuccess();
  if (success) {
    return {
      revision: success.hasNoStream() ? 'no_stream' : success.getCurrentRevision(),
      position: success.hasNoPosition() ? 'none' : shownPosition(success.getPosition()),
    };
  }
  const error = reply.getError();
  const details = error?.getDetails();
  return {
    error: status[error?.getCode() ?? 0]!,
    details: details?.getTypeUrl() ?? 'absent',
    stream: nameIn(reply.getStreamIdentifier()),
    ...(details && shownDetails(details)),
  };
}

function shownDetails(details: Any): Observed {
  const bytes = details.getValue_asU8();
  switch (details.getTypeUrl().split('.').at(-1)) {
    case 'WrongExpectedVersion':
      return { wrong: shownWrong(WrongExpectedVersion.deserializeBinary(bytes)) };
    case 'StreamDeleted':
      return { deleted: nameIn(StreamDeleted.deserializeBinary(bytes).getStreamIdentifier()) };
    case 'MaximumAppendSizeExceeded':
      return {
        maximum: String(MaximumAppendSizeExceeded.deserializeBinary(bytes).getMaxappendsize()),
      };
    default:
      return {};
  }
}

function shownWrong(wrong: WrongExpectedVersion): string {
  const word = wrong.hasExpectedAny()
    ? 'any'
    : wrong.hasExpectedNoStream()
      ? 'no_stream'
      : wrong.hasExpectedStreamExists()
        ? 'stream_exists'
        : wrong.getExpectedStreamPosition();
  const actual = wrong.hasCurrentNoStream() ? 'no_stream' : wrong.getCurrentStreamRevision();
  return `expected ${word}, actual ${actual}`;
}

/** The two ways to append, for what must hold on both. */
export const rawPaths = [
  ['batch', rawBatchAppend],
  ['unary', rawUnaryAppend],
] as const;

export const rawDelete = (
  streams: StreamsClient,
  stream: string,
  expected: Expected,
): Promise<Observed> => {
  const options = new DeleteReq.Options().setStreamIdentifier(identifier(stream));
  setExpected(options, expected);
  return settled<DeleteResp>(
    (callback) => streams.delete(new DeleteReq().setOptions(options), callback),
    (reply) => ({ position: shownPosition(reply.getPosition()) }),
  );
};

export const rawTombstone = (
  streams: StreamsClient,
  stream: string,
  expected: Expected,
): Promise<Observed> => {
  const options = new TombstoneReq.Options().setStreamIdentifier(identifier(stream));
  setExpected(options, expected);
  return settled<TombstoneResp>(
    (callback) => streams.tombstone(new TombstoneReq().setOptions(options), callback),
    (reply) => ({ position: shownPosition(reply.getPosition()) }),
  );
};
