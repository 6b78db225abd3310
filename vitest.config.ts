import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{agent,bench,cli,deploy,geoip,input,planner,scenarios,simulator,wire,test}/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
