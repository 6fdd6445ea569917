import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../runtime';
import { EVENTS_FILE, openNode } from './open-node';
import { scavenge, type ScavengeProgress } from './scavenge';

/** Scavenges a folder that no node serves at the moment. Throws when there is none or one serves it. */
export async function scavengeFolder(
  dataFolder: string,
  logger: Logger,
  onProgress: (progress: ScavengeProgress) => void,
): Promise<ScavengeProgress> {
  if (!existsSync(join(dataFolder, EVENTS_FILE))) {
    throw new Error(`${dataFolder} holds no events of an event node: there is no ${EVENTS_FILE}`);
  }
  const { node, close } = await openNode({ dataFolder, logger });
  try {
    return await scavenge(node.store, node.writer, new AbortController().signal, onProgress);
  } finally {
    await close();
  }
}
