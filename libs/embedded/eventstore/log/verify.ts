import { lockFolder } from '../../../runtime';
import { openCheckedReads, streamPlace, type CheckedReads } from './checked-reads';
import { DamageError } from './damage';
import type { Head } from './heads';
import { eventsFileIn } from '../open-node';
import { checkPages, PageError } from './page-check';
import {
  createdMsOf,
  flawOf,
  holdsEvent,
  linkOf,
  previousLinkOf,
  revisionOf,
  streamBytesOf,
  streamNumberOf,
  TOMBSTONE_REVISION,
} from './record';
import { HEAD_SLOT, openTables, readTail, type Tables, type Tail } from './tables';

export interface Findings {
  readonly events: number;
  readonly streams: number;
  /** Of the newest event; undefined without any. */
  readonly lastPosition: number | undefined;
  /** The places that are damaged, as many as are worth reading. */
  readonly damages: readonly string[];
  readonly damageCount: number;
}

/** Hears how much of what has been looked at; the whole is an estimate. */
export type OnProgress = (what: string, done: number, whole: number) => void;

const NAMED_DAMAGES = 20;
const TELL_EVERY = 10_000;
const KNOWN_HEADS = 100_000;

/**
 * Reads all that a node has stored: pages, checksums, order, and whether log, index and names agree. Throws when the
 * folder holds no event store or is in use; damage is a finding.
 */
export async function verifyFolder(folder: string, onProgress: OnProgress): Promise<Findings> {
  const file = eventsFileIn(folder);
  const lock = await lockFolder(folder);
  try {
    return verifyFile(file, onProgress);
  } finally {
    await lock.release();
  }
}

interface Inspection {
  readonly file: string;
  readonly tables: Tables;
  readonly reads: CheckedReads;
  readonly tail: Tail;
  readonly onProgress: OnProgress;
  readonly report: (damage: string) => void;
}

function verifyFile(file: string, onProgress: OnProgress): Findings {
  const damages: string[] = [];
  let damageCount = 0;
  const report = (damage: string): void => {
    damageCount += 1;
    if (damages.length < NAMED_DAMAGES) damages.push(damage);
  };
  const nothing = { events: 0, streams: 0, lastPosition: undefined };
  const pageFlaw = verifyPages(file, onProgress);
  // Behind a damaged page nothing can be reached, and what reads on blindly can crash.
  if (pageFlaw) return { ...nothing, damages: [pageFlaw], damageCount: 1 };
  const tables = openTables(file, true);
  try {
    const tail = readTail(tables);
    if (!tail) throw new Error('it has no note of where its log ends');
    const reads = openCheckedReads(file, tables);
    const inspection: Inspection = { file, tables, reads, tail, onProgress, report };
    const log = verifyLog(inspection);
    const indexed = verifyIndex(inspection);
    if (indexed.events !== log.indexed) {
      report(`the index has ${indexed.events} events, the log ${log.indexed}`);
    }
    const streams = verifyHeads(inspection, indexed);
    return { events: log.events, streams, lastPosition: log.lastPosition, damages, damageCount };
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    return { ...nothing, damages, damageCount };
  } finally {
    void tables.env.close();
  }
}

