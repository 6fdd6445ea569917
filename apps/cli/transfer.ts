import type { Command } from 'commander';
import { TRANSFER_STATUSES } from '../../libs/domain';
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

interface ReceiveOptions extends WriteOptions, Named {
  readonly quantity?: string;
  readonly missing?: string;
  readonly unit?: string;
  readonly lot?: string;
}

interface SendOptions extends WriteOptions {
  readonly sku: string;
  readonly to: string;
  readonly quantity: string;
  readonly from?: string;
  readonly unit?: string;
  readonly lot?: string;
  readonly immediate?: boolean;
  readonly reference?: string;
}

const TRANSFERS = '/api/v1/transfers';
const transferPath = (id: string): string => `${TRANSFERS}/${encodeURIComponent(id)}`;
const withId = (command: Command): Command => command.requiredOption('--id <id>', 'the transfer');

/** Stock on its way from one location to another. */
export function transferCommand(): Command {
  return commandGroup('transfer', 'stock on its way from one location to another', [
    filteredList(
      'list',
      'list transfers, newest first',
      TRANSFERS,
      [
        ['--sku <sku>', 'of this item'],
        ['--from <code>', 'sent from this location'],
        ['--to <code>', 'sent to this location'],
        ['--status <status>', 'with this status', { choices: TRANSFER_STATUSES }],
      ],
      LIST_COLUMNS,
    ),
    withId(clientCommand('show', 'show one transfer, with its lots')).action(
      ({ id, ...options }: ClientOptions & Named) => showOne(transferPath(id), options),
    ),
    receive(),
    withId(
      writeCommand('cancel', 'call off what is outstanding: it is back where it was sent from'),
    ).action(({ id, ...options }: WriteOptions & Named) =>
      write('POST', `${transferPath(id)}/cancel`, {}, options),
    ),
  ]);
}

const LIST_COLUMNS = [
  'transferId',
  'sku',
  'from',
  'to',
  'status',
  'quantity',
  'received',
  'outstanding',
  'unit',
  'dispatchedAt',
];

const receive = (): Command =>
  withId(writeCommand('receive', 'it has come: in whole, in part, or with goods missing'))
    .option('--quantity <quantity>', 'what has come (default: all that is not missing)')
    .option('--missing <quantity>', 'what will not come any more; needs a --reason')
    .option('--unit <unit>', 'of both quantities (default: the unit of the item)')
    .option('--lot <code>', 'lot code (default: all, in the order of dispatch)')
    .action(({ id, quantity, missing, unit, lot, ...options }: ReceiveOptions) => {
      const body = { quantity, missing, unit, lotCode: lot };
      return write('POST', `${transferPath(id)}/receive`, body, options);
    });

/** A member of `inv stock`, beside the other movements. */
export const sendCommand = (): Command =>
  writeCommand('transfer', 'send stock to another location, where it is on its way until received')
    .requiredOption('--sku <sku>', 'the item')
    .requiredOption('--quantity <quantity>', 'such as 12 or 1.250')
    .requiredOption('--to <code>', 'where it goes')
    .option('--from <code>', 'where it is sent from (default: MAIN)')
    .option('--unit <unit>', 'of the quantity (default: the unit of the item)')
    .option('--lot <code>', 'this lot, whatever its status (default: what may be used, by policy)')
    .option('--immediate', 'it is received in the same breath')
    .option('--reference <text>', 'the document behind it, such as TO-12')
    .action(({ sku, from, to, quantity, unit, lot, ...options }: SendOptions) => {
      const { immediate, reference } = options;
      const body = { sku, from, to, quantity, unit, lotCode: lot, immediate, reference };
      return write('POST', '/api/v1/inventory/transfer', body, options);
    });
