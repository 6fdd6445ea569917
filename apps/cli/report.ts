import type { Command } from 'commander';
import { commandGroup, listCommand, showList, type ListOptions } from './client-command';

interface FilterOptions extends ListOptions {
  readonly sku?: string;
  readonly category?: string;
  readonly location?: string;
}

interface WayOptions extends ListOptions {
  readonly sku?: string;
  readonly from?: string;
  readonly to?: string;
  readonly lot?: string;
}

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
    report('low-stock', 'active items at or below their reorder threshold', [
      'sku',
      'name',
      'location',
      'threshold',
      'onHand',
      'available',
      'shortBy',
      'unit',
    ]),
    inTransit(),
  ]);
}

const report = (name: string, description: string, columns: readonly string[]): Command =>
  listCommand(name, description)
    .option('--sku <sku>', 'of this item')
    .option('--category <category>', 'of items of this category')
    .option('--location <code>', 'at this location')
    .action(async ({ sku, category, location, ...options }: FilterOptions) => {
      await showList(`/api/v1/reports/${name}`, { sku, category, location }, columns, options);
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
