/** The databases that came with the recordings: right entries and odd ones. */
import { z } from 'zod';
import { read } from '../conformance/recorded.ts';

export interface GeoFile {
  readonly name: string;
  readonly content: Buffer;
}

/** In the order in which they are to be asked. */
export function recordedGeoFiles(): GeoFile[] {
  const schema = z.object({
    meta: z.object({ order: z.array(z.string()) }),
    mmdb_base64: z.record(z.string(), z.string()),
  });
  const { meta, mmdb_base64: files } = read('geodb', schema);
  return meta.order.map((name) => ({ name, content: Buffer.from(files[name] ?? '', 'base64') }));
}
