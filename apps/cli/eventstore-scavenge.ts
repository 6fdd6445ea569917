import { Command } from 'commander';
import { resolve } from 'node:path';
import { scavengeFolder, scavengeNode, type ScavengeReport } from '../../libs/embedded/eventstore';
import { createLogger } from '../../libs/runtime';
import { FailedError, UsageError } from './errors';

/** Removes what nobody can read any more, while the node runs or in the folder of one that does not. */
export function scavengeCommand(): Command {
  return new Command('scavenge')
    .description('remove for good what $maxCount, $maxAge, $tb, deletes and tombstones hide')
    .argument('[folder]', 'folder of a node that is stopped')
    .option('--url <url>', 'address of a running node, such as esdb://127.0.0.1:2113?tls=false')
    .action(run);
}

async function run(folder: string | undefined, { url }: { readonly url?: string }): Promise<void> {
  if ((folder === undefined) === (url === undefined)) {
    throw new UsageError(
      'say which node: --url for one that runs, or the folder of one that is stopped',
    );
  }
  if (url !== undefined) return scavengeRunning(url);
  const logger = createLogger('eventstore', 'error');
  const startedAt = Date.now();
  let toldAt = startedAt;
  const result = await scavengeFolder(resolve(folder ?? ''), logger, (progress) => {
    if (Date.now() - toldAt < 1_000) return;
    toldAt = Date.now();
    tellProgress({ ...progress });
  });
  tellEnd(result.events, result.bytes, Date.now() - startedAt);
}

async function scavengeRunning(url: string): Promise<void> {
  const startedAt = Date.now();
  const { data } = await scavengeNode(url, (report: ScavengeReport) => {
    if (report.type === '$scavengeProgress') tellProgress(report.data);
  });
  if (data.result !== 'Success') {
    throw new FailedError(`the scavenge ended early: ${String(data.result)} ${String(data.error)}`);
  }
  tellEnd(Number(data.eventsRemoved ?? NaN), Number(data.spaceSaved), Date.now() - startedAt);
}

function tellProgress({ streamsDone, streams, events }: Readonly<Record<string, unknown>>): void {
  process.stderr.write(
    `${String(streamsDone)} of ${String(streams)} streams, ${String(events)} events removed\n`,
  );
}

function tellEnd(events: number, bytes: number, ms: number): void {
  const count = Number.isNaN(events) ? '' : `${events} events, `;
  console.log(`scavenged: ${count}${bytes} bytes free to be used again, ${ms} ms`);
}
