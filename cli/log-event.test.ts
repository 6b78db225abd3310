import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { Agent } from '../agent/agent.ts';
import { parseConfig } from '../agent/config.ts';
import { logEvent } from './log-event.ts';

const config = parseConfig(
  "servers: [{ name: ns1, address: '127.0.0.1:1', source: { zoneFiles: [a] } }]",
  'agent.yaml',
);
const agent = new Agent({ config, version: '1.2.3', onEvent: () => undefined });

describe('an answer that is another than before', () => {
  it.each([
    ['a draw of a record that chooses at random', 'match', 'match', 'debug'],
    ['a draw while a target changes', 'admissible', 'admissible', 'debug'],
    ['the first answer', undefined, 'match', 'debug'],
    ['the first answer, where it is wrong', undefined, 'outside', 'info'],
    ['a failover', 'match', 'admissible', 'info'],
    ['the end of a failover', 'admissible', 'match', 'info'],
    ['a wrong answer', 'match', 'outside', 'info'],
    ['another wrong answer', 'outside', 'outside', 'info'],
    ['a right answer after a wrong one', 'outside', 'match', 'info'],
  ])('%s: %s, then %s, is logged at %s', (_, verdictBefore, verdict, level) => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const record = { server: 'ns1', name: 'any.acme.test.', type: 'A', client: 'plain' };
    logEvent(log, agent, { kind: 'answer changed', ...record, before: '1', after: '2', verdict, verdictBefore });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: pino.levels.values[level], msg: 'answer changed', after: '2', verdict },
    ]);
  });
});
