import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const HERE = import.meta.dirname;

const labels = z.record(z.string(), z.string());
const container = z.object({
  name: z.string(),
  ports: z.array(z.object({ name: z.string().max(15), containerPort: z.number() })),
  readinessProbe: z.unknown().optional(),
  livenessProbe: z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) }).optional(),
  securityContext: z.object({ runAsNonRoot: z.boolean(), readOnlyRootFilesystem: z.boolean() }).optional(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
});
const configMap = z.object({ kind: z.literal('ConfigMap'), metadata: z.object({ name: z.string() }), data: labels });
const deployment = z.object({
  kind: z.literal('Deployment'),
  spec: z.object({
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        containers: z.array(container),
        volumes: z.array(z.object({ name: z.string(), configMap: z.object({ name: z.string() }).optional() })),
      }),
    }),
  }),
});
const podMonitor = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    selector: z.object({ matchLabels: labels }),
    podMetricsEndpoints: z.array(z.object({ port: z.string(), path: z.string() })),
  }),
});
const agentConfig = z.object({
  servers: z.array(z.object({ address: z.string(), source: z.object({ keyFile: z.string() }) })),
  history: z.object({ path: z.string() }),
  listen: z.string(),
});

const documents = parseAllDocuments(readFileSync(join(HERE, 'sidecar.yaml'), 'utf8')).map((document) => {
  for (const error of document.errors) throw error;
  const value: unknown = document.toJS();
  return value;
});
const config = configMap.parse(documents[0]);
const { spec } = deployment.parse(documents[1]);
const monitor = podMonitor.parse(parse(readFileSync(join(HERE, 'podmonitor.yaml'), 'utf8')));
const agent = agentConfig.parse(parse(config.data['agent.yaml'] ?? ''));
const pod = spec.template.spec;
const sidecar = containerNamed('pdns-shadow');
const portOf = (name: string) => sidecar.ports.find((port) => port.name === name)?.containerPort;

describe('the sidecar', () => {
  it('is scraped and kept alive on the port that its configuration listens on', () => {
    const listening = Number(agent.listen.split(':').at(-1));
    const [endpoint] = monitor.spec.podMetricsEndpoints;
    expect(portOf(endpoint?.port ?? '')).toBe(listening);
    expect(portOf(sidecar.livenessProbe?.httpGet.port ?? '')).toBe(listening);
    expect([endpoint?.path, sidecar.livenessProbe?.httpGet.path]).toEqual(['/metrics', '/-/healthy']);
  });

  it('listens beyond the pod, for Prometheus is outside it', () => {
    expect(agent.listen).not.toMatch(/^(127\.|localhost|\[::1\])/);
  });

  it('asks the PowerDNS of its own pod on a port that it serves', () => {
    const served = containerNamed('pdns').ports.map(({ containerPort }) => `127.0.0.1:${containerPort}`);
    for (const { address } of agent.servers) expect(served).toContain(address);
  });

  it('cannot take DNS out of service: it has no say in whether the pod is ready', () => {
    expect(sidecar.readinessProbe).toBeUndefined();
  });

  it('finds its files where the volumes are mounted, and writes only there', () => {
    const folders = sidecar.volumeMounts.map(({ mountPath }) => `${mountPath}/`);
    const files = [agent.history.path, ...agent.servers.map(({ source }) => source.keyFile)];
    for (const file of files)
      expect(
        folders.some((folder) => file.startsWith(folder)),
        file,
      ).toBe(true);
    expect(folders).toContain('/etc/pdns-shadow/');
    expect(sidecar.securityContext).toEqual({ runAsNonRoot: true, readOnlyRootFilesystem: true });
  });

  it('mounts volumes that exist, and the ConfigMap that is written beside it', () => {
    const volumes = pod.volumes.map(({ name }) => name);
    for (const { name } of sidecar.volumeMounts) expect(volumes).toContain(name);
    expect(pod.volumes.flatMap(({ configMap: map }) => map?.name ?? [])).toEqual([config.metadata.name]);
  });

  it('is selected by the Deployment and the PodMonitor, whose name makes the job that AgentAbsent expects', () => {
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(spec.template.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(monitor.metadata.name).toBe('pdns-shadow');
  });
});

function containerNamed(name: string): z.infer<typeof container> {
  const found = pod.containers.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the pod has no container ${name}`);
  return found;
}
