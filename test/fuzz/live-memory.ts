import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'undici';
import type { System } from '../support/system';

export interface LiveMemory {
  /** Bytes that are reachable. */
  readonly heap: number;
  /** Bytes of the process, with nothing left to collect. */
  readonly resident: number;
}

/** With this in the environment the debugger of a process takes a free port. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' };

/**
 * What the api holds when all garbage is gone. V8 collects when it likes, so that memory as it is tells nothing of a leak;
 * its debugger, which every Node opens on SIGUSR1, collects when it is told.
 */
export async function liveMemoryOf(system: System): Promise<LiveMemory> {
  process.kill(system.pids().api ?? 0, 'SIGUSR1');
  const address = await debuggerOf(system);
  const socket = new WebSocket(address);
  await once(socket as never, 'open');
  let id = 0;
  const call = async (method: string, params: object = {}): Promise<unknown> => {
    id += 1;
    socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [{ data }] = (await once(socket as never, 'message')) as [{ data: string }];
      const answer = JSON.parse(data) as { id?: number; result?: unknown };
      if (answer.id === id) return answer.result;
    }
  };
  await call('HeapProfiler.collectGarbage');
  await call('HeapProfiler.collectGarbage');
  const expression = 'JSON.stringify(process.memoryUsage())';
  const told = (await call('Runtime.evaluate', { expression })) as { result: { value: string } };
  socket.close();
  const { heapUsed, rss } = JSON.parse(told.result.value) as { heapUsed: number; rss: number };
  return { heap: heapUsed, resident: rss };
}

async function debuggerOf(system: System): Promise<string> {
  for (;;) {
    const [, address] = /Debugger listening on (ws:\/\/\S+)/.exec(system.logOf('api')) ?? [];
    if (address !== undefined) return address;
    await wait(10);
  }
}
