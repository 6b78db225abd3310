/** The question as a record sees it. */
import { maskAddress, type Prefix } from '../../geoip/address.ts';
import type { RecordQuery } from '../lua/context.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

/** `ecs`: the client's network where the server looks at it. `target`: the name asked for, or where an alias led. */
export function recordQuery(
  question: Question,
  ecs: Prefix | undefined,
  { localAddress, localPort }: Pick<ServerModel, 'localAddress' | 'localPort'>,
  target: string,
): RecordQuery {
  const { client, clientPort = 0, tcp = false, dnssecOk = false, ednsSize = -1 } = question;
  const { recursionDesired = false, checkingDisabled = false } = question;
  const ecswho = ecs && { address: maskAddress(ecs.address, ecs.length), length: ecs.length };
  return {
    qname: target,
    who: client,
    whoPort: clientPort,
    ecswho,
    bestwho: ecswho?.address ?? client,
    localwho: localAddress,
    localPort,
    tcp,
    dnssecOk,
    recursionDesired,
    checkingDisabled,
    ednsSize,
  };
}
