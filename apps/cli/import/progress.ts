import { Presets, SingleBar } from 'cli-progress';

/** Tells how far a long piece of work is: a bar on a terminal, a line now and then elsewhere. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const LINE_EVERY_MS = 5_000;

interface ProgressOptions {
  /** What is counted. */
  readonly unit?: string;
  readonly output?: NodeJS.WriteStream | ProgressOutput;
  readonly now?: () => number;
}

export function startProgress(
  name: string,
  expected: number,
  { unit = 'rows', output = process.stderr, now = () => performance.now() }: ProgressOptions = {},
): Progress {
  return output.isTTY
    ? bar(name, expected, unit, output as NodeJS.WriteStream, now)
    : lines(name, expected, unit, output, now);
}

function bar(
  name: string,
  expected: number,
  unit: string,
  stream: NodeJS.WriteStream,
  now: () => number,
): Progress {
  const single = new SingleBar(
    {
      stream,
      format: `${name} {bar} {percentage}% | {value} ${unit} | {speed} ${unit}/s | {eta_formatted}`,
      fps: 5,
      etaBuffer: 2_000,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  const started = now();
  const speed = (done: number): number => Math.round((done * 1000) / Math.max(1, now() - started));
  let told = 0;
  single.start(expected, 0, { speed: 0 });
  return {
    update(done) {
      // Formatting each of them would cost more than sending it.
      if (done - told < 50 && done < expected) return;
      told = done;
      single.update(Math.min(done, expected), { speed: speed(done) });
    },
    stop: () => single.stop(),
  };
}

function lines(
  name: string,
  expected: number,
  unit: string,
  output: ProgressOutput,
  now: () => number,
): Progress {
  const started = now();
  let toldAt = started;
  return {
    update(done) {
      const at = now();
      if (at - toldAt < LINE_EVERY_MS) return;
      toldAt = at;
      const percent = Math.min(100, Math.floor((100 * done) / Math.max(1, expected)));
      const speed = Math.round((done * 1000) / (at - started));
      output.write(`${name}: ${done} ${unit}, ${percent} %, ${speed} ${unit}/s\n`);
    },
    stop: () => undefined,
  };
}
