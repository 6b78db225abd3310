/** `dh`, the header of the query. Up to 5.0; on 5.1 it is there but has no methods. */
import type { RecordQuery } from '../context.ts';
import { Opaque } from '../context.ts';
import { LuaObject, type LuaReturn, type ObjectType } from '../lua-value.ts';
import { method } from './object.ts';

const read = (get: (query: RecordQuery) => LuaReturn) => method<RecordQuery>(() => headerType, 0, get);

const headerType: ObjectType = {
  name: 'dnsheader',
  methods: {
    getID: read(() => {
      throw new Opaque('the id of a query is random');
    }),
    getRD: read(({ recursionDesired }) => recursionDesired),
    getCD: read(({ checkingDisabled }) => checkingDisabled),
    getTC: read(() => false),
    getRA: read(() => false),
    getAD: read(() => {
      throw new Opaque('the AD bit of a query is not known');
    }),
    getAA: read(() => false),
    getRCODE: read(() => 0),
    getOPCODE: read(() => 0),
    getQDCOUNT: read(() => 1),
    getANCOUNT: read(() => 0),
    getNSCOUNT: read(() => 0),
    getARCOUNT: read(({ ednsSize }) => (ednsSize < 0 ? 0 : 1)),
  },
};

const bareHeaderType: ObjectType = { name: 'dnsheader', methods: {} };

export function headerObject(query: RecordQuery, hasMethods: boolean): LuaObject {
  return new LuaObject(hasMethods ? headerType : bareHeaderType, query);
}
