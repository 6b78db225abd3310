import { defineConfig } from 'vitest/config';

const ON_THE_WIRE = ['{agent,cli,deploy,test,wire}/**/*.test.ts', 'scenarios/powerdns/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 120_000,
    // Vitest's second is over before a busy machine has looked twice.
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['{bench,geoip,input,planner,scenarios,simulator}/**/*.test.ts'],
          exclude: ON_THE_WIRE,
          // Pure functions leave nothing behind, so these files can share a process.
          isolate: false,
        },
      },
      // Several servers and processes at work in one test may all have to wait for the machine.
      { extends: true, test: { name: 'wire', include: ON_THE_WIRE, testTimeout: 60_000 } },
    ],
  },
});
