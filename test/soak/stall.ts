/** How long this process was kept from running, in milliseconds: by its own work, or by others on the machine. */
export interface Stalls {
  readonly togetherMs: number;
  readonly longestMs: number;
}

export interface StallMeter {
  stop(): Stalls;
}

const TICK_MS = 20;
/** Timers are never exact; less than this is no stall. */
const TOLERANCE_MS = 30;

export function startStallMeter(): StallMeter {
  let togetherMs = 0;
  let longestMs = 0;
  let lastMs = performance.now();
  const look = () => {
    const nowMs = performance.now();
    const lateMs = nowMs - lastMs - TICK_MS;
    if (lateMs > TOLERANCE_MS) togetherMs += lateMs;
    longestMs = Math.max(longestMs, lateMs);
    lastMs = nowMs;
  };
  const timer = setInterval(look, TICK_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return { togetherMs, longestMs };
    },
  };
}
