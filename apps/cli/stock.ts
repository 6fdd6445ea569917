import { Option, type Command } from 'commander';
import { RETURN_DISPOSITIONS } from '../../libs/domain';
import {
  ask,
  clientCommand,
  commandGroup,
  filteredList,
  gather,
  listCommand,
  showList,
  write,
  writeCommand,
  type ClientOptions,
  type ListOptions,
  type WriteOptions,
} from './client-command';
import { print, tableText } from './output';
import { reverseCommand } from './reverse';
import { sendCommand } from './transfer';

interface MovementOptions extends WriteOptions {
  readonly sku: string;
  readonly quantity: string;
  readonly unit?: string;
  readonly location?: string;
  readonly lot?: string;
  readonly expiresOn?: string;
  readonly unitCost?: string;
  readonly currency?: string;
  readonly purpose?: string;
  readonly disposition?: string;
  readonly reference?: string;
  readonly qcRequired?: boolean;
  readonly supplierLot?: string;
  readonly manufacturedOn?: string;
  readonly parentLot?: readonly string[];
}

interface FilterOptions extends ListOptions {
  readonly sku?: string;
  readonly location?: string;
  readonly lot?: string;
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What can be asked for as a type of movement, and what the api calls it. */
const HISTORY_TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  receive: { type: 'RECEIVE' },
  issue: { type: 'ISSUE' },
  adjust: { type: 'ADJUST' },
  sale: { type: 'ISSUE', purpose: 'SALE' },
  removal: { type: 'ISSUE', purpose: 'REMOVAL' },
};

export function stockCommand(): Command {
  return commandGroup('stock', 'movements of stock, and what is there', [
    movement('receive', 'stock comes in')
      .option('--purpose <purpose>', 'what for: PURCHASE, PRODUCTION, OPENING or OTHER')
      .option('--expires-on <date>', 'last day it may be used, such as 2027-06-30')
      .option('--unit-cost <amount>', 'cost of one unit, such as 12.50')
      .option('--currency <code>', 'currency of the cost (default: USD)')
      .option('--qc-required', 'into quarantine, even where the item does not ask for it')
      .option('--supplier-lot <text>', "the supplier's own name for the lot")
      .option('--manufactured-on <date>', 'the day the lot was made')
      .option('--parent-lot <id>', 'a lot it was made of, <sku>.<lot code>; once for each', gather),
    movement('issue', 'stock goes out; of a reservation: inv reservation issue').option(
      '--purpose <purpose>',
      'what for: SALE, CONSUMPTION, DISPOSAL, RETURN_TO_SUPPLIER, REMOVAL or OTHER',
    ),
    movement('adjust', 'correct what is there, up or down: --quantity -3').option(
      '--purpose <purpose>',
      'what for: CORRECTION, DAMAGE, LOSS, FOUND or OTHER',
    ),
    movement('return', 'goods come back from a customer').addOption(
      new Option(
        '--disposition <disposition>',
        'on hold until someone has looked at them (default: QUARANTINE), or straight into stock',
      ).choices(RETURN_DISPOSITIONS),
    ),
    movement('hold', 'it stays on hand, but may not be used; give a reason'),
    movement('unhold', 'it may be used again; give a reason'),
    sendCommand(),
    reverseCommand(),
    onHand(),
    level(),
    history(),
  ]);
}

type Word = 'receive' | 'issue' | 'adjust' | 'return' | 'hold' | 'unhold';

const movement = (word: Word, description: string): Command =>
  writeCommand(word, description)
    .requiredOption('--sku <sku>', 'the item')
    .requiredOption('--quantity <quantity>', 'such as 12 or 1.250')
    .option('--unit <unit>', 'of the quantity (default: the unit of the item)')
    .option('--location <code>', 'where (default: MAIN)')
    .option('--lot <code>', 'lot code')
    .option('--reference <text>', 'the document behind it, such as PO-1001')
    .action((options: MovementOptions) => {
      const { sku, quantity, unit, location, lot, expiresOn, unitCost, currency } = options;
      const { purpose, disposition, reference, qcRequired } = options;
      const where = { sku, quantity, unit, location, lotCode: lot };
      const what = { expiresOn, unitCost, currency, purpose, disposition, reference, qcRequired };
      const { supplierLot, manufacturedOn, parentLot: parentLots } = options;
      const origin = { supplierLot, manufacturedOn, parentLots };
      return write('POST', `/api/v1/inventory/${word}`, { ...where, ...what, ...origin }, options);
    });

const onHand = (): Command =>
  clientCommand('on-hand', 'what there is of one item, in all and per location')
    .requiredOption('--sku <sku>', 'the item')
    .action(async ({ sku, ...options }: ClientOptions & { sku: string }) => {
      const path = `/api/v1/inventory/summary/${encodeURIComponent(sku)}`;
      const summary = await ask(path, options);
      if (options.json) return print(JSON.stringify(summary));
      const { locations = [], ...all } = summary as { locations?: Record<string, unknown>[] };
      print(tableText([...locations, { ...all, location: 'all' }], PLACE_COLUMNS));
    });

const SUM_COLUMNS = ['onHand', 'reserved', 'available', 'unit'];
const PLACE_COLUMNS = ['location', ...SUM_COLUMNS];

const level = (): Command =>
  filteredList(
    'level',
    'stock per item, location and lot',
    '/api/v1/stock-levels',
    [
      ['--sku <sku>', 'of this item'],
      ['--location <code>', 'at this location'],
      ['--lot <code>', 'of this lot', { field: 'lotCode' }],
    ],
    ['sku', 'location', 'lotCode', ...SUM_COLUMNS, 'qcStatus', 'expiresOn'],
  );

const history = (): Command =>
  listCommand('history', 'movements, newest first, each with the balance after it')
    .option('--sku <sku>', 'of this item')
    .option('--location <code>', 'at this location')
    .option('--lot <code>', 'of this lot')
    .addOption(new Option('--type <type>', 'of this type').choices(Object.keys(HISTORY_TYPES)))
    .option('--from <instant>', 'from then on, by the time it happened')
    .option('--to <instant>', 'before then')
    .action(async ({ sku, location, lot, type, from, to, ...options }: FilterOptions) => {
      const filter = { sku, location, lotCode: lot, from, to, ...HISTORY_TYPES[type ?? ''] };
      await showList('/api/v1/stock-movements', filter, HISTORY_COLUMNS, options);
    });

const HISTORY_COLUMNS = [
  'effectiveAt',
  'type',
  'purpose',
  'sku',
  'location',
  'lotCode',
  'quantity',
  'balance',
  'unit',
  'reference',
  'reason',
  'actor',
];
