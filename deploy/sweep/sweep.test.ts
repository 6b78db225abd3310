import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { planGeoUsage } from '../../cli/plan-geo.ts';
import { readCall } from '../../cli/usage.ts';

const job = z.object({
  kind: z.literal('Job'),
  spec: z.object({
    completionMode: z.literal('Indexed'),
    completions: z.number(),
    parallelism: z.number(),
    template: z.object({
      spec: z.object({
        restartPolicy: z.literal('Never'),
        containers: z.tuple([
          z.object({
            args: z.tuple([z.string()]),
            resources: z.object({ requests: z.object({ cpu: z.string() }) }),
            securityContext: z.object({ runAsNonRoot: z.literal(true), readOnlyRootFilesystem: z.literal(true) }),
            volumeMounts: z.array(
              z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) }),
            ),
          }),
        ]),
        volumes: z.array(z.object({ name: z.string() })),
      }),
    }),
  }),
});

const HERE = import.meta.dirname;
const [claim, parsed] = parseAllDocuments(readFileSync(join(HERE, 'job.yaml'), 'utf8')).map((document) => {
  for (const error of document.errors) throw error;
  const value: unknown = document.toJS();
  return value;
});
const { spec } = job.parse(parsed);
const pod = spec.template.spec;
const [container] = pod.containers;
const [script] = container.args;
const call = /pdns-shadow (plan geo .*?) > /s.exec(script.replaceAll(/\\\n\s*/g, ''))?.[1] ?? '';
const readme = readFileSync(join(HERE, 'README.md'), 'utf8');

describe('the sweep', () => {
  it('calls plan geo as it is called', () => {
    const read = readCall(call.replace('$shard', '1').split(/\s+/), [planGeoUsage]);
    expect(read.arguments.format).toBe('jsonl');
    expect(read.arguments.threads).toBe(container.resources.requests.cpu);
  });

  it('has as many pods as shards, counted from 1', () => {
    expect(call).toContain(`--shard $shard/${spec.completions} `);
    expect(script).toContain('shard=$((JOB_COMPLETION_INDEX + 1))');
    expect(spec.parallelism).toBeLessThanOrEqual(spec.completions);
  });

  it('reads and writes where volumes are mounted, and leaves no half of a file', () => {
    const mounts = container.volumeMounts;
    expect(mounts.map(({ name }) => name).sort()).toEqual(pod.volumes.map(({ name }) => name).sort());
    const folderOf = (path: string) => mounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
    for (const path of call.match(/\/\S+\/\S+/g)?.filter((each) => !each.includes('$')) ?? []) {
      expect(folderOf(path)?.readOnly, path).toBe(true);
    }
    expect(folderOf(/file=(\S+)/.exec(script)?.[1] ?? '')?.readOnly).toBe(false);
    expect(script).toContain('mv $file.part $file');
  });

  it('shares a volume that pods of several nodes may write to', () => {
    const shape = z.object({
      kind: z.literal('PersistentVolumeClaim'),
      spec: z.object({ accessModes: z.tuple([z.literal('ReadWriteMany')]) }),
    });
    expect(() => shape.parse(claim)).not.toThrow();
  });

  it('is described as it is', () => {
    expect(readme).toContain(`Indexed Job of ${spec.completions} shards`);
    expect(readme).toContain('kubectl -n dns create configmap sweep-zones');
  });
});
