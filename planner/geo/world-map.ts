import type { Results } from './results.ts';
export function worldMap(_: Results): string {
  return '';
}
