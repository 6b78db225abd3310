import { pdns50 } from './pdns-5.0.ts';
import type { Profile } from './profile.ts';

/** What 5.1 changed. Measured on 5.1.5 (LuaJIT 2.1.1761786044, libcurl 8.22.0). */
export const pdns51: Profile = {
  ...pdns50,
  line: '5.1',
  selectors: new Set([...pdns50.selectors, 'empty']),
  backupCandidates: 'first non-empty group',
  bytesLimit: 'strict',
  optionTables: true,
  clientScope: 'as sent',
  extOrder: 'sorted',
  checker: { due: 'interval after end', sleep: 'interval', wakesForNewChecks: true },
  minimumWeight: 1,
  maximumWeightSum: 2 ** 32 - 1,
  // In 5.1.5; 5.1.4 and older of the line still die.
  incompleteView: 'refused',
  headerMethods: false,
  refusesLuaUpdates: true,
  forward: { ...pdns50.forward, bareHexPrefix: 'refused' },
  text: {
    ...pdns50.text,
    unquotedStrings: true,
    strictEscapes: true,
    strictHex: true,
    emptyServiceKeys: true,
    furtherServiceKeys: new Map([
      ['dohpath', 7],
      ['ohttp', 8],
      ['tls-supported-groups', 9],
    ]),
    numbersAreNames: true,
  },
  furtherTypes: [...pdns50.furtherTypes, ['HHIT', 67], ['BRID', 68], ['RESINFO', 261], ['WALLET', 262]],
  lua52: true,
};
