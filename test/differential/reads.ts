import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  type AllStreamResolvedEvent,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client';
import { status, type ServiceError } from '@grpc/grpc-js';
import { NO_METADATA, withDeadline, type Connection } from './connection';
import { clientError, statusError } from './errors';
import type { Names } from './names';
import { fromClient, fromStub, type Observed } from './observed';
import type { BadRead, ReadLog, ReadStream } from './operations';
import {
  filterMessage,
  logRequest,
  streamRequest,
  type LogPosition,
  type StreamRequest,
} from './read-requests';
import {
  DeleteReq,
  identifierOf,
  nameIn,
  setExpected,
  TombstoneReq,
  type ReadReq,
  type ReadResp,
} from './stubs';

export interface ReadReply {
  readonly events: readonly Observed[];
  /** In one line, when the read did not end well. */
  readonly refused: string | undefined;
}

export function performReadStream(
  { client, stubs }: Connection,
  names: Names,
  read: ReadStream,
): Promise<ReadReply> {
  const stream = names.full(read.stream);
  const { from, count, resolve, backwards, structuredIds } = read;
  if (read.via === 'raw') {
    const wanted = { stream, from, backwards, resolve, structuredIds, count: count ?? 1_000_000 };
    return rawRead(stubs, names, streamRequest(wanted));
  }
  return clientRead(
    names,
    client.readStream(stream, {
      direction: backwards ? BACKWARDS : FORWARDS,
      fromRevision: from === 'start' ? START : from === 'end' ? END : BigInt(from),
      resolveLinkTos: resolve,
      ...(count === undefined ? {} : { maxCount: count }),
    }),
  );
}

export function performReadLog(
  { client, stubs }: Connection,
  names: Names,
  read: ReadLog,
  from: 'start' | 'end' | LogPosition,
): Promise<ReadReply> {
  const { count, resolve, backwards, filter } = read;
  if (read.via === 'raw') {
    const wanted = { from, filter, backwards, resolve, count: count ?? 1_000_000 };
    return rawRead(stubs, names, logRequest(names, wanted));
  }
  return clientRead(
    names,
    client.readAll({
      direction: backwards ? BACKWARDS : FORWARDS,
      fromPosition: from === 'start' ? START : from === 'end' ? END : from,
      resolveLinkTos: resolve,
      ...(count === undefined ? {} : { maxCount: count }),
    }),
  );
}

/** Listens instead of iterating, which costs a tenth of such a read. */
function clientRead(
  names: Names,
  read: StreamingRead<ResolvedEvent> | StreamingRead<AllStreamResolvedEvent>,
): Promise<ReadReply> {
  return new Promise((resolve) => {
    const events: Observed[] = [];
    read.on('data', (resolved: ResolvedEvent | AllStreamResolvedEvent) =>
      events.push(fromClient(names, resolved)),
    );
    read.on('end', () => resolve({ events, refused: undefined }));
    read.on('error', (error) => resolve({ events, refused: clientError(names, error) }));
  });
}

function rawRead(stubs: Connection['stubs'], names: Names, request: ReadReq): Promise<ReadReply> {
  return new Promise((resolve) => {
    const events: Observed[] = [];
    let notFound: string | undefined;
    const call = stubs.read(request, NO_METADATA, withDeadline());
    call.on('data', (message: ReadResp) => {
      const event = message.getEvent();
      const missing = message.getStreamNotFound();
      if (event) events.push(fromStub(names, event));
      else if (missing) {
        const stream = names.short(nameIn(missing.getStreamIdentifier()));
        notFound = `stream-not-found stream=${stream}`;
      } else notFound = `an unexpected message (${message.getContentCase()})`;
    });
    call.on('end', () => resolve({ events, refused: notFound }));
    call.on('error', (error: ServiceError) =>
      resolve({ events, refused: statusError(names, error) }),
    );
  });
}

/** Calls that a node has to refuse; answers with the code alone, OK when it did not. */
export async function performBadRead(
  { stubs }: Connection,
  names: Names,
  { stream: short, flaw }: BadRead,
): Promise<string> {
  const stream = names.full(short);
  const codeOf = async (request: ReadReq): Promise<string> => {
    const { refused } = await rawRead(stubs, names, request);
    return refused?.split(' ')[0] ?? 'OK';
  };
  const ofStream = (request: Partial<StreamRequest>): ReadReq =>
    streamRequest({ stream, from: 'start', count: 1, ...request });
  const ofLog = (regex: string, interval: number, count: number | undefined): ReadReq => {
    const filter = { on: 'stream', regex, window: 8, interval } as const;
    return logRequest(names, { from: 'end', filter, count });
  };
  switch (flaw) {
    case 'read of 0 events':
      return codeOf(ofStream({ count: 0 }));
    case 'forwards from the end':
      return codeOf(ofStream({ from: 'end' }));
    case 'revision 2^63':
      return codeOf(ofStream({ from: '9223372036854775808' }));
    case 'subscription after revision 2^63-1':
      return codeOf(ofStream({ from: '9223372036854775807', count: undefined }));
    case 'no stream name':
      return codeOf(ofStream({ stream: '' }));
    case 'delete without a stream name':
    case 'tombstone without a stream name':
      return removeNothing(stubs, flaw.startsWith('delete'));
    case 'regex that makes no sense':
      return codeOf(ofLog('~(', 1, undefined));
    case 'interval of 0':
      return codeOf(ofLog('~', 0, undefined));
    case 'filter on a stream': {
      const request = ofStream({});
      const filter = { on: 'stream', prefixes: ['~'], window: 8, interval: 1 } as const;
      request.getOptions()?.setFilter(filterMessage(names, filter));
      return codeOf(request);
    }
    case 'backwards subscription':
      return codeOf(ofStream({ backwards: true, count: undefined }));
    case 'neither filter nor none': {
      const request = ofStream({});
      request.getOptions()?.clearNoFilter();
      return codeOf(request);
    }
  }
}

function removeNothing(stubs: Connection['stubs'], isDelete: boolean): Promise<string> {
  return new Promise((resolve) => {
    const settle = (error: ServiceError | null): void =>
      resolve(error ? (status[error.code] ?? '') : 'OK');
    const identifier = identifierOf('');
    if (isDelete) {
      const options = setExpected(new DeleteReq.Options(), 'any').setStreamIdentifier(identifier);
      stubs.delete(new DeleteReq().setOptions(options), NO_METADATA, withDeadline(), settle);
    } else {
      const options = setExpected(new TombstoneReq.Options(), 'any');
      const request = new TombstoneReq().setOptions(options.setStreamIdentifier(identifier));
      stubs.tombstone(request, NO_METADATA, withDeadline(), settle);
    }
  });
}
