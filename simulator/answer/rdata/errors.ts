/** Text that PowerDNS refuses as the data of a record. */
export class BadRdata extends Error {
  override readonly name = 'BadRdata';
}

/** Text that PowerDNS may take, with a result that is not known here. */
export class UnknownRdata extends Error {
  override readonly name = 'UnknownRdata';
}
