import type { Figures } from '../figures';
import { measure, serve, type ServingProcess } from '../measure';
import { say } from '../say';
import type { ClientLoad } from './client-load';
import type { EmptyJob } from './empty-load';
import { newLog, removeLog, type Log } from './log';
import { memoryOf } from './memory';
import { perSecond, type Load } from './timing';
import { EMPTY_NAMES, STORAGE_NAMES, WORKS } from './works';

const SMALL = 10_000;
const SLOWER_AT_MOST = 1.2;
const READY_S = 2;
const MEMORY_MB = 300;

/**
 * The official client on the node, beside what the storage engine does alone and what calls cost that do nothing, so
 * that the narrowest place shows; on a small log and, if there is one, on a large one.
 */
export async function measureEventNode(
  figures: Figures,
  seconds: number,
  large: Log | undefined,
): Promise<void> {
  const small = await newLog(SMALL);
  try {
    const before = await measureNode(figures, seconds, small);
    if (large) {
      const after = await measureNode(figures, seconds, large);
      WORKS.forEach(({ section }, i) => {
        const name = `  times slower than with ${text(SMALL)}`;
        const slower = (before[i] ?? NaN) / (after[i] ?? NaN);
        figures.note(section, name, 'x', slower, { atMost: SLOWER_AT_MOST });
      });
    }
    await measureStorage(figures, seconds, small);
    if (large) await measureStorage(figures, seconds, large);
    await measureEmpty(figures, seconds, small);
  } finally {
    await removeLog(small);
  }
}

/** Answers the rates in the order of the works. */
async function measureNode(figures: Figures, seconds: number, log: Log): Promise<number[]> {
  say(`event node with ${text(log.events)} events`);
  const node = await serve('apps/cli/main', ['eventstore', '--port', '0', '--data', log.folder]);
  try {
    const section = `event node with ${text(log.events)} events`;
    figures.note(section, 'ready after', 's', node.readyMs / 1000, { atMost: READY_S });
    noteMemory(figures, section, 'at its start', node.pid);
    const loads = await loadByClient(node, log, seconds);
    noteMemory(figures, section, 'after all below', node.pid);
    return WORKS.map(({ section, unit, asked }, i) => {
      const load = loads[i]!;
      const rate = perSecond(load);
      figures.note(section, `official client, ${text(log.events)} events`, unit, rate, asked);
      noteCpu(figures, section, log, load);
      return rate;
    });
  } finally {
    await node.stop();
  }
}

function loadByClient(server: ServingProcess, log: Log, seconds: number): Promise<Load[]> {
  const jobs = WORKS.map(({ job }) => job);
  const load: ClientLoad = { url: server.url, serverPid: server.pid, seconds, log, jobs };
  return measure<Load[]>('event-node/client-load', [JSON.stringify(load)]);
}

/** Says more than rates while others use the machine: neither can do more than 1,000,000 of these in a second. */
function noteCpu(figures: Figures, section: string, { events }: Log, load: Load): void {
  const { ownCpuSeconds, serverCpuSeconds, count } = load;
  if (serverCpuSeconds === undefined) return;
  const name = `  processor time of each, ${text(events)} events`;
  figures.note(section, `${name}: node`, 'µs', (serverCpuSeconds / count) * 1e6);
  figures.note(section, `${name}: client`, 'µs', (ownCpuSeconds / count) * 1e6);
}

function noteMemory(figures: Figures, section: string, when: string, pid: number): void {
  const memory = memoryOf(pid);
  if (!memory) return;
  const mb = (bytes: number): number => bytes / 1e6;
  figures.note(section, `memory of its own ${when}`, 'MB', mb(memory.own), { atMost: MEMORY_MB });
  figures.note(
    section,
    `  ${when}, with pages of the log and of programs`,
    'MB',
    mb(memory.resident),
  );
}

/** A kind of work that belongs to several sections is measured once. */
async function measureStorage(figures: Figures, seconds: number, log: Log): Promise<void> {
  say(`storage engine alone with ${text(log.events)} events`);
  const kinds = [...new Set(WORKS.map(({ storage }) => storage)), 'sync'] as const;
  const args = [JSON.stringify(kinds), JSON.stringify(log), seconds];
  const loads = await measure<Load[]>('event-node/storage-load', args);
  const rates = new Map(kinds.map((kind, i) => [kind, perSecond(loads[i]!)]));
  const noteIn = (section: string, kind: (typeof kinds)[number], unit: string): void => {
    const name = `${STORAGE_NAMES[kind]}, ${text(log.events)} events`;
    figures.note(section, name, unit, rates.get(kind) ?? NaN);
  };
  for (const { section, unit, storage } of WORKS) {
    noteIn(section, storage, unit);
    if (storage === 'commits') noteIn(section, 'sync', unit);
  }
}

/** Calls that do nothing, for a bare client and for the official one. */
async function measureEmpty(figures: Figures, seconds: number, log: Log): Promise<void> {
  say('empty calls');
  const server = await serve('bench/event-node/empty-server', []);
  try {
    const jobs = new Map(
      WORKS.map(({ empty, job }): [string, EmptyJob] => [
        `${empty} ${job.lanes}`,
        { work: empty, lanes: job.lanes },
      ]),
    );
    const args = [server.url, JSON.stringify([...jobs.values()]), seconds];
    const bare = await measure<Load[]>('event-node/empty-load', args);
    const official = await loadByClient(server, log, seconds);
    WORKS.forEach(({ section, unit, empty, job }, i) => {
      const load = bare[[...jobs.keys()].indexOf(`${empty} ${job.lanes}`)]!;
      figures.note(section, EMPTY_NAMES[empty], unit, perSecond(load));
      const name = 'official client on a server that does nothing';
      figures.note(section, name, unit, perSecond(official[i]!));
    });
  } finally {
    await server.stop();
  }
}

const text = (events: number): string => events.toLocaleString('en');
