/** The keys that a schema knows at a path: what a misspelled one can have meant. */
import { z } from 'zod';

export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let found = variants(schema);
  for (const key of path) found = found.flatMap((each) => stepInto(each, key)).flatMap(variants);
  return [...new Set(found.flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : [])))];
}

/** What may stand there, without defaults, transformations and alternatives around it. */
function variants(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(variants);
  if (schema instanceof z.ZodPipe) return variants(schema.def.in);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  ) {
    return variants(schema.def.innerType);
  }
  return [schema];
}

function stepInto(schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return [schema.def.element];
  if (schema instanceof z.ZodRecord) return [schema.def.valueType];
  if (!(schema instanceof z.ZodObject)) return [];
  const inner: z.core.$ZodType | undefined = schema.shape[String(key)];
  return inner === undefined ? [] : [inner];
}
