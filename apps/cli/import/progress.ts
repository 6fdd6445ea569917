import { Presets, SingleBar } from 'cli-progress';

/** Tells how far an import is: a bar on a terminal, a line now and then elsewhere. */
export interface Progress {
  update(rows: number): void;
  stop(): void;
}

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const LINE_EVERY_MS = 5_000;

export function startProgress(
  name: string,
  expectedRows: number,
  output: NodeJS.WriteStream | ProgressOutput = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  return output.isTTY
    ? bar(name, expectedRows, output as NodeJS.WriteStream, now)
    : lines(name, expectedRows, output, now);
}

function bar(
  name: string,
  expectedRows: number,
  stream: NodeJS.WriteStream,
  now: () => number,
): Progress {
  const single = new SingleBar(
    {
      stream,
      format: `${name} {bar} {percentage}% | {value} rows | {speed} rows/s | {eta_formatted}`,
      fps: 5,
      etaBuffer: 2_000,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  const started = now();
  const speed = (rows: number): number => Math.round((rows * 1000) / Math.max(1, now() - started));
  let told = 0;
  single.start(expectedRows, 0, { speed: 0 });
  return {
    update(rows) {
      // Formatting every row would cost more than sending it.
      if (rows - told < 50 && rows < expectedRows) return;
      told = rows;
      single.update(Math.min(rows, expectedRows), { speed: speed(rows) });
    },
    stop: () => single.stop(),
  };
}

function lines(
  name: string,
  expectedRows: number,
  output: ProgressOutput,
  now: () => number,
): Progress {
  const started = now();
  let toldAt = started;
  return {
    update(rows) {
      const at = now();
      if (at - toldAt < LINE_EVERY_MS) return;
      toldAt = at;
      const percent = Math.min(100, Math.floor((100 * rows) / Math.max(1, expectedRows)));
      const speed = Math.round((rows * 1000) / (at - started));
      output.write(`${name}: ${rows} rows, ${percent} %, ${speed} rows/s\n`);
    },
    stop: () => undefined,
  };
}
