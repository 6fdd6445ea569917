import { status } from '@grpc/grpc-js';
import { CuttableCall, type RequestListener } from './cuttable-call';
import { checkpoint } from '../calls/messages';
import type { ReadReq } from '../calls/protocol';
import { cursorOver, eachField, readSpan, readVarint, type Cursor } from '../log/wire';

/** First bytes of the messages that a reader is sent. */
const EVENT = 0x0a;
const CHECKPOINT = 0x1a;
const CAUGHT_UP = 0x42;

/** Messages on their way to a live reader at which it is cut off early; the real server waits for 64 that do not even fit its sockets. */
const EARLY_BACKLOG = { lowest: 4, highest: 16 };
const LONGEST_LIFE_MS = 2_000;

/** A read or a subscription: cut at any message; signals of a subscription come late, never or less exact. */
export class HostileReadCall extends CuttableCall {
  private isSubscription = false;
  private isLive = false;
  private backlogLimit = Infinity;
  private backlog = 0;
  private newestEvent: Buffer | undefined;
  private readonly timers: NodeJS.Timeout[] = [];

  override start(listener: RequestListener): void {
    super.start({
      onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
      onReceiveMessage: (request: ReadReq) => {
        if (request.getOptions()?.hasSubscription()) this.beginSubscription();
        listener.onReceiveMessage(request);
      },
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => {
        for (const timer of this.timers) clearTimeout(timer);
        listener.onCancel();
      },
    });
  }

  override sendMessage(message: Buffer, sent: () => void): void {
    if (!this.isSubscription) return this.sendOrCut('cutRead', message, sent);
    switch (message[0]) {
      case EVENT:
        this.newestEvent = message;
        return this.sendCounted(message, sent);
      case CHECKPOINT:
        return this.sendCounted(this.lessExact(message), sent);
      case CAUGHT_UP:
        return this.sendCaughtUp(message, sent);
      default:
        return this.sendOrCut('cutSubscription', message, sent);
    }
  }

  private beginSubscription(): void {
    this.isSubscription = true;
    const { chances } = this;
    if (chances.happens('slowReader')) {
      this.backlogLimit = chances.between(
        'slowReader',
        EARLY_BACKLOG.lowest,
        EARLY_BACKLOG.highest,
      );
    }
    if (!chances.happens('shortSubscription')) return;
    const lifeMs = chances.between('shortSubscription', 0, LONGEST_LIFE_MS);
    const code = this.codeOf('shortSubscription');
    this.after(lifeMs, () => this.cut(code));
  }

  /** Messages that the connection has not taken yet make a slow reader, once it is live. */
  private sendCounted(message: Buffer, sent: () => void): void {
    if (this.isLive && this.backlog >= this.backlogLimit) return this.cut(status.ABORTED);
    this.backlog += 1;
    this.sendOrCut('cutSubscription', message, () => {
      this.backlog -= 1;
      sent();
    });
  }

  private sendCaughtUp(message: Buffer, sent: () => void): void {
    this.isLive = true;
    const { chances } = this;
    if (chances.happens('missingCaughtUp')) return sent();
    if (!chances.happens('lateCaughtUp')) return this.sendOrCut('cutSubscription', message, sent);
    sent();
    const delayMs = chances.between('lateCaughtUp', 0, chances.profile.longestDelayMs);
    this.after(delayMs, () => this.sendOrCut('cutSubscription', message, () => undefined));
  }

  /** A place just before an event that was not sent is as good to resume from, and has prepare position 0. */
  private lessExact(message: Buffer): Buffer {
    const commit = numberIn(spanIn(cursorOver(message), 3), 1);
    const newest = this.newestEvent && numberIn(spanIn(cursorOver(this.newestEvent), 1), 3);
    if (newest !== undefined && commit <= newest) return message;
    return this.chances.happens('prepareZero') ? checkpoint(commit, 0) : message;
  }

  private after(delayMs: number, run: () => void): void {
    this.timers.push(setTimeout(run, delayMs).unref());
  }
}

function spanIn(message: Cursor, wanted: number): Cursor {
  let found = cursorOver(message.bytes, 0, 0);
  eachField(message, (field, _wireType, cursor) => {
    if (field !== wanted) return false;
    found = readSpan(cursor);
    return true;
  });
  return found;
}

function numberIn(message: Cursor, wanted: number): number {
  let found = 0;
  eachField(message, (field, _wireType, cursor) => {
    if (field !== wanted) return false;
    found = readVarint(cursor);
    return true;
  });
  return found;
}
