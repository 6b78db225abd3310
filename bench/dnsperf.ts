/** Questions as fast as a server answers them. dnsperf asks from a process of its own, so it takes no time of ours. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { UserError } from '../input/errors.ts';
import type { Question } from '../simulator/answer/question.ts';
import { encodeQuery } from '../wire/message.ts';
import { tcpFrame } from '../wire/tcp-frames.ts';

export interface Load {
  readonly completed: number;
  readonly lost: number;
  readonly seconds: number;
}

const OUTSTANDING = 100;
const run = promisify(execFile);

/** Throws `E_DNSPERF` where it is not installed, or too old to be given whole messages. */
export async function requireDnsperf(): Promise<void> {
  const { stdout, stderr } = await run('dnsperf', ['-h']).catch((error: unknown) => ({
    stdout: '',
    stderr: String(error),
  }));
  if (/^\s+-B /m.test(stdout + stderr)) return;
  throw new UserError('E_DNSPERF', 'dnsperf, which asks the servers, is not installed or knows no option -B', {
    hint: 'Install it: apt-get install dnsperf. Elsewhere: https://www.dns-oarc.net/tools/dnsperf.',
    exitCode: 3,
  });
}

/** The questions as messages: a text file of dnsperf could not give each a client network of its own. */
export async function writeQueries(file: string, questions: readonly Question[]): Promise<void> {
  await writeFile(file, Buffer.concat(questions.map((question) => tcpFrame(encodeQuery(0, question)))));
}

/** Asks the questions of `file` over and over for some seconds, over UDP, many at a time. */
export async function drive(port: number, file: string, seconds: number): Promise<Load> {
  const target = ['-s', '127.0.0.1', '-p', `${port}`];
  const { stdout } = await run('dnsperf', [...target, '-B', '-d', file, '-l', `${seconds}`, '-q', `${OUTSTANDING}`]);
  const number = (label: string) => {
    const found = new RegExp(`${label}:\\s+([\\d.]+)`).exec(stdout)?.[1];
    if (found === undefined) throw new Error(`dnsperf does not say '${label}':\n${stdout}`);
    return Number(found);
  };
  if (!/Response codes:\s+NOERROR \d+ \(100\.00%\)/.test(stdout)) {
    throw new Error(`not every answer is NOERROR:\n${stdout}`);
  }
  return { completed: number('Queries completed'), lost: number('Queries lost'), seconds: number('Run time \\(s\\)') };
}
