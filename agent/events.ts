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
      readonly profile: string;
    }
  | { readonly kind: 'source failed'; readonly server: string; readonly code: string; readonly message: string }
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
    }
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
