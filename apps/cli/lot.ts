import type { Command } from 'commander';
import { QC_STATUSES, lotIdOf } from '../../libs/domain';
import {
  clientCommand,
  commandGroup,
  filteredList,
  showOne,
  write,
  writeCommand,
  type ClientOptions,
  type WriteOptions,
} from './client-command';

interface Named {
  readonly sku: string;
  readonly lot: string;
}

interface DecisionOptions extends WriteOptions, Named {
  readonly inspector?: string;
}

const LOTS = '/api/v1/lots';
const LIST_COLUMNS = [
  'sku',
  'lotCode',
  'qcStatus',
  'expiresOn',
  'onHand',
  'reserved',
  'available',
  'unit',
  'supplierLot',
];

/** The lots of items that are kept by lot, and what quality control says of them. */
export function lotCommand(): Command {
  return commandGroup('lot', 'lots, and what quality control says of them', [
    filteredList(
      'list',
      'list lots',
      LOTS,
      [
        ['--sku <sku>', 'of this item'],
        ['--lot <code>', 'with this code', { field: 'lotCode' }],
        ['--location <code>', 'that are or were there; sums of that place'],
        ['--status <status>', 'with this status', { field: 'qcStatus', choices: QC_STATUSES }],
        ['--expires-before <date>', 'that expire before this day'],
        ['--in-stock', 'only where something is on hand'],
      ],
      LIST_COLUMNS,
    ),
    withName(clientCommand('show', 'show one lot, where it is and what was said of it')).action(
      ({ sku, lot, ...options }: ClientOptions & Named) => showOne(lotPath(sku, lot), options),
    ),
    decision('approve', 'APPROVED', 'it may be used'),
    decision('reject', 'REJECTED', 'it may not be used'),
    decision('quarantine', 'QUARANTINE', 'it may not be used until it is judged again'),
    decision('recall', 'RECALLED', 'it is taken back, wherever it is'),
    withName(writeCommand('expiry', 'correct the last day a lot may be used'))
      .requiredOption('--expires-on <date>', 'such as 2027-06-30; "" takes it away')
      .action(({ sku, lot, expiresOn, ...options }: WriteOptions & Named & { expiresOn: string }) =>
        write('PATCH', lotPath(sku, lot), { expiresOn: expiresOn || null }, options),
      ),
  ]);
}

const withName = (command: Command): Command =>
  command.requiredOption('--sku <sku>', 'the item').requiredOption('--lot <code>', 'the lot');

/** The id has percent signs of its own, which a path encodes once more. */
const lotPath = (sku: string, lotCode: string): string =>
  `${LOTS}/${encodeURIComponent(lotIdOf(sku, lotCode))}`;

const decision = (word: string, status: string, meaning: string): Command =>
  withName(writeCommand(word, `${meaning}; tells where that is in force`))
    .option('--inspector <id>', 'who judged it, where it is not the actor')
    .action(({ sku, lot, inspector, ...options }: DecisionOptions) =>
      write('PUT', `${LOTS}/qc-status`, { sku, lotCode: lot, status, inspector }, options),
    );
