import type { RecordedEvent } from '../domain';

/** How many command ids this process knows over all streams, to notice a key that is used on another one. */
const RECENT_COMMANDS = 100_000;

/** Command ids of this process, the oldest let go first; the stream and hash of each. */
export class RecentCommands {
  private readonly known = new Map<string, { stream: string; commandHash: string }>();

  find(commandId: string): { readonly stream: string; readonly commandHash: string } | undefined {
    return this.known.get(commandId);
  }

  add({ stream, metadata }: RecordedEvent): void {
    this.known.set(metadata.commandId, { stream, commandHash: metadata.commandHash });
    if (this.known.size > RECENT_COMMANDS) {
      this.known.delete(this.known.keys().next().value as string);
    }
  }
}
