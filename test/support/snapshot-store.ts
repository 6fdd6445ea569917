import type { SealedPart } from '../../libs/eventstore/forgotten-ids';
import type { KeptSnapshot, SnapshotStore, StoredSnapshot } from '../../libs/eventstore';

/** Snapshots in memory, with what a table does: the newer one wins. `down` and `hangs` are how PostgreSQL goes away. */
export class SnapshotShelf implements SnapshotStore {
  readonly kept = new Map<string, StoredSnapshot>();
  readonly sealed = new Map<string, SealedPart>();
  down = false;
  hangs = false;
  loads = 0;
  /** Settles when a process has been told what is kept. */
  listed: Promise<unknown> = Promise.resolve();
  partLoads = 0;
  private readonly watchers: (() => void)[] = [];

  list(limit: number): Promise<readonly KeptSnapshot[]> {
    const listed = this.listing(limit);
    this.listed = listed.catch(() => undefined);
    return listed;
  }

  private async listing(limit: number): Promise<readonly KeptSnapshot[]> {
    await this.answer();
    return [...this.kept].slice(0, limit).map(([key, { revision }]) => {
      const [stream, form] = key.split(' ') as [string, string];
      return { stream, form, revision };
    });
  }

  async newest(stream: string, form: string): Promise<StoredSnapshot | undefined> {
    this.loads += 1;
    await this.answer();
    return this.kept.get(keyOf(stream, form));
  }

  async save(
    stream: string,
    form: string,
    snapshot: StoredSnapshot,
    parts: readonly SealedPart[],
  ): Promise<void> {
    await this.answer();
    for (const part of parts) this.sealed.set(keyOf(stream, part.name), part);
    const before = this.kept.get(keyOf(stream, form));
    if (!before || before.revision < snapshot.revision) {
      this.kept.set(keyOf(stream, form), snapshot);
    }
    for (const told of this.watchers.splice(0)) told();
  }

  async discard(stream: string, form: string, revision: number): Promise<void> {
    await this.answer();
    const key = keyOf(stream, form);
    if (this.kept.get(key)?.revision === revision) this.kept.delete(key);
  }

  async part(stream: string, name: string): Promise<SealedPart | undefined> {
    this.partLoads += 1;
    await this.answer();
    return this.sealed.get(keyOf(stream, name));
  }

  /** Settles with the next snapshot that is kept. */
  saved(): Promise<void> {
    return new Promise((resolve) => this.watchers.push(resolve));
  }

  private async answer(): Promise<void> {
    if (this.hangs) await new Promise(() => undefined);
    await Promise.resolve();
    if (this.down) throw new Error('connect ECONNREFUSED');
  }
}

const keyOf = (stream: string, name: string): string => `${stream} ${name}`;
