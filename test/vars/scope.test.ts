import { describe, expect, it, vi } from 'vitest';
import { compileExpression, toPlain } from '../../src/template/index.ts';
import { HostVars, isFactName } from '../../src/vars/host-vars.ts';
import {
  dataLayer,
  FactsNeeded,
  LayeredScope,
  type MagicVars,
  needsFactsOf,
  templateLayer,
} from '../../src/vars/scope.ts';

const NO_MAGIC: MagicVars = { has: () => false, get: () => undefined, names: () => [] };

const scopeOf = (...layers: ConstructorParameters<typeof LayeredScope>[0]['layers']) =>
  new LayeredScope({ magic: NO_MAGIC, layers });

describe('LayeredScope', () => {
  it('the first layer that has a name wins, and magic variables beat all layers', () => {
    const magic: MagicVars = { has: (name) => name === 'm', get: () => 'magic', names: () => ['m'] };
    const scope = new LayeredScope({ magic, layers: [dataLayer('a', { x: 1, m: 0 }), dataLayer('b', { x: 2, y: 2 })] });
    expect([scope.get('x'), scope.get('y'), scope.get('m'), scope.get('z')]).toEqual([1, 2, 'magic', undefined]);
    expect([...scope.names()].toSorted()).toEqual(['m', 'x', 'y']);
  });

  it('evaluates templates of written layers, once, and never those of data', () => {
    const scope = scopeOf(
      dataLayer('host', { said: '{{ 1 + 1 }}' }),
      templateLayer('play', { a: '{{ said }}', b: '{{ a }}!' }),
    );
    expect([scope.get('said'), scope.get('a'), scope.get('b')]).toEqual(['{{ 1 + 1 }}', '{{ 1 + 1 }}', '{{ 1 + 1 }}!']);
  });

  it('a variable that nothing reads is never evaluated', () => {
    expect(scopeOf(templateLayer('play', { bad: '{{ nosuch }}', good: 1 })).get('good')).toBe(1);
  });

  it('names of a circle are in its error', () => {
    const scope = scopeOf(templateLayer('play', { a: '{{ b }}', b: '{{ c }}', c: '{{ a }}' }));
    expect(() => scope.get('a')).toThrow("variables name each other in a circle: 'a' -> 'b' -> 'c' -> 'a'");
  });

  it('with() lays variables on top and leaves the scope as it was', () => {
    const scope = scopeOf(templateLayer('play', { item: 0, label: 'n{{ item }}' }));
    expect([scope.with({ item: 7 }).get('label'), scope.get('label')]).toEqual(['n7', 'n0']);
  });

  it('asks once for what no layer has, also through a template', () => {
    const onMissing = vi.fn(() => {
      throw new FactsNeeded('web1');
    });
    const scope = new LayeredScope({
      magic: NO_MAGIC,
      layers: [templateLayer('play', { a: '{{ ansible_system }}' })],
      onMissing,
    });
    const error = (() => {
      try {
        return compileExpression('a').evaluate(scope);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(needsFactsOf(error)).toBe('web1');
    expect(onMissing).toHaveBeenCalledExactlyOnceWith('ansible_system');
  });
});

describe('HostVars', () => {
  it('shows facts under both names, and nothing at all until there are some', () => {
    const vars = new HostVars();
    const scope = scopeOf(vars.factsLayer);
    expect(scope.has('ansible_facts')).toBe(false);
    vars.addFacts({ kernel: '6.1', ansible_system: 'Linux' }, true);
    expect(scope.get('ansible_kernel')).toBe('6.1');
    expect(toPlain(scope.get('ansible_facts'))).toEqual({ kernel: '6.1', system: 'Linux' });
    vars.clearFacts();
    expect(vars.factsGathered).toBe(false);
  });

  it('shows single facts that were found, but no `ansible_facts`, while others can still be gathered', () => {
    const vars = new HostVars();
    const scope = scopeOf(vars.factsLayer);
    vars.addFacts({ kernel: '6.1' }, false);
    expect(vars.factsGathered).toBe(false);
    expect(scope.get('ansible_kernel')).toBe('6.1');
    expect(scope.has('ansible_facts')).toBe(false);
    vars.addFacts({ system: 'Linux' }, true);
    expect(toPlain(scope.get('ansible_facts'))).toEqual({ kernel: '6.1', system: 'Linux' });
  });

  it.each([
    ['ansible_facts', true],
    ['ansible_distribution', true],
    ['ansible_default_ipv4', true],
    ['ansible_host', false],
    ['ansible_become_password', false],
    ['ansible_ssh_private_key_passphrase', false],
    ['ansible_private_key_passphrase', false],
    ['ansible_check_mode', false],
    ['ansible_loop_var', false],
    ['my_variable', false],
  ])('reading %s gathers facts: %s', (name, expected) => {
    expect(isFactName(name)).toBe(expected);
  });
});
