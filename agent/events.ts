/** What happens while the agent runs, for logs and live displays. */
import type { EndedProbe } from '../simulator/health/checker.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Drift } from './drifts.ts';

export type AgentEvent =
  | {
      readonly kind: 'source read';
      readonly server: string;
      readonly zones: number;
      readonly names: number;
      readonly checks: number;
      /** `5.1`, or `5.1 (assumed)` while the server has not told. */
      readonly profile: string;
      /** GeoIP files, where the server's own settings name them. */
      readonly geoip?: string;
    }
  | { readonly kind: 'source failed'; readonly server: string; readonly code: string; readonly message: string }
  /** A new GeoIP database cannot be used; the old one goes on. */
  | { readonly kind: 'geoip failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'target changed'; readonly probe: EndedProbe }
  | {
      readonly kind: 'answer changed';
      readonly server: string;
      readonly name: string;
      readonly type: string;
      readonly client: string;
      readonly before: string | undefined;
      readonly after: string;
      readonly verdict: string;
      /** The verdict when the answer changed before. */
      readonly verdictBefore: string | undefined;
    }
  /** The answer, what is made of it, or what could have been answered is another than after the question before. */
  | {
      readonly kind: 'answer judged';
      readonly server: string;
      readonly name: string;
      readonly type: string;
      readonly client: string;
      readonly text: string;
      readonly verdict: string;
      readonly reason: string;
      /** Every answer that was possible, each once. */
      readonly admissible: readonly string[];
      /** Ids of the checks that the record can ask for. */
      readonly checks: readonly string[];
    }
  | {
      readonly kind: 'serials changed';
      readonly server: string;
      /** Zones that are new in the source or have another serial there. */
      readonly serials: readonly { readonly zone: string; readonly serial: number }[];
    }
  | { readonly kind: 'history failed'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'finding';
      readonly server: string;
      readonly name: string;
      readonly type: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly kind: 'server up' | 'server down'; readonly server: string; readonly reason: string }
  | { readonly kind: 'server restarted'; readonly server: string }
  | { readonly kind: 'drift opened'; readonly drift: Drift; readonly diagnosis: readonly Diagnosis[] }
  | { readonly kind: 'drift resolved'; readonly drift: Drift };

export type OnEvent = (event: AgentEvent) => void;
