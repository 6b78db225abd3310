import { describe, expect, test } from 'vitest';
import { CURVE_INTERVALS, curveOf } from './curve.ts';
import { curveSvg } from './curve-svg.ts';
import { Detections } from './detection.ts';
import { inputFor } from './fixtures/plans.ts';

const records = ["www A ifurlup('http://svc.test/',{'192.0.2.1','192.0.2.2'})"];

describe('the curve', () => {
  const curve = curveOf(inputFor(records, { line: '5.1' }), new Detections());

  test('has a line for each minimumFailures, on which less load is later detection', () => {
    expect(curve.lines.map(({ minimumFailures }) => minimumFailures)).toEqual([1, 2, 3]);
    for (const { points } of curve.lines) {
      expect(points.map(({ intervalSeconds }) => intervalSeconds)).toEqual(CURVE_INTERVALS);
      for (const [i, point] of points.slice(1).entries()) {
        expect(point.probesPerSecond).toBeLessThan(points[i]?.probesPerSecond ?? 0);
        expect(point.detectionSeconds).toBeGreaterThan(points[i]?.detectionSeconds ?? 0);
      }
    }
  });

  test('is where the plan is now', () => {
    expect(curve.now).toEqual(curve.lines[0]?.points.find(({ intervalSeconds }) => intervalSeconds === 5));
  });

  test('has one line where the release line ignores minimumFailures', () => {
    const { lines } = curveOf(inputFor(records, { line: '4.9' }), new Detections());
    expect(lines.map(({ minimumFailures }) => minimumFailures)).toEqual([null]);
  });

  test('goes on without checks that never find out a hang, and says so', () => {
    const endless = "old A ifurlup('http://old.test/',{'192.0.2.9'},{timeout=0})";
    const { now, blind, checks } = curveOf(inputFor([...records, endless], { line: '5.1' }), new Detections());
    expect([blind, checks]).toEqual([1, 3]);
    expect(now.detectionSeconds).toBe(curve.now.detectionSeconds);
    expect(() => curveOf(inputFor([endless]), new Detections())).toThrow('no check ever finds out a target that hangs');
    expect(() => curveOf(inputFor(["www A pickrandom({'192.0.2.1'})"]), new Detections())).toThrow('ask for no check');
  });

  test('is a picture without scripts or other files, with every number in it', () => {
    const svg = curveSvg(curve);
    expect(svg).toMatch(/^<svg xmlns/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|href|@import/);
    expect(svg.match(/<circle class="dot/g)).toHaveLength(3 * CURVE_INTERVALS.length);
    expect(svg).toContain('now: every 5 s');
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(curveSvg(curve)).toBe(svg);
  });
});
