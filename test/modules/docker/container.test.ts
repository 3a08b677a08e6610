import { expect, test } from 'vitest';
import { countStates, stateOfStatus, stateOfWord } from '../../../src/modules/docker/container.ts';

test.each([
  ['Up 2 seconds', 'running'],
  ['Up About a minute (unhealthy)', 'running'],
  ['Up 2 hours (Paused)', 'paused'],
  ['Restarting (1) 5 seconds ago', 'restarting'],
  ['Created', 'created'],
  ['Exited (3) 4 minutes ago', 'exited'],
  ['Removal In Progress', 'removing'],
  ['Dead', 'dead'],
  ['Somewhere else', 'unknown'],
])("docker's status '%s' is %s", (status, state) => {
  expect(stateOfStatus(status, 'docker')).toBe(state);
});

test.each([
  ['running', 'running'],
  ['Up 3 minutes ago', 'running'],
  ['exited', 'exited'],
  ['Exited (0) 2 hours ago', 'exited'],
  ['stopped', 'exited'],
  ['stopping', 'stopping'],
  ['configured', 'created'],
  ['initialized', 'created'],
  ['paused', 'paused'],
  ['removing', 'dead'],
])("podman's state '%s' is %s", (status, state) => {
  expect(stateOfStatus(status, 'podman')).toBe(state);
});

test('only podman leaves an interrupted removal in the state removing', () => {
  expect(stateOfWord('removing', 'docker')).toBe('removing');
  expect(stateOfWord('removing', 'podman')).toBe('dead');
});

test('states without a container are not counted', () => {
  expect(countStates(['dead', 'running', 'dead'])).toEqual({ dead: 2, running: 1 });
});
