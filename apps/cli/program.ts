import { Command, CommanderError } from 'commander';
import { EXIT_FAILED, EXIT_WRONG_USE, UsageError } from './errors';

/** Every command lives in a file of its own, loaded when it is asked for, so that starting stays quick. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve')).serveCommand(),
  demo: async () => (await import('./demo')).demoCommand(),
  eventstore: async () => (await import('./eventstore')).eventstoreCommand(),
  projection: async () => (await import('./projection')).projectionCommand(),
  policy: async () => (await import('./policy')).policyCommand(),
  item: async () => (await import('./item')).itemCommand(),
  location: async () => (await import('./location')).locationCommand(),
  period: async () => (await import('./period')).periodCommand(),
  lot: async () => (await import('./lot')).lotCommand(),
  stock: async () => (await import('./stock')).stockCommand(),
  reservation: async () => (await import('./reservation')).reservationCommand(),
  count: async () => (await import('./count')).countCommand(),
  transfer: async () => (await import('./transfer')).transferCommand(),
  report: async () => (await import('./report')).reportCommand(),
  audit: async () => (await import('./audit')).auditCommand(),
  import: async () => (await import('./import')).importCommand(),
  'import-adventureworks': async () =>
    (await import('./import-adventureworks')).importAdventureworksCommand(),
};

/** The program with one command, or with all of them where the first word is none of their names. */
export async function loadProgram(firstWord?: string): Promise<Command> {
  const program = new Command('inv')
    .description('Lotstream: event-sourced inventory')
    .showHelpAfterError('(add --help for the options)')
    .exitOverride();
  const isCommand = firstWord !== undefined && Object.hasOwn(commands, firstWord);
  for (const name of isCommand ? [firstWord] : Object.keys(commands)) {
    const command = await commands[name]?.();
    if (command) program.addCommand(inherit(command, program));
  }
  return program;
}

/** Settings of the program reach only commands that it makes itself. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const member of command.commands) inherit(member, command);
  return command;
}

/** Runs a command line; answers the exit code: 0 done, 1 refused or failed, 2 wrong use. */
export async function runProgram(argv: readonly string[]): Promise<number | undefined> {
  const program = await loadProgram(argv[2]);
  try {
    await program.parseAsync([...argv]);
    // What keeps running, such as `serve`, has its own way to end.
    return undefined;
  } catch (error) {
    // Commander has told what is wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USE;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError ? EXIT_WRONG_USE : EXIT_FAILED;
  }
}
