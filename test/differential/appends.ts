import {
  binaryEvent,
  jsonEvent,
  type AppendExpectedRevision,
  type EventData,
} from '@eventstore/db-client';
import type { ServiceError } from '@grpc/grpc-js';
import { NO_METADATA, withDeadline, type Connection } from './connection';
import { batchError, clientError, statusError } from './errors';
import type { Names } from './names';
import type { Append, BadAppend, Expected, Proposal, Removal } from './operations';
import {
  AppendReq,
  BatchAppendReq,
  DeleteReq,
  identifierOf,
  setBatchExpected,
  setExpected,
  TombstoneReq,
  uuidMessage,
  type AppendResp,
  type BatchAppendResp,
  type DeleteResp,
  type TombstoneResp,
} from './stubs';

/** How a node answered a write: in one line when it refused. */
export type WriteReply =
  | { readonly refused: string }
  | {
      /** Undefined: the reply does not say. */
      readonly revision: string | undefined;
      readonly position: bigint | undefined;
    };

/** Credentials for the call make the client use the unary append; without TLS they are not sent. */
const UNARY = { credentials: { username: 'unused', password: 'unused' } };

export async function performAppend(
  { client, stubs, batchAppend }: Connection,
  names: Names,
  append: Append,
): Promise<WriteReply> {
  const { via, expected } = append;
  const stream = names.full(append.stream);
  if (via === 'raw-unary') {
    return unaryCall(stubs, names, unaryParts(names, { ...append, stream }));
  }
  if (via === 'raw-batch') {
    return batchReply(names, await batchAppend(batchParts(names, { ...append, stream })));
  }
  const events = append.events.map((event) => eventData(names, event));
  const options = { expectedRevision: asClientRevision(expected) };
  try {
    const result = await client.appendToStream(stream, events, {
      ...options,
      ...(via === 'unary' ? UNARY : {}),
    });
    const { commit, prepare } = result.position ?? {};
    if (commit !== prepare) return { refused: `position ${commit}/${prepare}` };
    return { revision: String(result.nextExpectedRevision), position: commit };
  } catch (error) {
    return { refused: clientError(names, error) };
  }
}

const asClientRevision = (expected: Expected): AppendExpectedRevision =>
  typeof expected === 'number' ? BigInt(expected) : expected;

function eventData(names: Names, event: Proposal): EventData {
  const { label, isJson } = event;
  const known = { id: names.idOf(label), type: names.full(event.type) };
  const data = names.full(event.data);
  const metadata = names.full(event.metadata);
  if (!isJson) {
    const extra = metadata === '' ? {} : { metadata: new Uint8Array(Buffer.from(metadata)) };
    return binaryEvent({ ...known, data: Buffer.from(data), ...extra });
  }
  const extra =
    metadata === '' ? {} : { metadata: JSON.parse(metadata) as Record<string, unknown> };
  return jsonEvent({ ...known, data: JSON.parse(data) as Record<string, unknown>, ...extra });
}

interface Proposed {
  setId(value: ReturnType<typeof uuidMessage>): unknown;
  getMetadataMap(): { set(key: string, value: string): unknown };
  setData(value: Uint8Array): unknown;
  setCustomMetadata(value: Uint8Array): unknown;
}

function fill<T extends Proposed>(
  message: T,
  names: Names,
  event: Proposal,
  form: Append['idForm'],
): T {
  message.setId(uuidMessage(names.idOf(event.label), form));
  const told = message.getMetadataMap();
  told.set('type', names.full(event.type));
  told.set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  message.setData(Buffer.from(names.full(event.data)));
  message.setCustomMetadata(Buffer.from(names.full(event.metadata)));
  return message;
}

function unaryParts(names: Names, { stream, expected, events, idForm }: Append): AppendReq[] {
  const options = new AppendReq.Options().setStreamIdentifier(identifierOf(stream));
  const first = new AppendReq().setOptions(setExpected(options, expected));
  const rest = events.map((event) =>
    new AppendReq().setProposedMessage(fill(new AppendReq.ProposedMessage(), names, event, idForm)),
  );
  return [first, ...rest];
}

function unaryCall(
  stubs: Connection['stubs'],
  names: Names,
  parts: readonly AppendReq[],
): Promise<WriteReply> {
  return new Promise((resolve) => {
    const call = stubs.append(NO_METADATA, withDeadline(), (error, reply) =>
      resolve(error ? { refused: statusError(names, error) } : unaryReply(reply)),
    );
    for (const part of parts) call.write(part);
    call.end();
  });
}

function unaryReply(reply: AppendResp): WriteReply {
  const wrong = reply.getWrongExpectedVersion();
  if (wrong) {
    const actual = wrong.hasCurrentNoStream() ? 'no_stream' : wrong.getCurrentRevision();
    const expected = wrong.hasExpectedAny()
      ? 'any'
      : wrong.hasExpectedNoStream()
        ? 'no_stream'
        : wrong.hasExpectedStreamExists()
          ? 'stream_exists'
          : wrong.getExpectedRevision();
    return { refused: `reply wrong-expected-version expected=${expected} actual=${actual}` };
  }
  const success = reply.getSuccess();
  if (!success) return { refused: 'a reply without content' };
  return { revision: revisionIn(success), position: positionIn(success.getPosition()) };
}

