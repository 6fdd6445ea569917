import type { RecordedEvent } from '../domain';
import { RecentMap } from '../runtime';

/** How many command ids this process knows over all streams, to notice a key that is used on another one. */
const RECENT_COMMANDS = 100_000;

interface RecentCommand {
  readonly stream: string;
  readonly commandHash: string;
  /** Of its first event. */
  readonly revision: number;
}

/** Command ids of this process, the oldest let go first: where each was appended, or is about to be. */
export class RecentCommands {
  private readonly known = new RecentMap<string, RecentCommand>(RECENT_COMMANDS);

  find(commandId: string): RecentCommand | undefined {
    return this.known.get(commandId);
  }

  /** Before the append: two streams that are sent one key at the same instant must not both take it. */
  claim(events: readonly RecordedEvent[]): void {
    for (const { stream, revision, metadata } of events) {
      const { commandId, commandHash, command } = metadata;
      if (command) this.known.set(commandId, { stream, commandHash, revision });
    }
  }

  /** They were not written after all. */
  release(events: readonly RecordedEvent[]): void {
    for (const { metadata } of events) this.known.delete(metadata.commandId);
  }
}
