import type { Command } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchCommand } from '../../bench/options';
import { eventstoreCommand } from './eventstore';
import { loadProgram } from './program';

/** docs/event-node.md names every option of the node, and nothing that is not there. */

const docs = join(__dirname, '../../docs');
const documentation = readFileSync(join(docs, 'event-node.md'), 'utf8');

const flagsOf = (command: Command): string[] => command.options.map(({ flags }) => flags).sort();

/** The command and its sub-commands by name. */
function commandsOf(command: Command, path = ''): [string, Command][] {
  const name = `${path} ${command.name()}`.trim();
  return [[name, command], ...command.commands.flatMap((member) => commandsOf(member, name))];
}

/** The tables of options: each under a heading that is the name of its command. */
function documentedFlags(): Record<string, string[]> {
  const sections = documentation.split(/^#+ /m).filter((section) => section.startsWith('`'));
  return Object.fromEntries(
    sections.map((section) => [
      /^`([^`]*)`/.exec(section)?.[1] ?? '',
      [...section.matchAll(/^\| `(--[^`]*)`/gm)].map(([, flags = '']) => flags).sort(),
    ]),
  );
}

it('has the options of each command as its help has them', () => {
  const commands = commandsOf(eventstoreCommand());
  expect(documentedFlags()).toEqual(
    Object.fromEntries(commands.map(([name, command]) => [name, flagsOf(command)])),
  );
});

it('names no option that no command has', async () => {
  const programs = [await loadProgram(), benchCommand()];
  const known = programs
    .flatMap((program) => commandsOf(program))
    .flatMap(([, command]) => command.options.map(({ long }) => long));
  const named = [...documentation.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);
  expect(named.filter((option) => !known.includes(option))).toEqual([]);
});

it('names no script that package.json does not have', () => {
  const { scripts } = JSON.parse(readFileSync(join(docs, '../package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const named = [...documentation.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
  expect(named).not.toEqual([]);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

it('links to nothing that is not there', () => {
  const targets = [...documentation.matchAll(/\]\(([^)#]*)(#[^)]*)?\)/g)].map(([, to = '']) => to);
  const missing = targets.filter((to) => !/^https?:/.test(to) && !existsSync(join(docs, to)));
  expect(missing).toEqual([]);
});

it('is found from the README', () => {
  expect(readFileSync(join(docs, '../README.md'), 'utf8')).toContain('](docs/event-node.md)');
});
