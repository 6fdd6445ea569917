import type { Command } from 'commander';
import { listCommand, showList, type ListOptions } from './client-command';

interface FilterOptions extends ListOptions {
  readonly sku?: string;
  readonly location?: string;
  readonly actor?: string;
  readonly by?: string;
  readonly type?: string;
  readonly stream?: string;
  readonly commandId?: string;
  readonly from?: string;
  readonly to?: string;
}

export function auditCommand(): Command {
  return listCommand('audit', 'every event, newest first: who, what, when, where, why')
    .option('--sku <sku>', 'about this item')
    .option('--location <code>', 'at this location')
    .option('--by <actor>', 'done by this actor')
    .option('--type <type>', 'of this type, such as StockReceived.v2')
    .option('--stream <stream>', 'of this stream')
    .option('--command-id <id>', 'of this command')
    .option('--from <instant>', 'recorded from then on')
    .option('--to <instant>', 'recorded before then')
    .action(async (options: FilterOptions) => {
      const { sku, location, by, type, stream, commandId, from, to } = options;
      const filter = { sku, location, actor: by, type, stream, commandId, from, to };
      await showList('/api/v1/audit-logs', filter, COLUMNS, options);
    });
}

const COLUMNS = ['recordedAt', 'actor', 'type', 'sku', 'location', 'reason', 'effectiveAt', 'data'];
