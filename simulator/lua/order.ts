/** Whether the order of a list that a record function returns can be seen by anybody. */

/** A single call that calls nothing else: what it returns is what the record yields. */
const ONE_CALL = /^\s*\w+\s*\([^()]*\)\s*$/;

/**
 * True where one list and the same list in another order may lead to different answers: of several aliases the first is
 * followed, and code may go on with the list. The records of an answer are shuffled, so otherwise nobody can tell.
 */
export function orderCounts(code: string, recordType: string): boolean {
  return recordType === 'CNAME' || !ONE_CALL.test(code);
}
