import type { Argument, Command, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientCommand, listCommand, writeCommand } from './client-command';
import { engineCommand } from './import-options';
import { loadProgram } from './program';

/** docs/cli.md tells of every command, argument and option, and of no others. */

const documentation = readFileSync(join(__dirname, '../../docs/cli.md'), 'utf8');

interface Section {
  readonly summary: string;
  /** Flags → what they mean. */
  readonly rows: Readonly<Record<string, string>>;
}

/** Options that several commands share have a section of their own, the largest first. */
const shared: readonly (readonly [string, Command])[] = [
  ['Commands that import', engineCommand('any', '')],
  ['Commands that change something', writeCommand('any', '')],
  ['Commands that list', listCommand('any', '')],
  ['Commands that talk to the api', clientCommand('any', '')],
];
const flagsOf = (command: Command): string[] => command.options.map(({ flags }) => flags);

function documented(): Record<string, Section> {
  const sections: Record<string, Section> = {};
  const headings = documentation.match(/^### .*$/gm) ?? [];
  expect(headings).toEqual([...new Set(headings)]);
  for (const part of documentation.split(/^### /m).slice(1)) {
    const [heading = '', ...lines] = part.split('\n');
    const cells = lines
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')));
    const rows = cells.map(([, flags = '', meaning = '']) => [flags.replaceAll('`', ''), meaning]);
    sections[heading.replaceAll('`', '').trim()] = {
      summary: lines.find((line) => line.trim() !== '') ?? '',
      rows: Object.fromEntries(rows) as Record<string, string>,
    };
  }
  return sections;
}

function leavesOf(command: Command, path: readonly string[]): [string, Command][] {
  const here = [...path, command.name()];
  const below = command.commands.flatMap((member) => leavesOf(member, here));
  // One that takes options of its own does something without a member as well.
  const isRun = below.length === 0 || (path.length > 0 && command.options.length > 0);
  return isRun ? [[here.join(' '), command], ...below] : below;
}

function sectionOf(command: Command): Section {
  const flags = flagsOf(command);
  const base = shared.find(([, { options }]) =>
    options.every((option) => flags.includes(option.flags)),
  );
  const own = command.options.filter((option) => !base || !flagsOf(base[1]).includes(option.flags));
  const takes = base
    ? ` Takes the options of [${base[0].toLowerCase()}](#${anchor(base[0])}).`
    : '';
  const description = command.description();
  const summary = `${description.charAt(0).toUpperCase()}${description.slice(1)}.${takes}`;
  return { summary, rows: rowsOf(command.registeredArguments, own) };
}

function sharedSection(name: string, command: Command): Section {
  const rest = shared.slice(shared.findIndex(([other]) => other === name) + 1);
  const flags = flagsOf(command);
  const base = rest.find(([, { options }]) =>
    options.every((option) => flags.includes(option.flags)),
  );
  const own = command.options.filter((option) => !base || !flagsOf(base[1]).includes(option.flags));
  const takes = base
    ? `Take the options of [${base[0].toLowerCase()}](#${anchor(base[0])}) as well.`
    : '';
  return { summary: takes || 'All of them take these options.', rows: rowsOf([], own) };
}

const anchor = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-');

const rowsOf = (args: readonly Argument[], options: readonly Option[]): Record<string, string> =>
  Object.fromEntries([
    ...args.map((argument) => [
      `<${argument.name()}>`,
      noted(argument.description, argument.argChoices),
    ]),
    ...options.map((option) => [
      option.flags,
      noted(option.description, option.argChoices, option.defaultValue, option.envVar),
    ]),
  ]) as Record<string, string>;

function noted(
  description: string,
  choices: readonly string[] | undefined,
  byDefault?: unknown,
  env?: string,
): string {
  const notes = [
    ...(choices ? [choices.join(', ')] : []),
    ...(byDefault === undefined
      ? []
      : [`default: ${JSON.stringify(byDefault).replaceAll('"', '')}`]),
    ...(env === undefined ? [] : [`or ${env}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}

it('docs/cli.md tells of every command and option, and of no others', async () => {
  const program = await loadProgram();
  const leaves = program.commands.flatMap((command) => leavesOf(command, ['inv']));
  expect(documented()).toEqual(
    Object.fromEntries([
      ...shared.map(([name, command]) => [name, sharedSection(name, command)] as const),
      ...leaves.map(([name, command]) => [name, sectionOf(command)] as const),
    ]),
  );
});
