import type { ServerWritableStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { CallError } from './errors';
import type { EventNode } from '../node';

/** What a reader is sent through. */
export interface Outlet {
  readonly closed: () => boolean;
  /** Waits while the reader does not keep up. */
  send(message: Buffer): Promise<void> | undefined;
  /** Queues what has just happened; a reader that has fallen too far behind is cut off. */
  sendLive(messages: readonly Buffer[]): void;
  end(): void;
  /** Ends the call with a status once what was queued is on its way. */
  failAfterBacklog(error: CallError): void;
  fail(error: CallError): void;
  onClose(run: () => void): void;
}

/**
 * A live reader may be so many messages behind, beside what its connection holds, when new ones come. The real server
 * keeps 64 and cuts a reader off at the next; its sockets hold more than ours, hence the difference.
 */
const LIVE_BACKLOG = 100;

/** The library queues messages by their number; of those above this size only one waits at a time. */
const LARGE_BYTES = 16 << 10;

export function openOutlet(node: EventNode, call: ServerWritableStream<unknown, Buffer>): Outlet {
  let backlog: Buffer[] = [];
  let closed = false;
  let waitsForDrain = false;
  let lastWord: CallError | undefined;
  const closers: (() => void)[] = [];

  const close = (): void => {
    if (closed) return;
    closed = true;
    backlog = [];
    node.openCalls.delete(outlet);
    for (const run of closers) run();
  };
  const flush = (): void => {
    waitsForDrain = false;
    let sent = 0;
    while (sent < backlog.length && !call.writableNeedDrain) {
      call.write(backlog[sent]!);
      sent += 1;
    }
    backlog = backlog.slice(sent);
    if (backlog.length === 0) return lastWord && outlet.fail(lastWord);
    waitsForDrain = true;
    call.once('drain', flush);
  };
  const outlet: Outlet = {
    closed: () => closed,
    send(message) {
      if (closed) return undefined;
      if (message.length > LARGE_BYTES) return writeAndWait(call, message);
      return call.write(message) ? undefined : drained(call);
    },
    sendLive(messages) {
      if (closed) return;
      if (backlog.length > LIVE_BACKLOG) {
        return outlet.fail(new CallError(status.ABORTED, 'the reader is too slow'));
      }
      backlog.push(...messages);
      if (!waitsForDrain) flush();
    },
    end() {
      if (closed) return;
      close();
      call.end();
    },
    failAfterBacklog(error) {
      if (backlog.length === 0) outlet.fail(error);
      else lastWord = error;
    },
    fail(error) {
      if (closed) return;
      close();
      call.emit('error', error);
    },
    onClose(run) {
      if (closed) run();
      else closers.push(run);
    },
  };
  call.once('close', close);
  node.openCalls.add(outlet);
  return outlet;
}

type Call = ServerWritableStream<unknown, Buffer>;

/** Resolves too when the call ends. */
const drained = (call: Call): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      call.off('drain', go).off('close', go);
      resolve();
    };
    call.once('drain', go).once('close', go);
  });

const writeAndWait = (call: Call, message: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      call.off('close', go);
      resolve();
    };
    call.once('close', go);
    call.write(message, go);
  });
