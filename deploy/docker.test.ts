import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join, matchesGlob } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { copySources, execForm, type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';

const REPOSITORY = join(import.meta.dirname, '..');
const AGENT_PORT = 9953;

const packageFile = z.object({
  name: z.string(),
  bin: z.record(z.string(), z.string()),
  files: z.array(z.string()),
  scripts: z.record(z.string(), z.string()),
  engines: z.object({ node: z.string() }),
});

const manifest = packageFile.parse(JSON.parse(read('package.json')));
const ignored = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const stages = parseDockerfile(read('Dockerfile'));
const runtime = stageNamed('runtime');

describe('the Dockerfile', () => {
  it('builds in one stage and runs in the last', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'runtime']);
  });

  it('stands on the Node that package.json asks for, in every stage', () => {
    const major = /\d+/.exec(manifest.engines.node)?.[0];
    for (const { base } of stages) expect(base).toMatch(new RegExp(`^node:${major}(\\.|-|$)`));
  });

  it('copies only from stages above', () => {
    for (const [index, stage] of stages.entries()) {
      const above = stages.slice(0, index).map(({ name }) => name);
      for (const copy of instructionsOf(stage, 'COPY')) {
        if (copy.flags.from !== undefined) expect(above, `line ${copy.line}`).toContain(copy.flags.from);
      }
    }
  });

  it('copies only files that the checkout has and .dockerignore lets through', () => {
    const copies = stages.flatMap((stage) => instructionsOf(stage, 'COPY')).filter(({ flags }) => !flags.from);
    const sources = copies.flatMap(copySources).filter((source) => source !== '.');
    expect(sources).toContain('package-lock.json');
    for (const source of sources) {
      expect(globSync(source, { cwd: REPOSITORY }), source).not.toEqual([]);
      expect(isIgnored(source), `${source} is in .dockerignore`).toBe(false);
    }
  });

  it('runs npm scripts that exist, and installs the tarball that npm pack names after the package', () => {
    const commands = stages.flatMap((stage) => instructionsOf(stage, 'RUN')).map(({ rest }) => rest);
    const scripts = commands.flatMap((command) => Array.from(command.matchAll(/npm run (\S+)/g), ([, name]) => name));
    expect(scripts).toEqual(['build']);
    for (const script of scripts) expect(Object.keys(manifest.scripts)).toContain(script);
    const packed = instructionsOf(runtime, 'COPY').flatMap(copySources);
    expect(packed).toEqual([`/tmp/${manifest.name}-*.tgz`]);
    expect(commands.some((command) => command.includes(`--omit=dev --no-fund --no-audit ${packed[0]}`))).toBe(true);
  });

  it('starts a command that the package installs, in exec form so that signals reach it', () => {
    const [entrypoint] = instructionsOf(runtime, 'ENTRYPOINT').map(({ rest }) => execForm(rest));
    expect(Object.keys(manifest.bin)).toContain(entrypoint?.[0]);
    expect(instructionsOf(runtime, 'CMD').map(({ rest }) => execForm(rest)?.[0])).toEqual(['agent']);
  });

  it('runs as a numbered user that is not root, and installs nothing after turning into it', () => {
    const users = instructionsOf(runtime, 'USER').map(({ rest }) => rest);
    expect(users).toHaveLength(1);
    expect(users[0]).toMatch(/^[1-9]\d*(:[1-9]\d*)?$/);
    const keywords = runtime.instructions.map(({ keyword }) => keyword);
    expect(keywords.lastIndexOf('RUN')).toBeLessThan(keywords.indexOf('USER'));
  });
});

describe('the build context', () => {
  it.each(['.git', 'node_modules', 'dist', '.cache', 'deploy/docker.test.ts'])('leaves out %s', (path) => {
    expect(isIgnored(path)).toBe(true);
  });

  it('keeps what goes into the package and is not built', () => {
    for (const path of manifest.files.filter((file) => file !== 'dist')) expect(isIgnored(path), path).toBe(false);
    for (const path of ['bin/build.mjs', 'cli/main.js', 'tsconfig.json']) expect(isIgnored(path), path).toBe(false);
  });
});

describe('the health check of the image', () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  const answering = async (status: number) => {
    const paths: (string | undefined)[] = [];
    server = createServer((request, response) => {
      paths.push(request.url);
      response.writeHead(status).end();
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on a port');
    return { port: address.port, paths };
  };

  it('is content with an agent that says it is healthy', async () => {
    const { port, paths } = await answering(200);
    expect(await healthCheckExitCode(port)).toBe(0);
    expect(paths).toEqual(['/-/healthy']);
  });

  it('is not with one that says it is not', async () => {
    const { port } = await answering(503);
    expect(await healthCheckExitCode(port)).toBe(1);
  });

  it('is not when nobody listens', async () => {
    const { port } = await answering(200);
    const closing = server;
    await new Promise((resolve) => closing?.close(resolve));
    expect(await healthCheckExitCode(port)).toBe(1);
  });
});

/** Runs the image's own health check with this Node, against another port. */
function healthCheckExitCode(port: number): Promise<number | null> {
  const [healthCheck] = instructionsOf(runtime, 'HEALTHCHECK');
  const [command, ...args] = execForm(healthCheck?.rest.replace(/^CMD\s+/, '') ?? '') ?? [];
  expect(command).toBe('node');
  expect(args.join(' ')).toContain(`127.0.0.1:${AGENT_PORT}`);
  const aimed = args.map((arg) => arg.replace(`:${AGENT_PORT}`, `:${port}`));
  return new Promise((resolve, reject) => {
    spawn(process.execPath, aimed, { stdio: 'ignore' }).on('exit', resolve).on('error', reject);
  });
}

function stageNamed(name: string): Stage {
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`the Dockerfile has no stage ${name}`);
  return stage;
}

function instructionsOf(stage: Stage, keyword: string): readonly Instruction[] {
  return stage.instructions.filter((instruction) => instruction.keyword === keyword);
}

function isIgnored(path: string): boolean {
  const folders = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
  return ignored.some((pattern) => folders.some((folder) => matchesGlob(folder, pattern)));
}

function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}
