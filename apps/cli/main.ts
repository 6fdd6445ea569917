import { Command } from 'commander';

/** Every command of `inv` lives in a file of its own, loaded when it is asked for so that starting stays quick. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('inv')
    .description('Lotstream: event-sourced inventory')
    .showHelpAfterError('(add --help for the options)');
  const { serveCommand } = await import('./serve');
  const { eventstoreCommand } = await import('./eventstore');
  program.addCommand(serveCommand()).addCommand(eventstoreCommand());
  await program.parseAsync([...argv]);
}

main(process.argv).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
