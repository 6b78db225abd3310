import type { IpAddress, Prefix } from './address.ts';

/** A place among nested masks. */
export interface MaskNode {
  readonly children: [MaskNode | undefined, MaskNode | undefined];
  /** The mask that ends here, counted from 1. */
  region: number | undefined;
}

/** The region outside every mask. */
export const OUTSIDE = 0;

/** The masks of one family as a binary tree; the address space falls into one region for each, and the one outside all. */
export function maskTree(masks: readonly Prefix[], family: 4 | 6): MaskNode | undefined {
  let root: MaskNode | undefined;
  let regions = OUTSIDE;
  for (const { address, length } of masks) {
    if (address.family !== family) continue;
    root ??= emptyNode();
    let node = root;
    for (let depth = 0; depth < length; depth++) {
      const bit = ((address.bytes[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;
      node.children[bit] ??= emptyNode();
      node = node.children[bit];
    }
    node.region ??= ++regions;
  }
  return root;
}

/** The region of an address: that of the longest mask that holds it. */
export function regionOf(root: MaskNode | undefined, { bytes }: IpAddress): number {
  let region = OUTSIDE;
  let node = root;
  for (let depth = 0; node !== undefined; depth++) {
    region = node.region ?? region;
    node = node.children[((bytes[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1 ? 1 : 0];
  }
  return region;
}

function emptyNode(): MaskNode {
  return { children: [undefined, undefined], region: undefined };
}
