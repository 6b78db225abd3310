/** Networks of loopback for one run each, which no other run of this process has, nor, by its number, another process. */
const FIRST_OCTET = 20;
const OCTETS = 120;
const NETWORK_SIZE = 250;

const taken = new Set<number>();

export interface LoopbackNetwork {
  /** Three octets: `127.20.7`. */
  readonly network: string;
  /** The first address of a block of so many that nobody else has. */
  block(size: number): number;
  release(): void;
}

/** Throws `RangeError` where too many runs are under way. */
export function takeNetwork(): LoopbackNetwork {
  const own = process.pid % (OCTETS * 256);
  let index = own;
  for (let step = 0; taken.has(index); step++) {
    if (step === OCTETS * 256) throw new RangeError('no network of loopback is free');
    index = (index + 97) % (OCTETS * 256);
  }
  taken.add(index);
  let next = 1;
  return {
    network: `127.${FIRST_OCTET + Math.floor(index / 256)}.${index % 256}`,
    block(size) {
      const first = next;
      next += size;
      if (next > NETWORK_SIZE) throw new RangeError(`a run needs more than ${NETWORK_SIZE} addresses`);
      return first;
    },
    release: () => void taken.delete(index),
  };
}
