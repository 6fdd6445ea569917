// One project per kind of test; `npm test` runs all, `npx jest --selectProjects unit` one.
const transform = { '^.+\\.ts$': '@swc/jest' };
/**
 * Tests run in a context of their own, where every look at a global costs a third of a microsecond; these are handed to each
 * module instead. None that tests replace, such as the clock.
 */
const sandboxInjectedGlobals = [
  ...['Array', 'BigInt', 'Boolean', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise'],
  ...['Proxy', 'Reflect', 'RegExp', 'Set', 'String', 'Uint32Array', 'Uint8Array', 'WeakMap'],
];
const common = {
  transform,
  testEnvironment: 'node',
  rootDir: __dirname,
  sandboxInjectedGlobals,
};

/** @type {import('jest').Config} */
module.exports = {
  testTimeout: 60_000,
  testSequencer: '<rootDir>/scripts/longest-first.mjs',
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/{libs,apps,bench}/**/*.spec.ts'] },
    { ...common, displayName: 'architecture', testMatch: ['<rootDir>/test/architecture.spec.ts'] },
    { ...common, displayName: 'simulation', testMatch: ['<rootDir>/test/simulate/**/*.spec.ts'] },
    { ...common, displayName: 'contract', testMatch: ['<rootDir>/test/contract/**/*.spec.ts'] },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'] },
  ],
};
