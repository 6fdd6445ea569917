import { Option, type Command } from 'commander';
import { commandGroup, listCommand, showList, type ListOptions } from './client-command';

interface FilterOptions extends ListOptions {
  readonly sku?: string;
  readonly category?: string;
  readonly location?: string;
  readonly state?: string;
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
