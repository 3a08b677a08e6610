import { describe, expect, test } from 'vitest';
import { parseHostWord } from '../../src/inventory/host-word.ts';

describe('a word of an inventory stands for', () => {
  test.each([
    ['web1', ['web1'], undefined],
    ['web1.example.com:2222', ['web1.example.com'], 2222],
    ['web[1:3]', ['web1', 'web2', 'web3'], undefined],
    ['web[01:50:20].x:22', ['web01.x', 'web21.x', 'web41.x'], 22],
    ['web[08:11]', ['web08', 'web09', 'web10', 'web11'], undefined],
    ['web[:2]', ['web0', 'web1', 'web2'], undefined],
    ['db-[a:f:2]', ['db-a', 'db-c', 'db-e'], undefined],
    ['[y:B]', ['y', 'z', 'A', 'B'], undefined],
    ['r[1:2]u[1:2]', ['r1u1', 'r1u2', 'r2u1', 'r2u2'], undefined],
    ['::1', ['::1'], undefined],
    ['fe80::1%eth0', ['fe80::1%eth0'], undefined],
    ['[::1]', ['::1'], undefined],
    ['[2001:db8::1]:22', ['2001:db8::1'], 22],
    ['2001:db8::[1:2]', ['2001:db8::1', '2001:db8::2'], undefined],
    ['10.0.0.[1:2]', ['10.0.0.1', '10.0.0.2'], undefined],
    ['odd[1]', ['odd[1]'], undefined],
  ])('%s', (word, names, port) => {
    expect(parseHostWord(word)).toEqual(port === undefined ? { names } : { names, port });
  });
});

describe('a word is no host when it is', () => {
  test.each([
    ['web:', "found 'web:': after ':' a port number is expected"],
    ['web:http', "found 'web:http': after ':' a port number is expected"],
    ['web:0', 'found the port 0: ports are 1 to 65535'],
    ['web:70000', 'found the port 70000: ports are 1 to 65535'],
    ['a:b:c', "found 'a:b:c'"],
    ['web[1:]', 'found the range [1:]: its end is missing'],
    ['web[3:1]', 'found the range [3:1]: its end is before its begin'],
    ['web[01:100]', 'found the range [01:100]: a padded begin and end have the same width'],
    ['web[1:a]', 'found the range [1:a]: its ends are two numbers or two letters'],
    ['web[aa:bb]', 'found the range [aa:bb]: its ends are two numbers or two letters'],
    ['web[1:9:0]', 'found the range [1:9:0]: it is begin:end or begin:end:step'],
    ['web[1:2:3:4]', 'found the range [1:2:3:4]: it is begin:end or begin:end:step'],
    ['web[1:99999999]', 'found the range [1:99999999]: more than 1000000 hosts'],
    ['a[1:9999]b[1:9999]', 'found the range [1:9999] of more than 1000000 hosts'],
  ])('%s', (word, problem) => {
    expect(parseHostWord(word)).toEqual({ problem });
  });
});
