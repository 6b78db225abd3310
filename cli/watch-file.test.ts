import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { textIn, watchFile } from './watch-file.ts';

/** How often it was told that the file changed, which is put in place whole. */
async function watched(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'pdns-shadow-watch-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'agent.yaml');
  const replace = async (other: string) => {
    await writeFile(`${file}.new`, other);
    await rename(`${file}.new`, file);
  };
  await replace(text);
  let count = 0;
  const watch = (known: string | undefined) => {
    const watcher = watchFile(file, known, () => count++);
    onTestFinished(() => watcher.close());
  };
  return { file, replace, watch, changes: () => count };
}

test('a file that was replaced before it was watched is told of', async () => {
  const { file, replace, watch, changes } = await watched('old');
  const known = await textIn(file);
  await replace('new');
  watch(known);
  await expect.poll(changes).toBe(1);
});

test('each other text is told of, and the same text again is not', async () => {
  const { replace, watch, changes } = await watched('old');
  watch('old');
  await replace('new');
  await expect.poll(changes).toBe(1);
  await replace('new');
  await replace('newer');
  await expect.poll(changes).toBe(2);
});

test('a file that is away is not told of until it is back with another text', async () => {
  const { file, replace, watch, changes } = await watched('old');
  watch('old');
  await rm(file);
  expect(await textIn(file)).toBeUndefined();
  await replace('new');
  await expect.poll(changes).toBe(1);
});
