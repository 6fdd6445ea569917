import { AppendError, StoreUnavailableError } from '../../libs/eventstore/client';
import type { EncodedEvent, RawEvent } from '../../libs/eventstore/codec';
import type { AppendAndRead } from '../../libs/eventstore/log-port';

/** What happens to one append: as usual, somebody else writes first, the answer or the request is lost, the store is down. */
export type Turn = 'ok' | 'ackLost' | 'requestLost' | ((stream: string) => void);

/** A log in memory with the store's rules for exact revisions, whose next appends follow a script. */
export class ScriptedLog implements AppendAndRead {
  readonly streams = new Map<string, RawEvent[]>();
  readonly script: Turn[] = [];
  down = false;
  appends = 0;
  reads = 0;
  eventsRead = 0;
  /** What every read waits for before it gives its first event. */
  readingHeldBy: Promise<void> = Promise.resolve();
  private position = 100n;

  /** Another log that begins with the first events of a stream of this one, under the same positions. */
  beginning(stream: string, count: number): ScriptedLog {
    const copy = new ScriptedLog();
    const events = (this.streams.get(stream) ?? []).slice(0, count);
    copy.streams.set(stream, events);
    copy.position = events.at(-1)?.position ?? copy.position;
    return copy;
  }

  async append(
    stream: string,
    events: readonly EncodedEvent[],
    revision: number,
  ): Promise<bigint | undefined> {
    this.appends += 1;
    await Promise.resolve();
    const turn = this.script.shift() ?? 'ok';
    if (this.down || turn === 'requestLost') throw new AppendError('ambiguous', 'lost');
    if (typeof turn === 'function') turn(stream);
    const stored = this.streams.get(stream) ?? [];
    const position = this.write(stored, stream, events, revision);
    this.streams.set(stream, stored);
    if (turn === 'ackLost') throw new AppendError('ambiguous', 'lost');
    return position;
  }

  async *readStream(stream: string, from: number, maxCount: number): AsyncGenerator<RawEvent> {
    this.reads += 1;
    await this.readingHeldBy;
    if (this.down) throw new StoreUnavailableError('down');
    for (const event of (this.streams.get(stream) ?? []).slice(from, from + maxCount)) {
      this.eventsRead += 1;
      yield event;
    }
  }

  private write(
    stored: RawEvent[],
    stream: string,
    events: readonly EncodedEvent[],
    revision: number,
  ): bigint {
    const at = stored.slice(revision + 1, revision + 1 + events.length);
    const again = at.length === events.length && at.every(({ id }, i) => id === events[i]?.id);
    if (again) return at.at(-1)?.position ?? 0n;
    if (stored.length - 1 !== revision) throw new AppendError('conflict', 'wrong revision');
    for (const { id, type, data, metadata } of events) {
      this.position += BigInt(1 + (this.streams.size % 7));
      stored.push({
        id,
        stream,
        revision: stored.length,
        position: this.position,
        type,
        data: JSON.parse(JSON.stringify(data)) as unknown,
        metadata: JSON.parse(new TextDecoder().decode(metadata)) as unknown,
      });
    }
    return this.position;
  }
}
