import type { Circus } from '@jest/types';
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment';
import { TestEnvironment } from 'jest-environment-node';
import { join } from 'node:path';
import type { Defect } from './defect';
import { offerShared } from './shared-packages';
import { DEFECT_VARIABLE } from './variable';

export interface Selection {
  /** Full names of the tests that are run; all others are skipped. */
  readonly tests: readonly string[];
  readonly timeoutMs: number;
  readonly defect?: Defect;
}

/** Runs some tests of a file, told by their whole names, and lets the nodes they start in other processes have the defect. */
export default class DefectEnvironment extends TestEnvironment {
  readonly #selection: Selection;
  readonly #nodeOptions = process.env.NODE_OPTIONS;

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context);
    this.#selection = config.projectConfig.testEnvironmentOptions as unknown as Selection;
  }

  override async setup(): Promise<void> {
    await super.setup();
    offerShared(this.global);
    const { defect } = this.#selection;
    if (!defect) return;
    process.env[DEFECT_VARIABLE] = JSON.stringify(defect);
    process.env.NODE_OPTIONS = `--require ${join(__dirname, 'plant.js')}`;
  }

  override async teardown(): Promise<void> {
    delete process.env[DEFECT_VARIABLE];
    if (this.#nodeOptions === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = this.#nodeOptions;
    await super.teardown();
  }

  handleTestEvent(event: Circus.Event, state: Circus.State): void {
    if (event.name === 'setup') state.testTimeout = this.#selection.timeoutMs;
    if (event.name === 'run_start') this.#skipOthers(state.rootDescribeBlock, []);
  }

  #skipOthers(block: Circus.DescribeBlock, path: readonly string[]): void {
    for (const child of block.children) {
      const names = [...path, child.name];
      if (child.type === 'describeBlock') this.#skipOthers(child, names);
      else if (!this.#selection.tests.includes(names.join(' '))) child.mode = 'skip';
    }
  }
}
