import { status, type sendUnaryData, type ServerReadableStream } from '@grpc/grpc-js';
import { decideAppend, decideDelete, decideTombstone } from '../writing/decisions';
import {
  CallError,
  halfSent,
  streamDeleted,
  timedOut,
  tooBusy,
  unavailable,
  unknown,
  wrongExpectedVersion,
} from './errors';
import type { Group } from '../log/group';
import type { EventNode } from '../node';
import type { Outcome } from '../writing/outcomes';
import { checked, errorOf, flawOf, MAX_METADATA_BYTES, sizeOf } from '../writing/proposal-checks';
import type { AppendPart, Expected, ProposedEvent, Target } from '../writing/proposals';
import { AppendResp, DeleteResp, Empty, TombstoneResp } from './protocol';

const PATIENCE_MS = 2_000;

/** The unary append: options first, then one message per event. */
export function append(
  node: EventNode,
  call: ServerReadableStream<AppendPart, AppendResp>,
  reply: sendUnaryData<AppendResp>,
): void {
  let target: Target | undefined;
  const events: ProposedEvent[] = [];
  let bytes = 0;
  let metadataBytes = 0;
  let settled = false;
  const settle: sendUnaryData<AppendResp> = (error, value) => {
    if (settled) return;
    settled = true;
    leave();
    if (!call.cancelled) reply(error, value);
  };
  const { traffic, limits, openCalls } = node;
  const fail = (error: CallError): void => settle(error);
  const holding = traffic.hold(() => fail(halfSent(limits)));
  const openCall = { fail };
  openCalls.add(openCall);
  /** It is no half-sent append any more. */
  const leave = (): void => {
    holding.release();
    openCalls.delete(openCall);
  };
  call.once('close', leave);

  call.on('data', (part: AppendPart) => {
    target ??= part.target;
    if (settled) return;
    if (part.event) events.push(part.event);
    bytes += part.event?.data.length ?? 0;
    metadataBytes += part.event?.metadata.length ?? 0;
    if (!target) return settle(unknown('an append begins with its options'));
    // What is too big is not kept until its end.
    if (bytes > limits.appendBytes || metadataBytes > MAX_METADATA_BYTES) {
      return settle(errorOf('too-big', limits.appendBytes));
    }
    if (part.event) holding.add(sizeOf([part.event]));
  });
  call.on('end', () => {
    // A caller that gives up before it has half-closed looks like one that has ended; only the next turn tells.
    setImmediate(() => {
      if (settled || call.cancelled) return;
      if (!target) return settle(unknown('an append begins with its options'));
      const { stream, expected } = target;
      const flaw = flawOf(stream, events, limits.appendBytes);
      if (flaw) return settle(errorOf(flaw, limits.appendBytes));
      const name = stream.toString('utf8');
      const accepted = checked(events);
      leave();
      submit(node, sizeOf(events), {
        decide: (group) => decideAppend(group, node.retries, name, expected, accepted),
        settle: (result) =>
          result instanceof CallError
            ? settle(result)
            : answerAppend(settle, name, expected, result),
      });
    });
  });
}

function answerAppend(
  settle: sendUnaryData<AppendResp>,
  stream: string,
  expected: Expected,
  outcome: Outcome,
): void {
  // Unlike deletes, an append says in an ordinary reply that the revision was another.
  if (outcome.kind === 'wrong-expected-version') {
    const wrong = describeWrongVersion(expected, outcome.actual);
    return settle(null, new AppendResp().setWrongExpectedVersion(wrong));
  }
  if (outcome.kind !== 'success') return settle(errorFor(stream, outcome));
  const success = new AppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) success.setNoPosition(new Empty());
  else success.setPosition(positionIn(new AppendResp.Position(), outcome.position));
  settle(null, new AppendResp().setSuccess(success));
}

function describeWrongVersion(expected: Expected, actual: number): AppendResp.WrongExpectedVersion {
  const wrong = new AppendResp.WrongExpectedVersion();
  if (actual < 0) wrong.setCurrentNoStream(new Empty());
  else wrong.setCurrentRevision(String(actual));
  switch (expected.kind) {
    case 'any':
      return wrong.setExpectedAny(new Empty());
    case 'no_stream':
      return wrong.setExpectedNoStream(new Empty());
    case 'stream_exists':
      return wrong.setExpectedStreamExists(new Empty());
    case 'revision':
      return wrong.setExpectedRevision(String(expected.revision));
  }
}

export function deleteStream(
  node: EventNode,
  target: Target | undefined,
  reply: sendUnaryData<DeleteResp>,
): void {
  remove(node, target, decideDelete, (error, position) => {
    if (position === undefined) return reply(error);
    reply(null, new DeleteResp().setPosition(positionIn(new DeleteResp.Position(), position)));
  });
}

export function tombstoneStream(
  node: EventNode,
  target: Target | undefined,
  reply: sendUnaryData<TombstoneResp>,
): void {
  remove(node, target, decideTombstone, (error, position) => {
    if (position === undefined) return reply(error);
    const at = positionIn(new TombstoneResp.Position(), position);
    reply(null, new TombstoneResp().setPosition(at));
  });
}

function remove(
  node: EventNode,
  target: Target | undefined,
  decide: (group: Group, stream: string, expected: Expected) => Outcome,
  settle: (error: CallError | null, position?: number) => void,
): void {
  if (!target || target.stream.length === 0) return settle(unknown('the stream name is missing'));
  const name = target.stream.toString('utf8');
  submit(node, 1024, {
    decide: (group) => decide(group, name, target.expected),
    settle: (result) => {
      if (result instanceof CallError) settle(result);
      else if (result.kind === 'success') settle(null, result.position);
      else settle(errorFor(name, result));
    },
  });
}

interface Submission {
  decide(group: Group): Outcome;
  settle(result: CallError | Outcome): void;
}

/** Hands over to the writer and gives up waiting after a while; the write may still happen then. */
function submit(node: EventNode, bytes: number, submission: Submission): void {
  if (node.traffic.waitingAppends >= node.limits.waitingAppends)
    return submission.settle(tooBusy());
  let waiting = true;
  const timer = setTimeout(() => {
    waiting = false;
    submission.settle(timedOut());
  }, PATIENCE_MS);
  const once = (settle: () => void): void => {
    clearTimeout(timer);
    if (waiting) settle();
    waiting = false;
  };
  node.writer.submit({
    bytes,
    deadlineMs: Infinity,
    decide: (group) => submission.decide(group),
    done: (outcome) => once(() => submission.settle(outcome)),
    failed: (error) => once(() => submission.settle(unavailable(error.message))),
  });
}

function errorFor(stream: string, outcome: Exclude<Outcome, { kind: 'success' }>): CallError {
  switch (outcome.kind) {
    case 'wrong-expected-version':
      return wrongExpectedVersion(stream, outcome.expected, outcome.actual);
    case 'stream-deleted':
      return streamDeleted(outcome.stream);
    case 'timeout':
      return new CallError(status.ABORTED, 'the write timed out');
  }
}

interface PositionMessage {
  setCommitPosition(value: string): unknown;
  setPreparePosition(value: string): unknown;
}

function positionIn<T extends PositionMessage>(message: T, position: number): T {
  message.setCommitPosition(String(position));
  message.setPreparePosition(String(position));
  return message;
}
