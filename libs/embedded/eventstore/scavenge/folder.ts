import type { Logger } from '../../../runtime';
import { eventsFileIn, openNode } from '../open-node';
import { scavenge, type ScavengeProgress } from './scavenge';

/** Scavenges a folder that no node serves at the moment. Throws when there is none or one serves it. */
export async function scavengeFolder(
  dataFolder: string,
  logger: Logger,
  onProgress: (progress: ScavengeProgress) => void,
): Promise<ScavengeProgress> {
  eventsFileIn(dataFolder);
  const { node, close } = await openNode({ dataFolder, logger });
  try {
    return await scavenge(node.store, node.writer, new AbortController().signal, onProgress);
  } finally {
    await close();
  }
}
