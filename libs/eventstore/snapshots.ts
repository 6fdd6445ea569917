import { setTimeout as wait } from 'node:timers/promises';
import { RecentMap, type Logger } from '../runtime';
import type { Folded } from './folded';
import { formOf, packFolded, unpackFolded, type Snapshotted } from './snapshot-form';
import type { KeptSnapshot, SnapshotStore, StoredSnapshot } from './snapshot-store';

/** Of the events since the last snapshot of a stream; fewer are read faster than it is loaded. */
export const EVENTS_BETWEEN = 100;
/** A command waits no longer for a snapshot; then it reads the stream, which takes longer if it is a long one. */
const LOAD_MS = 2_000;
/** One stream is not written more often than this. */
const STREAM_REST_MS = 5_000;
/** After a snapshot the lane rests, and after a large one longer, so that it takes at most a twentieth of the time. */
const REST_MS = 250;
const REST_FACTOR = 20;
const REST_AFTER_FAILURE_MS = 5_000;
/** Of so many it is remembered where their snapshots are. */
const MAX_HINTS = 50_000;
/** Streams that wait for their turn; others are offered again with their next command. */
const MAX_DUE = 1_000;

export interface SnapshotOptions {
  readonly store: SnapshotStore;
  readonly logger: Logger;
  /** The folded stream while nobody is at work on it. */
  readonly peek: (stream: string) => Folded<unknown> | undefined;
}

/**
 * Snapshots of folded streams: loaded before a long stream is read, written behind the commands' back, one at a time. Whatever
 * fails here costs time alone: the stream itself says what happened.
 */
export class Snapshots {
  private readonly due = new Map<string, Snapshotted>();
  private readonly fetching = new Set<string>();
  private readonly hints = new RecentMap<string, number>(2 * MAX_HINTS);
  private isSaving = false;
  private restsUntil = 0;
  private wakes = false;
  /** Loads that took too long and are still out: while there is one, none is asked for. */
  private overdue = 0;
  private isFailing = false;
  /** Those that were there at the start, the last ones first; none where that cannot be known. */
  readonly kept: Promise<readonly KeptSnapshot[]>;

  constructor(private readonly options: SnapshotOptions) {
    this.kept = this.learn();
  }

  /** The revision at which a snapshot is likely to be; undefined where none is known, though there may be one. */
  hint(definition: Snapshotted, stream: string): number | undefined {
    return this.overdue > 0 ? undefined : this.hints.get(`${stream} ${formOf(definition)}`);
  }

  private async learn(): Promise<readonly KeptSnapshot[]> {
    const { store, logger } = this.options;
    try {
      const kept = await store.list(MAX_HINTS);
      for (const { stream, form, revision } of kept) this.hints.set(`${stream} ${form}`, revision);
      return kept;
    } catch (error) {
      logger.debug({ err: error }, 'which snapshots there are is not known');
      return [];
    }
  }

  /** The newest snapshot of a stream, not yet compared with its events; undefined where there is none in time. */
  async restore(definition: Snapshotted, stream: string): Promise<Folded<unknown> | undefined> {
    if (this.overdue > 0) return undefined;
    let stored: StoredSnapshot | undefined;
    try {
      stored = await this.inTime(this.options.store.newest(stream, formOf(definition)));
      if (!stored) return undefined;
      const folded = unpackFolded(definition, stream, stored);
      this.hints.set(`${stream} ${formOf(definition)}`, stored.revision);
      this.isFailing = false;
      void this.fetchParts(stream, folded);
      return folded;
    } catch (error) {
      if (stored) this.reject(definition, stream, stored.revision, (error as Error).message);
      else this.failed(error, 'snapshots cannot be loaded; streams are read whole');
      return undefined;
    }
  }

  /** A snapshot that is not what it says is not used again. */
  reject(definition: Snapshotted, stream: string, revision: number, reason: string): void {
    const { store, logger } = this.options;
    this.hints.delete(`${stream} ${formOf(definition)}`);
    logger.warn({ stream, revision, reason }, 'a snapshot is ignored and forgotten');
    store
      .discard(stream, formOf(definition), revision)
      .catch((error: unknown) => this.failed(error, 'a wrong snapshot cannot be forgotten'));
  }

