import { Option, type Command } from 'commander';
import { commandGroup, listCommand, showList, type ListOptions } from './client-command';

interface RestatementOptions extends ListOptions {
  readonly sku?: string;
  readonly through?: string;
  readonly location?: string;
}

interface FilterOptions extends ListOptions {
  readonly sku?: string;
  readonly category?: string;
  readonly location?: string;
  readonly state?: string;
}

interface WayOptions extends ListOptions {
  readonly sku?: string;
  readonly from?: string;
  readonly to?: string;
  readonly lot?: string;
}

const STATES = ['OUT_OF_STOCK', 'BELOW_SAFETY_STOCK', 'BELOW_REORDER', 'ABOVE_MAXIMUM'];

export function reportCommand(): Command {
  return commandGroup('report', 'reports over the whole stock', [
    report('inventory', 'every item with its stock', [
      'sku',
      'name',
      'location',
      'onHand',
      'reserved',
      'available',
      'received',
      'issued',
      'adjusted',
      'unit',
    ]),
    report('low-stock', 'active items at or below their reorder threshold, or in a state', [
      'sku',
      'name',
      'location',
      'state',
      'threshold',
      'onHand',
      'available',
      'shortBy',
      'unit',
    ]).addOption(new Option('--state <state>', 'only what is in this state').choices(STATES)),
    inTransit(),
    restatements(),
  ]);
}

const report = (name: string, description: string, columns: readonly string[]): Command =>
  listCommand(name, description)
    .option('--sku <sku>', 'of this item')
    .option('--category <category>', 'of items of this category')
    .option('--location <code>', 'at this location')
    .action(async ({ sku, category, location, state, ...options }: FilterOptions) => {
      const filter = { sku, category, location, state };
      await showList(`/api/v1/reports/${name}`, filter, columns, options);
    });

const inTransit = (): Command =>
  listCommand('in-transit', 'what has left one location and is not yet at another')
    .option('--sku <sku>', 'of this item')
    .option('--from <code>', 'sent from this location')
    .option('--to <code>', 'sent to this location')
    .option('--lot <code>', 'of this lot')
    .action(async ({ sku, from, to, lot, ...options }: WayOptions) => {
      const columns = ['sku', 'name', 'from', 'to', 'lotCode', 'quantity', 'unit', 'since'];
      await showList(
        '/api/v1/reports/in-transit',
        { sku, from, to, lotCode: lot },
        columns,
        options,
      );
    });

const restatements = (): Command =>
  listCommand('restatements', 'movements of closed days that came after the closing')
    .option('--through <date>', 'of this day of UTC or earlier')
    .option('--sku <sku>', 'of this item')
    .option('--location <code>', 'at this location')
    .action(async ({ through, sku, location, ...options }: RestatementOptions) => {
      await showList(
        '/api/v1/reports/restatements',
        { through, sku, location },
        [
          'effectiveAt',
          'recordedAt',
          'cause',
          'closedThrough',
          'closedAt',
          'type',
          'sku',
          'location',
          'lotCode',
          'quantity',
          'unit',
          'reason',
          'actor',
        ],
        options,
      );
    });
