import { describe, expect, it } from 'vitest';
import { closestWord, didYouMean } from '../../src/util/did-you-mean.ts';

describe('closestWord', () => {
  it.each([
    ['taks', ['tasks', 'tags'], 'tasks'],
    ['TASKS', ['tasks'], 'tasks'],
    ['beocme', ['become', 'before'], 'become'],
    ['hots', ['hosts', 'host'], 'hosts'],
    ['x', ['y'], 'y'],
  ])('finds for %s among %j the word %s', (word, candidates, expected) => {
    expect(closestWord(word, candidates)).toBe(expected);
  });

  it.each([
    ['gather_facts', ['tasks', 'vars']],
    ['abc', ['xyz']],
    ['abc', []],
  ])('finds for %s among %j nothing', (word, candidates) => {
    expect(closestWord(word, candidates)).toBeUndefined();
  });
});

describe('didYouMean', () => {
  it('asks with the word found', () => {
    expect(didYouMean('jason', ['json', 'junit'])).toBe("did you mean 'json'?");
  });

  it('is undefined when nothing is near', () => {
    expect(didYouMean('prometheus', ['json', 'junit'])).toBeUndefined();
  });
});
