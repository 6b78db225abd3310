/**
 * What code catches when a function of PowerDNS fails: there it is a text of C++ (or an exception object), here something
 * that only says that it failed. Looking at it ends the prediction.
 */
import { Opaque } from '../context.ts';
import type { LuaFunction, ObjectType } from '../lua-value.ts';

const look: LuaFunction = () => {
  throw new Opaque('the code looks at the text of an error that a function of PowerDNS raised');
};

export const hostErrorType: ObjectType = {
  name: 'error',
  methods: {},
  events: Object.fromEntries(
    ['__index', '__concat', '__tostring', '__len', '__lt', '__le', '__call'].map((event) => [event, look]),
  ),
};
