import { expect, test } from 'vitest';
import { likelyOctal } from '../../src/util/permission-mode.ts';

test.each([
  [644, '0644'],
  [600, '0600'],
  [640, '0640'],
  [755, '0755'],
  [750, '0750'],
  [711, '0711'],
  [700, '0700'],
  [500, '0500'],
  [400, '0400'],
  [777, '0777'],
  [1777, '01777'],
  [2775, '02775'],
])('%d is likely meant as %s', (value, octal) => {
  expect(likelyOctal(value)).toBe(octal);
});

test('usual permissions, as YAML reads them with their zero, are meant as they are', () => {
  const usual = [
    '644',
    '664',
    '666',
    '600',
    '640',
    '660',
    '400',
    '440',
    '444',
    '755',
    '775',
    '777',
    '750',
    '770',
    '700',
  ];
  const more = ['711', '710', '751', '500', '550', '555', '100', '111', '0', '1777', '2755', '2775', '4755', '1755'];
  const flagged = [...usual, ...more].filter((octal) => likelyOctal(Number.parseInt(octal, 8)) !== undefined);
  expect(flagged).toEqual([]);
});

test.each([['644'], [null], [undefined], [7], [64], [648], [99_999], [644.5], [-644]])(
  '%j is no such number',
  (value) => {
    expect(likelyOctal(value)).toBeUndefined();
  },
);
