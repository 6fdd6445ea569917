import type { RecordedEvent } from '../domain';
import { RecentMap } from '../runtime';

/** How many command ids this process knows over all streams, to notice a key that is used on another one. */
const RECENT_COMMANDS = 100_000;

/** Command ids of this process, the oldest let go first; the stream and hash of each. */
export class RecentCommands {
  private readonly known = new RecentMap<string, { stream: string; commandHash: string }>(
    RECENT_COMMANDS,
  );

  find(commandId: string): { readonly stream: string; readonly commandHash: string } | undefined {
    return this.known.get(commandId);
  }

  add({ stream, metadata }: RecordedEvent): void {
    this.known.set(metadata.commandId, { stream, commandHash: metadata.commandHash });
  }
}
