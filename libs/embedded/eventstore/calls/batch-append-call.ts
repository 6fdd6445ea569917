import type { ServerDuplexStream } from '@grpc/grpc-js';
import { decideAppend } from '../writing/decisions';
import { batchError, unavailable, type BatchFailure, type CallError } from './errors';
import type { Holding } from '../limits/traffic';
import type { EventNode } from '../node';
import type { Outcome } from '../writing/outcomes';
import { checked, flawOf, sizeOf } from '../writing/proposal-checks';
import type { BatchChunk, Expected, ProposedEvent, Target } from '../writing/proposals';
import { field, numberField } from '../log/wire';

/** An append of which not everything has arrived or that is not on disk yet. */
interface PendingAppend {
  /** Its correlation id until its last part is there; then that id is free for another append. */
  key: string | symbol;
  readonly correlation: Buffer;
  readonly target: Target;
  readonly events: ProposedEvent[];
  /** When the client is told that it took too long. */
  expiresAt: number;
  /** Absent when it came in one piece. */
  holding?: Holding;
}

const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 50;
const EMPTY_MESSAGE = Buffer.alloc(0);

/**
 * One long-lived call carries all appends of a client. Every correlation id is answered exactly once: a second answer
 * would make the official client throw, none would leave its caller waiting for ever.
 */
export function batchAppend(node: EventNode, call: ServerDuplexStream<BatchChunk, Buffer>): void {
  const pending = new Map<string | symbol, PendingAppend>();
  let ended = false;
  let lastWord: CallError | undefined;

  const answer = (append: PendingAppend, reply: Buffer): void => {
    if (pending.get(append.key) !== append) return;
    pending.delete(append.key);
    append.holding?.release();
    if (call.destroyed || call.writableEnded) return;
    call.write(reply);
    if (lastWord) failWhenWritten(lastWord);
    else if (ended && pending.size === 0) call.end();
  };
  const refuse = (append: PendingAppend, failure: BatchFailure): void =>
    answer(append, batchError(append.correlation, append.target.stream, failure));

  const submit = (append: PendingAppend): void => {
    const { target } = append;
    const stream = target.stream.toString('utf8');
    const events = checked(append.events);
    append.holding?.release();
    pending.delete(append.key);
    pending.set((append.key = Symbol()), append);
    append.expiresAt = Math.min(target.deadlineMs, Date.now() + PATIENCE_MS);
    node.writer.submit({
      bytes: sizeOf(events),
      deadlineMs: target.deadlineMs,
      decide: (group) => decideAppend(group, node.retries, stream, target.expected, events),
      done: (outcome) =>
        outcome.kind === 'success'
          ? answer(append, successReply(append, outcome))
          : refuse(append, outcome),
      failed: (error) => fail(unavailable(error.message)),
    });
  };

  const receive = (chunk: BatchChunk): void => {
    const append = lastWord ? undefined : collect(pending, chunk);
    if (!append) return; // The rest of an append that has been answered already.
    const failure = failureOf(node, append, chunk.isFinal);
    if (failure) refuse(append, failure);
    else if (chunk.isFinal) submit(append);
    else {
      append.holding ??= node.traffic.hold(() => refuse(append, { kind: 'too-busy' }));
      append.holding.add(sizeOf(chunk.events));
    }
    if (node.writer.isFull() || call.writableNeedDrain) readLater(node, call);
  };

  const clock = setInterval(() => {
    const now = Date.now();
    for (const append of pending.values()) {
      if (append.expiresAt < now) refuse(append, { kind: 'timeout' });
    }
  }, LOOK_EVERY_MS).unref();
  const fail = (error: CallError): void => void call.emit('error', error);
  /** What is being written is answered first. */
  const failWhenWritten = (error: CallError): void => {
    lastWord = error;
    if (!isWriting(pending)) fail(error);
  };
  const openCall = { fail: failWhenWritten };
  node.openCalls.add(openCall);
  call.on('data', receive);
  call.on('end', () => {
    ended = true;
    if (pending.size === 0) call.end();
  });
  call.on('close', () => {
    clearInterval(clock);
    releaseAll(pending);
    node.openCalls.delete(openCall);
  });
}

function failureOf(
  { limits, traffic }: EventNode,
  { target, events, expiresAt }: PendingAppend,
  isFinal: boolean,
): BatchFailure | undefined {
  const flaw = flawOf(target.stream, events, limits.appendBytes);
  if (flaw === 'too-big') return { kind: flaw, maxBytes: limits.appendBytes };
  if (flaw) return { kind: 'bad-request' };
  if (expiresAt < Date.now()) return { kind: 'timeout' };
  const isBusy = isFinal && traffic.waitingAppends >= limits.waitingAppends;
  return isBusy ? { kind: 'too-busy' } : undefined;
}

function releaseAll(pending: Map<string | symbol, PendingAppend>): void {
  for (const { holding } of pending.values()) holding?.release();
  pending.clear();
}

const isWriting = (pending: ReadonlyMap<string | symbol, PendingAppend>): boolean =>
  [...pending.keys()].some((key) => typeof key === 'symbol');

/** Adds a chunk to its append; undefined when there is none to add to. */
function collect(
  pending: Map<string | symbol, PendingAppend>,
  { correlation, target, events }: BatchChunk,
): PendingAppend | undefined {
  const key = correlation.toString('latin1');
  const known = pending.get(key);
  if (known) {
    known.events.push(...events);
    return known;
  }
  if (!target) return undefined;
  const expiresAt = Math.min(target.deadlineMs, Date.now() + PATIENCE_MS);
  const append = { key, correlation, target, events: [...events], expiresAt };
  pending.set(key, append);
  return append;
}

/** Reads no more until there is room for what it would bring. */
function readLater(node: EventNode, call: ServerDuplexStream<BatchChunk, Buffer>): void {
  call.pause();
  const go = (): void => {
    if (node.writer.isFull()) node.writer.whenFree(go);
    else call.resume();
  };
  if (call.writableNeedDrain) call.once('drain', go);
  else go();
}

function successReply(
  { correlation, target }: PendingAppend,
  { revision, position }: Outcome & { kind: 'success' },
): Buffer {
  const success = Buffer.concat([
    revision < 0 ? field(2, EMPTY_MESSAGE) : numberField(1, revision),
    position === undefined
      ? field(4, EMPTY_MESSAGE)
      : field(3, Buffer.concat([numberField(1, position), numberField(2, position)])),
  ]);
  return Buffer.concat([
    field(1, correlation),
    field(3, success),
    field(4, field(3, target.stream)),
    expectedField(target.expected),
  ]);
}

function expectedField(expected: Expected): Buffer {
  switch (expected.kind) {
    case 'revision':
      return numberField(5, expected.revision);
    case 'no_stream':
      return field(6, EMPTY_MESSAGE);
    case 'any':
      return field(7, EMPTY_MESSAGE);
    case 'stream_exists':
      return field(8, EMPTY_MESSAGE);
  }
}
