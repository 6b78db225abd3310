/** Outcomes for people. */
import { answerTexts, type Outcome } from '../simulator/answer/outcome.ts';

/** The answer texts of an outcome in one line: `192.0.2.1 192.0.2.2`, `NXDOMAIN`, `no data`. */
export function describeOutcome(outcome: Pick<Outcome, 'answers'> & { readonly rcode: string }, type: string): string {
  if (outcome.rcode !== 'NOERROR') return outcome.rcode;
  const texts = answerTexts(outcome, type);
  return texts.length === 0 ? 'no data' : texts.join(' ');
}
