/**
 * How many answers a second a PowerDNS gives for the records of a plan, with a Lua state for every record that is run (`yes`) and with
 * one for each thread (`shared`). Its checks go to targets of our own: no address of a record is probed.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Question } from '../simulator/answer/question.ts';
import { encodeQuery } from '../wire/message.ts';
import { cpuSecondsOf } from '../wire/process-cpu.ts';

export type LuaRecords = 'yes' | 'shared';

export interface Capacity {
  readonly luaRecords: LuaRecords;
  readonly version: string;
  /** For each second of processor time that the server used: of one core, however busy the machine was. */
  readonly perCpuSecond: number;
  /** In a second of the clock, beside whatever else ran here. */
  readonly perSecond: number;
  readonly names: number;
}

/** A server that runs, and is stopped by whoever started it. */
export interface MeasuredServer {
  readonly version: string;
  readonly address: string;
  readonly port: number;
  readonly pid: number;
}

const WARM_UP_SECONDS = 1;
const MEASURED_SECONDS = 3;
const OUTSTANDING = 64;
/** A question whose answer has not come after so long is given up, and another one asked. */
const LOST_AFTER_MS = 1000;

export async function measureServer(
  server: MeasuredServer,
  luaRecords: LuaRecords,
  questions: readonly Question[],
): Promise<Capacity> {
  await answersIn(server, questions, WARM_UP_SECONDS);
  const cpuBefore = cpuSecondsOf(server.pid);
  const startedMs = performance.now();
  const answers = await answersIn(server, questions, MEASURED_SECONDS);
  const seconds = (performance.now() - startedMs) / 1000;
  const cpuSeconds = cpuSecondsOf(server.pid) - cpuBefore;
  return {
    luaRecords,
    version: server.version,
    perCpuSecond: cpuSeconds === 0 ? 0 : answers / cpuSeconds,
    perSecond: answers / seconds,
    names: questions.length,
  };
}

/** Asks the questions in turn, many at a time, and counts what comes back. */
async function answersIn(
  { address, port }: MeasuredServer,
  questions: readonly Question[],
  seconds: number,
): Promise<number> {
  const packets = questions.map((question, i) => encodeQuery(i & 0xffff, question));
  const socket: Socket = createSocket('udp4');
  let next = 0;
  let answers = 0;
  let heardMs = performance.now();
  const ask = () => {
    const packet = packets[next++ % packets.length];
    if (packet !== undefined) socket.send(packet);
  };
  socket.on('error', () => {});
  socket.on('message', () => {
    answers++;
    heardMs = performance.now();
    ask();
  });
  socket.connect(port, address);
  await once(socket, 'connect');
  for (let i = 0; i < OUTSTANDING; i++) ask();
  const untilMs = performance.now() + seconds * 1000;
  while (performance.now() < untilMs) {
    await sleep(Math.min(100, Math.max(1, untilMs - performance.now())));
    if (performance.now() - heardMs > LOST_AFTER_MS) for (let i = 0; i < OUTSTANDING; i++) ask();
  }
  socket.close();
  return answers;
}
