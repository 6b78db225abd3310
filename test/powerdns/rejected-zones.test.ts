/** Zones that a server is configured with and cannot load: asked of servers and of the evaluator. */
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { predict } from '../../simulator/answer/predict.ts';
import { UP } from '../../simulator/health/status.ts';
import { ask } from '../../wire/rig/ask.ts';
import { control } from '../../wire/rig/control.ts';
import { startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from './for-each-server.ts';
import { modelBeside } from './model-beside.ts';

const APEX = '@ 60 IN SOA ns1 root 1 3600 600 86400 60\n@ 60 IN NS ns1\n';
const OUTER = `${APEX}*.in 60 IN A 1.1.1.1\n*.beside 60 IN A 1.1.1.2\n`;
/** A line that is no record, a record of another zone, no file; and one of them inside of a zone that is served. */
const REJECTED: Readonly<Record<string, string | undefined>> = {
  'broken.test': `${APEX}a 60 IN A 1.1.1.1\nfoo bar baz\n`,
  'outside.test': `${APEX}a 60 IN A 1.1.1.1\nx.other.test. 60 IN A 1.1.1.1\n`,
  'gone.test': undefined,
  'in.k.test': `${APEX}foo bar baz\n`,
};
const NAMES = [
  'a.broken.test.',
  'a.outside.test.',
  'a.gone.test.',
  'a.in.k.test.',
  'a.beside.k.test.',
  'a.nowhere.test.',
];

describeForEachServer('zones that cannot be loaded', (binary) => {
  test('are answered as the evaluator says, also inside of another', async () => {
    const settings = { 'cache-ttl': '0', 'query-cache-ttl': '0', 'negquery-cache-ttl': '0' };
    const server = await startPowerDns({ binary, zones: { 'k.test': OUTER }, settings });
    onTestFinished(() => server.stop());
    for (const [zone, text] of Object.entries(REJECTED)) {
      const file = join(server.configDir, `${zone}.rejected`);
      if (text !== undefined) await writeFile(file, text);
      await appendFile(join(server.configDir, 'named.conf'), `zone "${zone}" { type native; file "${file}"; };\n`);
    }
    await control(server.configDir, 'rediscover');

    const model = modelBeside(binary, { 'k.test': OUTER }, Object.keys(REJECTED));
    for (const name of NAMES) {
      const { rcode, answers } = await ask(server, name, 'A');
      const [predicted] = predict({ name, type: 'A', client: model.localAddress }, model, () => UP).outcomes;
      const said = { rcode: predicted?.outcome.rcode, data: predicted?.outcome.answers.map(({ rdata }) => rdata) };
      expect({ name, ...said }).toEqual({ name, rcode, data: answers.map(({ data }) => data) });
    }
  });
});
