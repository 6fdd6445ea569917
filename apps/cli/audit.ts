import type { Command } from 'commander';
import { filteredList } from './client-command';

export const auditCommand = (): Command =>
  filteredList(
    'audit',
    'every event, newest first: who, what, when, where, why',
    '/api/v1/audit-logs',
    [
      ['--sku <sku>', 'about this item'],
      ['--location <code>', 'at this location'],
      ['--by <actor>', 'done by this actor', { field: 'actor' }],
      ['--type <type>', 'of this type, such as StockReceived.v2'],
      ['--stream <stream>', 'of this stream'],
      ['--command-id <id>', 'of this command'],
      ['--correlation-id <id>', 'that came with it, such as those of an import'],
      ['--from <instant>', 'recorded from then on'],
      ['--to <instant>', 'recorded before then'],
    ],
    ['recordedAt', 'actor', 'type', 'sku', 'location', 'reason', 'effectiveAt', 'data'],
  );
