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
  const logs = large ? [small, large] : [small];
  try {
    await measureNodes(figures, seconds, logs);
    for (const log of logs) await measureStorage(figures, seconds, log);
    await measureEmpty(figures, seconds, small);
  } finally {
    await removeLog(small);
  }
}

/** The same work on the nodes of all logs. */
async function measureNodes(
  figures: Figures,
  seconds: number,
  logs: readonly Log[],
): Promise<void> {
  const nodes: Running[] = [];
  try {
    for (const log of logs) nodes.push({ log, node: await startNode(figures, log) });
    say('official client on the event node');
    const loads = await loadByClient(nodes, seconds);
    for (const { log, node } of nodes) noteMemory(figures, log, 'after all below', node.pid);
    WORKS.forEach(({ section, unit, asked }, job) => {
      logs.forEach((log, i) => {
        const load = loads[job]![i]!;
        const name = `official client, ${text(log.events)} events`;
        figures.note(section, name, unit, perSecond(load), asked);
        noteCpu(figures, section, log, load);
      });
      const [before, after] = loads[job]!;
      if (before && after) noteSlower(figures, section, before, after);
    });
  } finally {
    for (const { node } of nodes) await node.stop();
  }
}

interface Running {
  readonly log: Log;
  readonly node: ServingProcess;
}

async function startNode(figures: Figures, log: Log): Promise<ServingProcess> {
  say(`event node with ${text(log.events)} events`);
  const node = await serve('apps/cli/main', ['eventstore', '--port', '0', '--data', log.folder]);
  figures.note(nodeSection(log), 'ready after', 's', node.readyMs / 1000, { atMost: READY_S });
  noteMemory(figures, log, 'at its start', node.pid);
  return node;
}

function loadByClient(nodes: readonly Running[], seconds: number): Promise<Load[][]> {
  const targets = nodes.map(({ log, node: { url, pid } }) => ({ url, serverPid: pid, log }));
  const load: ClientLoad = { targets, jobs: WORKS.map(({ job }) => job), seconds };
  return measure<Load[][]>('event-node/client-load', [JSON.stringify(load)]);
}

function noteSlower(figures: Figures, section: string, before: Load, after: Load): void {
  const slower = perSecond(before) / perSecond(after);
  const asked = { atMost: SLOWER_AT_MOST };
  figures.note(section, `  times slower than with ${text(SMALL)}`, 'x', slower, asked);
}

function noteCpu(figures: Figures, section: string, { events }: Log, load: Load): void {
  const { ownCpuSeconds, serverCpuSeconds, count } = load;
  if (serverCpuSeconds === undefined) return;
  const name = `  processor time of each, ${text(events)} events`;
  figures.note(section, `${name}: node`, 'µs', (serverCpuSeconds / count) * 1e6);
  figures.note(section, `${name}: client`, 'µs', (ownCpuSeconds / count) * 1e6);
}

function noteMemory(figures: Figures, log: Log, when: string, pid: number): void {
  const memory = memoryOf(pid);
  if (!memory) return;
  const section = nodeSection(log);
  const mb = (bytes: number): number => bytes / 1e6;
  figures.note(section, `memory of its own ${when}`, 'MB', mb(memory.own), { atMost: MEMORY_MB });
  const inAll = `  ${when}, with pages of the log and of programs`;
  figures.note(section, inAll, 'MB', mb(memory.resident));
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
    const official = await loadByClient([{ log, node: server }], seconds);
    WORKS.forEach(({ section, unit, empty, job }, i) => {
      const load = bare[[...jobs.keys()].indexOf(`${empty} ${job.lanes}`)]!;
      figures.note(section, EMPTY_NAMES[empty], unit, perSecond(load));
      const name = 'official client on a server that does nothing';
      figures.note(section, name, unit, perSecond(official[i]![0]!));
    });
  } finally {
    await server.stop();
  }
}

const nodeSection = ({ events }: Log): string => `event node with ${text(events)} events`;
const text = (events: number): string => events.toLocaleString('en');
