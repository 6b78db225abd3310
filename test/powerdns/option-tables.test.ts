/** Tables where checks want a text: asked of servers and of the evaluator, since one of them ends a server. */
import { expect, onTestFinished, test } from 'vitest';
import { predict } from '../../simulator/answer/predict.ts';
import { ABSENT } from '../../simulator/health/status.ts';
import { ask } from '../../wire/rig/ask.ts';
import { startPowerDns } from '../../wire/rig/rig.ts';
import { describeForEachServer } from './for-each-server.ts';
import { modelBeside } from './model-beside.ts';

const OF_ONE = (options: string) => [
  `ifurlup('http://svc.test:1/',{'127.0.0.2'},${options})`,
  `ifportup(1,{'127.0.0.2'},${options})`,
];
/** The checker reads the interval some time after the answer. */
const CHECKED_MS = { timeout: 10_000, interval: 200 };

describeForEachServer('options that are tables', (binary) => {
  test.each([...OF_ONE('{source={}}'), ...OF_ONE('{interval={}}'), ...OF_ONE('{interval={1}}')])('%s', async (code) => {
    const text = `@ 60 IN SOA ns1 root 1 3600 600 86400 60\n@ 60 IN NS ns1\na 60 IN LUA A "${code}"\n`;
    const settings = { 'lua-health-checks-interval': '1', 'cache-ttl': '0', 'query-cache-ttl': '0' };
    const server = await startPowerDns({ binary, zones: { 'k.test': text }, settings });
    onTestFinished(() => server.stop());
    const model = modelBeside(binary, { 'k.test': text });
    const question = { name: 'a.k.test.', type: 'A', client: model.localAddress };
    const [predicted] = predict(question, model, () => ABSENT).outcomes;
    const rcode = () =>
      ask(server, 'a.k.test.', 'A', { timeoutMs: 1000 }).then(
        (reply) => reply.rcode,
        () => 'no answer',
      );
    if (predicted?.outcome.rcode !== 'CRASH') {
      expect(await rcode()).toBe(predicted?.outcome.rcode);
      return;
    }
    await expect.poll(rcode, CHECKED_MS).toBe('no answer');
    expect(server.log()).toMatch(/terminate|abort|exception|signal/i);
  });
});
