/** Tells what is new in what a server should know: how much there is, serials that moved, findings about records. */
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import type { Content } from './content.ts';
import type { OnEvent } from './events.ts';
import type { CrossCheck } from './model.ts';

export function announceContent(
  onEvent: OnEvent,
  server: string,
  knownLine: ReleaseLine | undefined,
  content: Content,
  before: Content | undefined,
): void {
  onEvent({
    kind: 'source read',
    server,
    zones: content.reading.zones.length,
    names: content.names.length,
    checks: content.checks.length,
    profile: knownLine ?? `${content.profile.line} (assumed)`,
    ...(content.geo.named === undefined ? {} : { geoip: content.geo.named }),
  });
  const serials = [...content.reading.serials]
    .filter(([zone, serial]) => before?.reading.serials.get(zone) !== serial)
    .map(([zone, serial]) => ({ zone, serial }));
  if (serials.length > 0) onEvent({ kind: 'serials changed', server, serials });
  announceFindings(onEvent, server, content, before);
}

function announceFindings(onEvent: OnEvent, server: string, content: Content, before: Content | undefined): void {
  const told = new Set((before?.crossChecks ?? []).flatMap(findingTexts));
  for (const crossCheck of content.crossChecks) {
    const { owner: name, type } = crossCheck.watched;
    for (const [i, text] of findingTexts(crossCheck).entries()) {
      const finding = crossCheck.warnings[i];
      if (told.has(text) || finding === undefined) continue;
      told.add(text);
      onEvent({ kind: 'finding', server, name, type, ...finding });
    }
  }
}

function findingTexts({ watched, warnings }: CrossCheck): string[] {
  return warnings.map(({ code, message }) => `${watched.owner} ${watched.type} ${code} ${message}`);
}
