import { cpus, loadavg } from 'node:os';

/** What figures were taken on, since they are of that machine only: processor, cores, and how busy others kept it. */
export function describeMachine(): string {
  const cores = cpus();
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${cores[0]?.model.trim() ?? 'unknown processor'}, ${cores.length} cores, load ${load}, Node ${process.version}`;
}
