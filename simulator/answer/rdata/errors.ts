import { UserError } from '../../../input/errors.ts';

/** Text that PowerDNS refuses as the data of a record (`E_RDATA_SYNTAX`). */
export class BadRdata extends UserError {
  constructor(problem: string) {
    super('E_RDATA_SYNTAX', problem, { hint: 'PowerDNS answers SERVFAIL for a record that it cannot read.' });
  }
}

/** Text that PowerDNS may take, with a result that is not known here (`E_RDATA_UNSUPPORTED`). */
export class UnknownRdata extends UserError {
  constructor(problem: string) {
    super('E_RDATA_UNSUPPORTED', problem);
  }
}