function batchParts(names: Names, append: Append): BatchAppendReq[] {
  const { stream, expected, events, idForm, chunk = Infinity } = append;
  const options = new BatchAppendReq.Options().setStreamIdentifier(identifierOf(stream));
  const messages = events.map((event) =>
    fill(new BatchAppendReq.ProposedMessage(), names, event, idForm),
  );
  const parts: BatchAppendReq[] = [];
  for (let at = 0; at === 0 || at < messages.length; at += chunk) {
    parts.push(new BatchAppendReq().setProposedMessagesList(messages.slice(at, at + chunk)));
  }
  parts[0]?.setOptions(setBatchExpected(options, expected));
  parts.at(-1)?.setIsFinal(true);
  return parts;
}

function batchReply(names: Names, reply: BatchAppendResp): WriteReply {
  const success = reply.getSuccess();
  if (!success) return { refused: batchError(names, reply) };
  return { revision: revisionIn(success), position: positionIn(success.getPosition()) };
}

const revisionIn = (success: { hasNoStream(): boolean; getCurrentRevision(): string }): string =>
  success.hasNoStream() ? 'no_stream' : success.getCurrentRevision();

function positionIn(
  position: { getCommitPosition(): string; getPreparePosition(): string } | undefined,
): bigint | undefined {
  if (!position) return undefined;
  if (position.getCommitPosition() !== position.getPreparePosition()) return -1n;
  return BigInt(position.getCommitPosition());
}

export async function performRemoval(
  { client, stubs }: Connection,
  names: Names,
  removal: Removal,
): Promise<WriteReply> {
  const { op, via, expected } = removal;
  const stream = names.full(removal.stream);
  if (via === 'raw') return removalCall(stubs, names, removal);
  if (expected === 'stream_exists') throw new Error('the client cannot say stream_exists here');
  const options = { expectedRevision: typeof expected === 'number' ? BigInt(expected) : expected };
  try {
    const { position } = await (op === 'delete'
      ? client.deleteStream(stream, options)
      : client.tombstoneStream(stream, options));
    return { revision: undefined, position: position?.commit };
  } catch (error) {
    return { refused: clientError(names, error) };
  }
}

function removalCall(
  stubs: Connection['stubs'],
  names: Names,
  { op, stream, expected }: Removal,
): Promise<WriteReply> {
  const identifier = identifierOf(names.full(stream));
  return new Promise((resolve) => {
    const settle = (error: ServiceError | null, reply: DeleteResp | TombstoneResp): void =>
      resolve(
        error
          ? { refused: statusError(names, error) }
          : { revision: undefined, position: positionIn(reply.getPosition()) },
      );
    if (op === 'delete') {
      const options = setExpected(new DeleteReq.Options(), expected);
      const request = new DeleteReq().setOptions(options.setStreamIdentifier(identifier));
      stubs.delete(request, NO_METADATA, withDeadline(), settle);
    } else {
      const options = setExpected(new TombstoneReq.Options(), expected);
      const request = new TombstoneReq().setOptions(options.setStreamIdentifier(identifier));
      stubs.tombstone(request, NO_METADATA, withDeadline(), settle);
    }
  });
}

const ZERO_ID = '00000000-0000-0000-0000-000000000000';

/** An append that a node has to refuse whatever is stored. */
export async function performBadAppend(
  { stubs, batchAppend }: Connection,
  names: Names,
  { via, stream, flaw }: BadAppend,
): Promise<WriteReply> {
  const spoil = <T extends Proposed & { clearId(): unknown }>(message: T): T => {
    message.setId(uuidMessage(flaw === 'zero id' ? ZERO_ID : names.idOf('flawed')));
    if (flaw === 'no id') message.clearId();
    const told = message.getMetadataMap();
    if (flaw !== 'no type') told.set('type', flaw === 'empty type' ? '' : 'flawed');
    if (flaw !== 'no content type') told.set('content-type', 'application/octet-stream');
    message.setData(Buffer.alloc(flaw === 'too big' ? (1 << 20) + 1 : 1));
    return message;
  };
  const identifier = identifierOf(flaw === 'no stream name' ? '' : names.full(stream));
  if (via === 'raw-batch') {
    const options = setBatchExpected(new BatchAppendReq.Options(), 'any');
    const part = new BatchAppendReq().setOptions(options.setStreamIdentifier(identifier));
    part.addProposedMessages(spoil(new BatchAppendReq.ProposedMessage()));
    return batchReply(names, await batchAppend([part.setIsFinal(true)]));
  }
  const options = setExpected(new AppendReq.Options(), 'any').setStreamIdentifier(identifier);
  return unaryCall(stubs, names, [
    new AppendReq().setOptions(options),
    new AppendReq().setProposedMessage(spoil(new AppendReq.ProposedMessage())),
  ]);
}
