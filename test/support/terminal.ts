import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program that runs, and all that its terminal shows. */
export class Terminal {
  text = '';
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  private readonly changed: (() => void)[] = [];

  /** Runs a script of Node with nothing of our environment but the PATH. */
  constructor(command: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, command, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const show = (chunk: Buffer): void => {
      this.text += chunk.toString();
      for (const tell of this.changed.splice(0)) tell();
    };
    this.child.stdout?.on('data', show);
    this.child.stderr?.on('data', show);
    this.exit = once(this.child, 'close').then(([code]) => code as number | null);
    void this.exit.then(() => show(Buffer.from('')));
  }

  async shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      if (this.child.exitCode !== null) throw new Error(`ended without ${pattern}:\n${this.text}`);
      await new Promise<void>((resolve) => this.changed.push(resolve));
    }
  }
}

/** An empty folder. As root, PostgreSQL would keep its data outside a private one, where nobody clears it away. */
export function temporaryFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o711);
  return folder;
}