  /** Loads filters of forgotten ids that a snapshot only names; until they are there, old ids are looked up. */
  async fetchParts(stream: string, { forgottenIds }: Folded<unknown>): Promise<void> {
    const names = forgottenIds?.missing() ?? [];
    if (names.length === 0 || this.overdue > 0 || this.fetching.has(stream)) return;
    this.fetching.add(stream);
    try {
      // One after the other: commands go on in between.
      for (const name of names) {
        const part = await this.options.store.part(stream, name);
        if (part) forgottenIds?.attach(part);
      }
    } catch (error) {
      this.failed(error, 'parts of a snapshot cannot be loaded; old commands are looked up');
    } finally {
      this.fetching.delete(stream);
    }
  }

  /** Tells that a stream stands at a new event. To be called by whoever holds it, between two uses of it. */
  offer(definition: Snapshotted, stream: string, folded: Folded<unknown>): void {
    if (folded.revision - folded.savedRevision < EVENTS_BETWEEN) return;
    const now = performance.now();
    if (!this.isSaving && now >= this.restsUntil && now >= folded.savedAt + STREAM_REST_MS) {
      this.due.delete(stream);
      void this.save(definition, stream, folded);
    } else if (this.due.size < MAX_DUE) {
      this.due.set(stream, definition);
      this.wakeLater();
    }
  }

  private wakeLater(): void {
    if (this.wakes) return;
    this.wakes = true;
    const delay = Math.max(REST_MS, this.restsUntil - performance.now());
    void wait(delay, undefined, { ref: false }).then(() => {
      this.wakes = false;
      this.visitDue();
      if (this.due.size > 0) this.wakeLater();
    });
  }

  private visitDue(): void {
    if (this.isSaving || performance.now() < this.restsUntil) return;
    for (const [stream, definition] of this.due) {
      const folded = this.options.peek(stream);
      // Whoever is at work on it offers it again.
      if (!folded) this.due.delete(stream);
      else if (performance.now() >= folded.savedAt + STREAM_REST_MS) {
        this.due.delete(stream);
        void this.save(definition, stream, folded);
        return;
      }
    }
  }

  /** Everything up to the first pause is done with `folded` as it stands. */
  private async save(
    definition: Snapshotted,
    stream: string,
    folded: Folded<unknown>,
  ): Promise<void> {
    const began = performance.now();
    const snapshot = packFolded(definition, stream, folded);
    folded.savedRevision = folded.revision;
    folded.savedAt = began;
    if (!snapshot) return;
    const parts = folded.forgottenIds?.unsaved() ?? [];
    const took = performance.now() - began;
    this.isSaving = true;
    let rest = Math.max(REST_MS, took * REST_FACTOR);
    try {
      await this.options.store.save(stream, formOf(definition), snapshot, parts);
      folded.forgottenIds?.areSaved(parts);
      this.hints.set(`${stream} ${formOf(definition)}`, snapshot.revision);
      this.isFailing = false;
    } catch (error) {
      rest = REST_AFTER_FAILURE_MS;
      this.failed(error, 'snapshots cannot be written; commands go on');
    }
    this.isSaving = false;
    this.restsUntil = performance.now() + rest;
  }

  /** One line for an outage, however often we knock. */
  private failed(error: unknown, message: string): void {
    const { logger } = this.options;
    if (this.isFailing) logger.debug({ err: error }, message);
    else logger.warn({ err: error }, message);
    this.isFailing = true;
  }

  private inTime<T>(asked: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => {
        this.overdue += 1;
        const back = (): void => void (this.overdue -= 1);
        asked.then(back, back);
        reject(new Error(`no snapshot came within ${LOAD_MS} ms`));
      };
      const timer = setTimeout(late, LOAD_MS);
      const settled = (): void => clearTimeout(timer);
      asked.then(settled, settled);
      asked.then(resolve, reject);
    });
  }
}
