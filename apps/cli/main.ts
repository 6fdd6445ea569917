import { runProgram } from './program';

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', () => undefined);

void runProgram(process.argv).then((code) => {
  if (code !== undefined) process.exitCode = code;
});
