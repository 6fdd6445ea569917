import { InvalidArgumentError, Option, type Command } from 'commander';
import { ALLOCATION_POLICIES } from '../../libs/domain';
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
  readonly id: string;
}

interface NamedLot {
  readonly lotCode: string;
  readonly quantity: string;
}

interface ReserveOptions extends WriteOptions {
  readonly sku: string;
  readonly quantity?: string;
  readonly unit?: string;
  readonly location?: string;
  readonly lot?: readonly NamedLot[];
  readonly strategy?: string;
  readonly partial?: boolean;
  readonly batchId?: string;
  readonly reference?: string;
  readonly expiresAt?: string;
}

interface PartOptions extends WriteOptions, Named {
  readonly quantity?: string;
  readonly unit?: string;
  readonly purpose?: string;
  readonly reference?: string;
}

const RESERVATIONS = '/api/v1/reservations';
const STATUSES = ['ACTIVE', 'PARTIAL', 'COMPLETED', 'RELEASED', 'EXPIRED'];
const LIST_COLUMNS = [
  'reservationId',
  'sku',
  'location',
  'status',
  'totalQuantity',
  'allocatedQuantity',
  'issuedQuantity',
  'short',
  'unit',
  'batchId',
  'reference',
  'expiresAt',
];

const pathOf = (id: string): string => `${RESERVATIONS}/${encodeURIComponent(id)}`;
const withId = (command: Command): Command =>
  command.requiredOption('--id <id>', 'the reservation');

/** Stock that is set aside for a demand. */
export function reservationCommand(): Command {
  return commandGroup('reservation', 'stock that is set aside for a demand', [
    filteredList(
      'list',
      'list reservations, newest first',
      RESERVATIONS,
      [
        ['--sku <sku>', 'of this item'],
        ['--location <code>', 'at this location'],
        ['--status <status>', 'with this status', { choices: STATUSES }],
        ['--batch-id <text>', 'for this batch'],
        ['--reference <text>', 'for this document'],
        ['--expires-before <instant>', 'open ones that end by themselves before then'],
      ],
      LIST_COLUMNS,
    ),
    withId(clientCommand('show', 'show one reservation, with its lots')).action(
      ({ id, ...options }: ClientOptions & Named) => showOne(pathOf(id), options),
    ),
    reserve(),
    part('issue', 'it goes out, in the order of its allocations')
      .option(
        '--purpose <purpose>',
        'what for: SALE, CONSUMPTION, DISPOSAL, RETURN_TO_SUPPLIER, REMOVAL or OTHER',
      )
      .option('--reference <text>', 'the document behind it, such as SO-77'),
    part('release', 'it is given up'),
    withId(writeCommand('extend', 'change when it ends by itself'))
      .requiredOption('--expires-at <instant>', 'such as 2031-03-01T18:00:00Z; "" = it does not')
      .action(({ id, expiresAt, ...options }: WriteOptions & Named & { expiresAt: string }) =>
        write('POST', `${pathOf(id)}/extend`, { expiresAt: expiresAt || null }, options),
      ),
  ]);
}

const reserve = (): Command =>
  writeCommand('reserve', 'set stock aside, all of it or nothing')
    .requiredOption('--sku <sku>', 'the item')
    .option('--quantity <quantity>', 'such as 12 or 1.250 (default: the sum of the lots)')
    .option('--unit <unit>', 'of the quantities (default: the unit of the item)')
    .option('--location <code>', 'where (default: MAIN)')
    .option('--lot <code=quantity>', 'of this lot and no other; once for each', namedLot)
    .addOption(
      new Option('--strategy <policy>', 'which lots first (default: as the item says)').choices(
        ALLOCATION_POLICIES,
      ),
    )
    .option('--partial', 'take what there is; the rest is short')
    .option('--batch-id <text>', 'what it is for')
    .option('--reference <text>', 'the document behind it, such as SO-77')
    .option('--expires-at <instant>', 'it ends by itself then (default: it does not)')
    .action(({ sku, quantity, unit, location, lot: lots, ...options }: ReserveOptions) => {
      const { strategy, partial, batchId, reference, expiresAt } = options;
      const what = { sku, quantity, unit, location, lots, strategy, partial };
      return write(
        'POST',
        '/api/v1/inventory/reserve',
        { ...what, batchId, reference, expiresAt },
        options,
      );
    });

const part = (word: 'issue' | 'release', description: string): Command =>
  withId(writeCommand(word, description))
    .option('--quantity <quantity>', 'how much of it (default: everything that is left)')
    .option('--unit <unit>', 'of the quantity (default: the unit of the item)')
    .action(({ id: reservationId, quantity, unit, purpose, reference, ...options }: PartOptions) =>
      write(
        'POST',
        `/api/v1/inventory/${word}`,
        { reservationId, quantity, unit, purpose, reference },
        options,
      ),
    );

/** The code may have an equals sign, the quantity none. */
function namedLot(text: string, earlier: readonly NamedLot[] = []): readonly NamedLot[] {
  const at = text.lastIndexOf('=');
  if (at <= 0) throw new InvalidArgumentError('it looks like L-2026-03=4');
  return [...earlier, { lotCode: text.slice(0, at), quantity: text.slice(at + 1) }];
}