function verifyPages(file: string, onProgress: OnProgress): string | undefined {
  try {
    for (const [done, whole] of checkPages(file, 'all')) onProgress('pages', done, whole);
    return undefined;
  } catch (error) {
    if (error instanceof PageError) return error.message;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Every record by itself, its place in the chain, and that index and heads lead to it. */
function verifyLog({ tables, reads, tail, onProgress, report }: Inspection) {
  const headOf = rememberedHeads(reads);
  const result = { events: 0, indexed: 0, lastPosition: undefined as number | undefined };
  let link: number | undefined = 0;
  let createdMs = 0;
  let seen = 0;
  for (const { key: position, value: row } of tables.log.getRange({ snapshot: false })) {
    seen += 1;
    if (seen % TELL_EVERY === 0) onProgress('records', position, tail.position);
    const flaw = flawOf(row, position);
    if (flaw) {
      report(`position ${position}: ${flaw}`);
      link = undefined;
      continue;
    }
    if (link !== undefined && previousLinkOf(row) !== link) {
      report(`position ${position}: records before it are missing or of another log`);
    }
    link = linkOf(row);
    if (position >= tail.position)
      report(`position ${position}: it lies beyond the end of the log`);
    if (!holdsEvent(row)) continue;
    if (createdMsOf(row) < createdMs)
      report(`position ${position}: it is older than the event before it`);
    createdMs = createdMsOf(row);
    result.events += 1;
    result.lastPosition = position;
    if (revisionOf(row) !== TOMBSTONE_REVISION) result.indexed += 1;
    const problem = found(() => placeFlaw(row, position, reads, headOf));
    if (problem) report(`position ${position}: ${problem}`);
  }
  if (link !== undefined && link !== tail.link) {
    report(`position ${tail.position}: the newest records before it are missing`);
  }
  return result;
}

/** What is wrong with how an event is found, if anything. */
function placeFlaw(
  row: Buffer,
  position: number,
  reads: CheckedReads,
  headOf: (stream: string) => Head | undefined,
): string | undefined {
  const stream = streamBytesOf(row).toString('utf8');
  const revision = revisionOf(row);
  const event = `revision ${revision} of stream ${stream}`;
  const head = headOf(stream);
  if (!head) return `the stream of ${event} has no head`;
  if (head.number !== streamNumberOf(row)) return `${event} has the number of another stream`;
  if (revision === TOMBSTONE_REVISION) {
    return head.tombstoned ? undefined : `the head of ${stream} does not know of its tombstone`;
  }
  if (revision < head.first || revision > head.last) return `${event} is not within its head`;
  const indexed = reads.position(head.number, revision);
  return indexed === position ? undefined : `the index leads from ${event} to position ${indexed}`;
}

function rememberedHeads(reads: CheckedReads): (stream: string) => Head | undefined {
  const known = new Map<string, Head | undefined>();
  return (stream) => {
    if (known.has(stream)) return known.get(stream);
    const head = reads.head(stream);
    if (known.size >= KNOWN_HEADS) known.clear();
    known.set(stream, head);
    return head;
  };
}

/** The revisions of each stream, without a hole, up to what its head says; counts heads by the way. */
function verifyIndex({ tables, reads, onProgress, report }: Inspection) {
  const whole = tables.index.getStats() as { readonly entryCount: number };
  let events = 0;
  let heads = 0;
  let streams = 0;
  let stream: number | undefined;
  let first = 0;
  let last = -1;
  const endStream = (): void => {
    if (stream === undefined) return;
    streams += 1;
    const place = `stream number ${stream}, revision ${last}`;
    const problem = found(() => {
      const row = reads.event(stream!, last)?.row;
      const name = row && streamBytesOf(row).toString('utf8');
      const head = name === undefined ? undefined : reads.head(name);
      if (!head || head.number !== stream) return 'no head leads to it';
      return head.first === first && head.last === last
        ? undefined
        : `the index has revisions ${first} to ${last} of ${name}, its head ${head.first} to ${head.last}`;
    });
    if (problem) report(`${place}: ${problem}`);
  };
  for (const key of tables.index.getKeys({ snapshot: false })) {
    const [number, revision] = key;
    if ((events + heads) % TELL_EVERY === 0) {
      onProgress('index entries', events + heads, whole.entryCount);
    }
    if (revision === HEAD_SLOT) {
      heads += 1;
      continue;
    }
    events += 1;
    if (number !== stream) {
      endStream();
      stream = number;
      first = revision;
    } else if (revision !== last + 1) {
      report(`stream number ${number}, revision ${last + 1}: the index has no entry for it`);
    }
    last = revision;
  }
  endStream();
  return { events, streams, heads };
}

/** Every name and the head that it leads to; answers how many streams there are. */
function verifyHeads(
  { tables, reads, tail, report }: Inspection,
  indexed: { readonly streams: number; readonly heads: number },
): number {
  let streams = 0;
  let withEvents = 0;
  for (const { key, value } of tables.names.getRange({ snapshot: false })) {
    streams += 1;
    const problem = found(() => {
      const head = reads.headBehind(key, value);
      if (head.last >= head.first) withEvents += 1;
      return head.number < tail.nextStream
        ? undefined
        : `${streamPlace(key)}: its number was never given out`;
    });
    if (problem) report(problem);
  }
  if (withEvents !== indexed.streams) {
    report(
      `${withEvents} heads say that they have events, the index has ${indexed.streams} streams`,
    );
  }
  if (indexed.heads !== streams)
    report(`the index has ${indexed.heads} heads, of ${streams} names`);
  return streams;
}

/** A damage that a read meets is what is wrong. */
function found(look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof DamageError) return `${error.place}: ${error.flaw}`;
    throw error;
  }
}
