import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  ask,
  clientCommand,
  commandGroup,
  gather,
  listCommand,
  showList,
  write,
  writeCommand,
  type ClientOptions,
  type ListOptions,
  type WriteOptions,
} from './client-command';
import { print, printFields } from './output';

interface DetailOptions extends WriteOptions {
  readonly sku: string;
  readonly name?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly description?: string;
  readonly category?: string;
  readonly reorderThreshold?: string;
  readonly locationThreshold?: readonly LocationThreshold[];
  readonly attribute?: Readonly<Record<string, string>>;
  readonly alias?: readonly string[];
  readonly barcode?: readonly string[];
  readonly tracking?: string;
  readonly qcRequired?: boolean;
  readonly allocationPolicy?: string;
}

interface LocationThreshold {
  readonly location: string;
  readonly reorderThreshold: string | null;
}

interface FilterOptions extends ListOptions {
  readonly query?: string;
  readonly category?: string;
  readonly active?: boolean;
  readonly inactive?: boolean;
  readonly barcode?: string;
  readonly alias?: string;
}

const ITEMS = '/api/v1/items';
const itemPath = (sku: string): string => `${ITEMS}/${encodeURIComponent(sku)}`;
const withSku = (command: Command): Command => command.requiredOption('--sku <sku>', 'the item');

/** The catalogue. Nothing here changes a quantity. */
export function itemCommand(): Command {
  return commandGroup('item', 'the catalogue of items', [
    addItem(),
    updateItem(),
    listItems(),
    withSku(clientCommand('show', 'show one item')).action(
      async ({ sku, ...options }: ClientOptions & { sku: string }) => {
        const item = await ask(itemPath(sku), options);
        if (options.json) print(JSON.stringify(item));
        else printFields(item);
      },
    ),
    switchItem('deactivate', 'no more receipts; what is there can still be issued and counted'),
    switchItem('reactivate', 'take receipts again'),
  ]);
}

const addItem = (): Command =>
  withDetails(
    withSku(writeCommand('add', 'register an item'))
      .option('--unit <unit>', 'unit of every quantity (default: each); stays as registered')
      .option('--decimals <n>', 'decimals of every quantity (default: 0)', decimals),
  ).action(({ sku, unit, decimals, ...options }: DetailOptions) =>
    write('POST', ITEMS, { sku, unit, decimals, ...detailsOf(options) }, options),
  );

const updateItem = (): Command =>
  withDetails(withSku(writeCommand('update', 'change what is given, leave the rest'))).action(
    ({ sku, ...options }: Omit<DetailOptions, 'unit' | 'decimals'>) =>
      write('PATCH', itemPath(sku), detailsOf(options), options),
  );

const withDetails = (command: Command): Command =>
  command
    .option('--name <name>', 'what people call it')
    .option('--reorder-threshold <quantity>', 'stock at or below it is low; "none" takes it away')
    .option(
      '--location-threshold <location=quantity>',
      'threshold of one location, "none" takes it away; may be repeated',
      locationThreshold,
    )
    .option('--category <category>', 'category; "" takes it away')
    .option('--description <text>', 'description')
    .option(
      '--attribute <name=value>',
      'attribute; may be repeated, replaces those there are',
      attribute,
    )
    .option('--alias <alias>', 'another name; may be repeated, replaces those there are', gather)
    .option('--barcode <code>', 'barcode; may be repeated, replaces those there are', gather)
    .addOption(
      new Option('--tracking <how>', 'lot: every receipt has a lot').choices(['none', 'lot']),
    )
    .option('--qc-required', 'receipts wait in quarantine for quality control')
    .option('--no-qc-required', 'receipts are approved as they come')
    .addOption(
      new Option('--allocation-policy <policy>', 'which lot goes first').choices([
        'FIFO',
        'FEFO',
        'LIFO',
      ]),
    );

function detailsOf(options: Omit<DetailOptions, 'sku'>): object {
  const { name, description, category, tracking, qcRequired, allocationPolicy } = options;
  const { reorderThreshold, locationThreshold, attribute, alias, barcode } = options;
  return {
    name,
    description,
    category: category === '' ? null : category,
    reorderThreshold: orNone(reorderThreshold),
    reorderThresholds: locationThreshold,
    attributes: attribute,
    aliases: alias,
    barcodes: barcode,
    tracking,
    qcRequired,
    allocationPolicy,
  };
}

const listItems = (): Command =>
  listCommand('list', 'list items')
    .option('--query <text>', 'part of the SKU or of the name')
    .option('--category <category>', 'of this category')
    .option('--active', 'active ones only')
    .option('--inactive', 'inactive ones only')
    .option('--barcode <code>', 'with this barcode')
    .option('--alias <alias>', 'with this alias')
    .action(
      async ({ query, category, active, inactive, barcode, alias, ...options }: FilterOptions) => {
        const filter = {
          q: query,
          category,
          active: active ?? (inactive ? false : undefined),
          barcode,
          alias,
        };
        const columns = ['sku', 'name', 'unit', 'category', 'reorderThreshold', 'active'];
        await showList(ITEMS, filter, columns, options);
      },
    );

const switchItem = (word: 'deactivate' | 'reactivate', description: string): Command =>
  withSku(writeCommand(word, description)).action(
    ({ sku, ...options }: WriteOptions & { sku: string }) =>
      write('POST', `${itemPath(sku)}/${word}`, {}, options),
  );

const orNone = (text: string | undefined): string | null | undefined =>
  text?.toLowerCase() === 'none' ? null : text;

function decimals(text: string): number {
  if (/^[0-6]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it is a whole number from 0 to 6');
}

function attribute(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [name, value] = splitAt(text, 'color=red');
  return { ...earlier, [name]: value };
}

function locationThreshold(
  text: string,
  earlier: readonly LocationThreshold[] = [],
): readonly LocationThreshold[] {
  const [location, quantity] = splitAt(text, 'SHOP-1=5');
  return [...earlier, { location, reorderThreshold: orNone(quantity) ?? null }];
}

function splitAt(text: string, example: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new InvalidArgumentError(`it looks like ${example}`);
}
