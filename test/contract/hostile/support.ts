import { rm } from 'node:fs/promises';
import {
  HOSTILE,
  openHostility,
  startEventNode,
  type HostileProfile,
  type Hostility,
  type RunningEventNode,
} from '../../../libs/embedded/eventstore';
import { createLogger } from '../../../libs/runtime';
import { newFolder } from '../event-node/support';

export const logger = createLogger('test', 'silent');

/**
 * Each is a run of its own; `HOSTILE_SEEDS=5,17 npx jest test/contract/hostile --selectProjects contract` runs others, or
 * one that failed again. A seed decides what the node does to the n-th call of a kind; which call comes n-th may differ.
 */
export const seedsOr = (byDefault: readonly number[]): readonly number[] =>
  process.env.HOSTILE_SEEDS?.split(',').map(Number) ?? byDefault;

/** A node that misbehaves, and afterwards an ordinary one on the same folder, to see what has become of it. */
export interface HostileNode {
  readonly url: string;
  readonly hostility: Hostility;
  /** Stops the node and starts an ordinary one in its place. */
  settle(): Promise<string>;
  close(): Promise<void>;
}

export async function startHostileNode(
  seed: number,
  profile: Partial<HostileProfile> = {},
): Promise<HostileNode> {
  const hostility = openHostility(seed, { ...HOSTILE, longestNotReadyMs: 300, ...profile });
  const dataFolder = await newFolder();
  const place = { dataFolder, host: '127.0.0.1', port: 0, logger };
  let node: RunningEventNode = await startEventNode({ ...place, hostility });
  return {
    url: node.url,
    hostility,
    async settle() {
      await node.stop();
      node = await startEventNode(place);
      return node.url;
    },
    async close() {
      await node.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
