/** `view`: the first rule with a network that holds the client answers with one of its values. */
import { formatAddress, parseNetmask } from '../../../geoip/address.ts';
import { type EvaluationContext, ServerCrash } from '../context.ts';
import { forEachInOrder, type Reader, recordFunction, textList } from '../convert.ts';
import { inNetwork } from '../fact.ts';
import { LuaError } from '../lua-error.ts';
import { pickRandom } from './select.ts';

/** A rule as written: its lists, of which there should be two. */
type Rule = readonly (readonly string[])[];

const rules: Reader<readonly Rule[]> = (stack, slot, context) => {
  const read: Rule[] = [];
  forEachInOrder(stack, slot, 'a list of rules', (ruleSlot) => {
    const lists: (readonly string[])[] = [];
    forEachInOrder(stack, ruleSlot, 'a rule {{networks}, {values}}', (listSlot) =>
      lists.push(textList(stack, listSlot, context)),
    );
    read.push(lists);
  });
  return read;
};

export const view = recordFunction('view', [rules], (context, list) => {
  for (const [i, [networks, values]] of list.entries()) {
    if (networks === undefined) throw incomplete(context, i);
    // 5.1.5 looks at the whole rule first; older lines touch the values only when the networks match.
    if (values === undefined && context.profile.incompleteView === 'refused') throw incomplete(context, i);
    for (const mask of networks) {
      const prefix = parseNetmask(mask);
      if (prefix === undefined) throw new LuaError(`'${mask}' is no netmask`);
      if (!context.read(inNetwork(prefix))) continue;
      if (values === undefined) throw incomplete(context, i);
      context.because(({ bestwho }) => ({
        step: `rule ${i + 1} of view matches ${formatAddress(bestwho)}, which is in ${mask}: one of ${values.join(', ')}`,
        detail: { rule: i + 1, mask, values },
      }));
      return pickRandom(context, values);
    }
  }
  context.because(() => ({ step: 'no rule of view matches the client: an empty answer text', detail: {} }));
  return '';
});

function incomplete(context: EvaluationContext, rule: number): LuaError | ServerCrash {
  const message = `rule ${rule + 1} of view has no ${'{{networks}, {values}}'}`;
  return context.profile.incompleteView === 'refused'
    ? new LuaError(message)
    : new ServerCrash(`${message}: this release aborts the whole server process (fixed in 5.1.5)`);
}
