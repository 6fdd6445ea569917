import { Option, type Command } from 'commander';
import { COUNT_KINDS } from '../../libs/domain';
import {
  clientCommand,
  commandGroup,
  filteredList,
  showOne,
  wholeNumber,
  write,
  writeCommand,
  type ClientOptions,
  type WriteOptions,
} from './client-command';

interface Named {
  readonly id: string;
}

interface RecordOptions extends WriteOptions {
  readonly sku: string;
  readonly counted: string;
  readonly revision: number;
  readonly location?: string;
  readonly lot?: string;
  readonly unit?: string;
  readonly kind?: string;
  readonly blind?: boolean;
  readonly id?: string;
  readonly reference?: string;
}

const COUNTS = '/api/v1/counts';
const STATUSES = ['PENDING', 'APPLIED', 'REJECTED'];
const LIST_COLUMNS = [
  'countId',
  'sku',
  'location',
  'lotCode',
  'kind',
  'status',
  'counted',
  'book',
  'variance',
  'unit',
  'countedBy',
  'countedAt',
];

const pathOf = (id: string): string => `${COUNTS}/${encodeURIComponent(id)}`;
const withId = (command: Command): Command => command.requiredOption('--id <id>', 'the count');

/** What is on the shelves, and whether the books follow. */
export function countCommand(): Command {
  return commandGroup('count', 'what is on the shelves, and whether the books follow', [
    filteredList(
      'sheet',
      'what there is to count at a place, without how much',
      '/api/v1/reports/count-sheet',
      [
        ['--location <code>', 'at this location (default: MAIN)'],
        ['--sku <sku>', 'of this item'],
      ],
      ['sku', 'name', 'location', 'lotCode', 'unit', 'revision'],
    ),
    record(),
    filteredList(
      'list',
      'list counts with what they were off by, oldest first',
      COUNTS,
      [
        ['--sku <sku>', 'of this item'],
        ['--location <code>', 'at this location'],
        ['--lot <code>', 'of this lot', { field: 'lotCode' }],
        ['--status <status>', 'with this status', { choices: STATUSES }],
        ['--kind <kind>', 'of this kind', { choices: COUNT_KINDS }],
        ['--counted-by <actor>', 'by this person'],
        ['--reference <text>', 'of this document'],
        ['--from <instant>', 'counted from then on'],
        ['--to <instant>', 'counted before then'],
      ],
      LIST_COLUMNS,
    ),
    withId(clientCommand('show', 'show one count')).action(
      ({ id, ...options }: ClientOptions & Named) => showOne(pathOf(id), options),
    ),
    decision('approve', 'the books follow it; not by the person who counted'),
    decision('reject', 'the books stay as they are; give a reason'),
  ]);
}

const record = (): Command =>
  writeCommand('record', 'tell what was counted; the books follow, or wait for approval')
    .requiredOption('--sku <sku>', 'the item')
    .requiredOption('--counted <quantity>', 'what was there, such as 12 or 1.250')
    .requiredOption('--revision <n>', 'as the count sheet shows it for the row', wholeNumber)
    .option('--location <code>', 'where (default: MAIN)')
    .option('--lot <code>', 'lot code')
    .option('--unit <unit>', 'of what was counted (default: the unit of the item)')
    .addOption(
      new Option('--kind <kind>', 'for the books or not (default: CYCLE_COUNT)').choices(
        COUNT_KINDS,
      ),
    )
    .option('--blind', 'do not tell what the books say')
    .option('--id <id>', 'a recount: the count that waits for approval')
    .option('--reference <text>', 'the sheet or list behind it')
    .action(({ sku, counted, revision, location, lot, id, ...options }: RecordOptions) => {
      const { unit, kind, blind, reference } = options;
      const what = { sku, location, lotCode: lot, counted, unit, revision };
      const how = { kind, blind, countId: id, reference };
      return write('POST', '/api/v1/inventory/count', { ...what, ...how }, options);
    });

const decision = (word: 'approve' | 'reject', description: string): Command =>
  withId(writeCommand(word, description)).action(({ id, ...options }: WriteOptions & Named) =>
    write('POST', `${pathOf(id)}/${word}`, {}, options),
  );
