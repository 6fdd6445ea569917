import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  clientCommand,
  commandGroup,
  gather,
  listCommand,
  showList,
  showOne,
  write,
  writeCommand,
  type ClientOptions,
  type ListOptions,
  type WriteOptions,
} from './client-command';

interface DetailOptions extends WriteOptions {
  readonly sku: string;
  readonly name?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly description?: string;
  readonly category?: string;
  readonly pack?: readonly Pack[];
  /** false: --no-packs. */
  readonly packs?: boolean;
  readonly countVarianceLimit?: string;
  readonly safetyStock?: string;
  readonly reorderThreshold?: string;
  readonly maximum?: string;
  readonly locationSafetyStock?: readonly AtLocation[];
  readonly locationThreshold?: readonly AtLocation[];
  readonly locationMaximum?: readonly AtLocation[];
  readonly attribute?: Readonly<Record<string, string>>;
  readonly alias?: readonly string[];
  readonly barcode?: readonly string[];
  readonly tracking?: string;
  readonly qcRequired?: boolean;
  readonly allocationPolicy?: string;
}

interface Pack {
  readonly unit: string;
  readonly numerator: number;
  readonly denominator: number;
}

interface AtLocation {
  readonly location: string;
  readonly quantity: string | null;
}

interface FilterOptions extends ListOptions {
  readonly query?: string;
  readonly category?: string;
  readonly active?: boolean;
  readonly inactive?: boolean;
  readonly barcode?: string;
  readonly alias?: string;
}

interface HistoryOptions extends ListOptions {
  readonly sku: string;
  readonly location?: string;
  readonly kind?: string;
}

const ITEMS = '/api/v1/items';
const THRESHOLD_KINDS = ['SAFETY_STOCK', 'REORDER', 'MAXIMUM'];
const itemPath = (sku: string): string => `${ITEMS}/${encodeURIComponent(sku)}`;
const withSku = (command: Command): Command => command.requiredOption('--sku <sku>', 'the item');

/** The catalogue. Nothing here changes a quantity. */
export function itemCommand(): Command {
  return commandGroup('item', 'the catalogue of items', [
    addItem(),
    updateItem(),
    listItems(),
    withSku(clientCommand('show', 'show one item')).action(
      ({ sku, ...options }: ClientOptions & { sku: string }) => showOne(itemPath(sku), options),
    ),
    thresholdHistory(),
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
    .option(
      '--pack <unit=factor>',
      'another unit, such as box=12 or lb=45359237/100000000; may be repeated, replaces those there are',
      pack,
    )
    .option('--no-packs', 'no other units any more')
    .option(
      '--count-variance-limit <quantity>',
      'a count that differs by more waits for approval; "none" takes it away',
    )
    .option('--safety-stock <quantity>', 'kept against surprises; "none" takes it away')
    .option('--reorder-threshold <quantity>', 'stock at or below it is low; "none" takes it away')
    .option('--maximum <quantity>', 'more on hand is too much; "none" takes it away')
    .option(
      '--location-safety-stock <location=quantity>',
      'safety stock of one location, "none" takes it away; may be repeated',
      atLocation,
    )
    .option(
      '--location-threshold <location=quantity>',
      'reorder threshold of one location, "none" takes it away; may be repeated',
      atLocation,
    )
    .option(
      '--location-maximum <location=quantity>',
      'maximum of one location, "none" takes it away; may be repeated',
      atLocation,
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
  const { attribute, alias, barcode, pack, packs } = options;
  return {
    name,
    description,
    category: category === '' ? null : category,
    units: packs === false ? [] : pack,
    countVarianceLimit: orNone(options.countVarianceLimit),
    safetyStock: orNone(options.safetyStock),
    reorderThreshold: orNone(options.reorderThreshold),
    maximum: orNone(options.maximum),
    thresholds: thresholdsOf(options),
    attributes: attribute,
    aliases: alias,
    barcodes: barcode,
    tracking,
    qcRequired,
    allocationPolicy,
  };
}

/** Each location once, with everything that is told of it. */
function thresholdsOf(options: Omit<DetailOptions, 'sku'>): object[] | undefined {
  const told = [
    ['safetyStock', options.locationSafetyStock],
    ['reorderThreshold', options.locationThreshold],
    ['maximum', options.locationMaximum],
  ] as const;
  const places = new Map<string, object>();
  for (const [kind, list = []] of told) {
    for (const { location, quantity } of list) {
      places.set(location, { location, ...places.get(location), [kind]: quantity });
    }
  }
  return places.size === 0 ? undefined : [...places.values()];
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

const thresholdHistory = (): Command =>
  withSku(listCommand('threshold-history', 'every change of its thresholds'))
    .option('--location <code>', 'of this location')
    .addOption(new Option('--kind <kind>', 'of this kind').choices(THRESHOLD_KINDS))
    .action(async ({ sku, location, kind, ...options }: HistoryOptions) => {
      const change = ['location', 'kind', 'was', 'threshold', 'unit'];
      const columns = ['recordedAt', ...change, 'reason', 'actor'];
      await showList(`${itemPath(sku)}/threshold-history`, { location, kind }, columns, options);
    });

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

function atLocation(text: string, earlier: readonly AtLocation[] = []): readonly AtLocation[] {
  const [location, quantity] = splitAt(text, 'SHOP-1=5');
  return [...earlier, { location, quantity: orNone(quantity) ?? null }];
}

function pack(text: string, earlier: readonly Pack[] = []): readonly Pack[] {
  const [unit, factor] = splitAt(text, 'box=12');
  const parts = /^([1-9]\d{0,14})(?:\/([1-9]\d{0,14}))?$/.exec(factor);
  if (!parts) throw new InvalidArgumentError('the factor looks like 12 or 1/1000');
  const [, numerator, denominator = '1'] = parts;
  return [...earlier, { unit, numerator: Number(numerator), denominator: Number(denominator) }];
}

function splitAt(text: string, example: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new InvalidArgumentError(`it looks like ${example}`);
}
