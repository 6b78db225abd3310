import type { Prefix } from '../../geoip/address.ts';
import type { Beliefs, Trace } from './beliefs.ts';
import type { Question } from './question.ts';
import type { ServerModel } from './server-model.ts';

/** All that one evaluation hangs on, and who is told of it. */
export interface Evaluation {
  readonly question: Question;
  /** The client's network, where the server looks at it. */
  readonly ecs: Prefix | undefined;
  readonly server: ServerModel;
  readonly beliefs: Beliefs;
  readonly trace: Trace;
}
