import { expect, test } from 'vitest';
import { formatSixDecimals, roundToSixDecimals } from './degrees.ts';

test.each([
  [52.3676, '52.367600'],
  [-121.8863, '-121.886300'],
  [52.12345678, '52.123457'],
  [0, '0.000000'],
  [-0, '-0.000000'],
  [-1e-9, '-0.000000'],
  [1 / 128, '0.007812'],
  [3 / 128, '0.023438'],
  [-1 / 128, '-0.007812'],
  [179.0078125, '179.007812'],
  [1e22, '10000000000000000000000.000000'],
  [Number.NaN, 'nan'],
  [Number.NEGATIVE_INFINITY, '-inf'],
])('%d is printed as printf prints it: %s', (value, printed) => {
  expect(formatSixDecimals(value)).toBe(printed);
});

test('two coordinates that differ after the sixth decimal are one place to PowerDNS', () => {
  expect(roundToSixDecimals(52.12345678)).toBe(roundToSixDecimals(52.1234567));
  expect(roundToSixDecimals(52.12345678)).toBe(52.123457);
});
