import type { SealedPart } from './forgotten-ids';

/** A folded stream as it is kept elsewhere. */
export interface StoredSnapshot {
  readonly revision: number;
  /** Of the event at that revision. */
  readonly eventId: string;
  readonly body: Buffer;
}

/** Where a snapshot is likely to be found. */
export interface KeptSnapshot {
  readonly stream: string;
  readonly form: string;
  readonly revision: number;
}

/** Where snapshots are kept. They are disposable: every member may fail or find nothing at any time. */
export interface SnapshotStore {
  /** Which there are, the last ones first, at most so many. */
  list(limit: number): Promise<readonly KeptSnapshot[]>;
  /** The newest of a stream in one form. */
  newest(stream: string, form: string): Promise<StoredSnapshot | undefined>;
  /** Keeps it with parts that were not kept yet, unless a newer one is there. */
  save(
    stream: string,
    form: string,
    snapshot: StoredSnapshot,
    parts: readonly SealedPart[],
  ): Promise<void>;
  /** Forgets the one at a revision, which turned out to be wrong. */
  discard(stream: string, form: string, revision: number): Promise<void>;
  /** A part of a stream's snapshots; undefined where it is not kept. */
  part(stream: string, name: string): Promise<SealedPart | undefined>;
}
