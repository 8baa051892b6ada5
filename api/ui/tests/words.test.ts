// Small pure parts: ids in words, times in words, addresses, ids of commands.
import { describe, expect, it } from 'vitest';
import { parseRoute } from '../src/shell/route.svelte';
import { agentName, ago, count, levelKey, sourceName, topicName } from '../src/shell/words';
import { newCommandId } from '../src/socket/command_id';
import { parseFrame } from '../src/wire/frames';

it('says agents, sources and topics in words, also those it doesn’t know', () => {
  expect(agentName('code_review')).toBe('Code review');
  expect(agentName('new_agent')).toBe('New agent');
  expect(sourceName('authored')).toBe('from the course');
  expect(sourceName('somewhere')).toBe('somewhere');
  expect(topicName('control_flow.for_loops')).toBe('For loops');
  expect(topicName('basics.variables', new Map([['basics.variables', 'Names for values']]))).toBe('Names for values');
});

it('says times as people do', () => {
  const now = Date.parse('2030-05-02T12:00:00Z');
  const before = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  expect(ago(before(0), now)).toBe('just now');
  expect(ago(before(5), now)).toBe('5 min ago');
  expect(ago(before(130), now)).toBe('2 h ago');
  expect(ago(before(26 * 60), now)).toBe('yesterday');
  expect(ago(before(9 * 24 * 60), now)).toMatch(/2030/);
  expect(ago(null, now)).toBe('never');
  expect(ago('nonsense', now)).toBe('never');
});

it('counts and grades', () => {
  expect(count(1, 'question', 'questions')).toBe('1 question');
  expect(count(0, 'question', 'questions')).toBe('0 questions');
  expect(levelKey('Mastered')).toBe('mastered');
  expect(levelKey(undefined)).toBe('none');
});

it('reads addresses', () => {
  expect(parseRoute('')).toEqual({ page: 'home' });
  expect(parseRoute('#/nonsense/1')).toEqual({ page: 'home' });
  expect(parseRoute('#/sections/s%201')).toEqual({ page: 'section', id: 's 1' });
  expect(parseRoute('#/students/x?section=s1')).toEqual({ page: 'student', id: 'x', section: 's1' });
  expect(parseRoute('#/students/x')).toEqual({ page: 'student', id: 'x', section: undefined });
  expect(parseRoute('#/quiz/control_flow.for_loops')).toEqual({ page: 'quiz', topic: 'control_flow.for_loops' });
  expect(parseRoute('#/exercises/a.b.c')).toEqual({ page: 'exercise', id: 'a.b.c' });
  expect(parseRoute('#/quiz/')).toEqual({ page: 'home' });
  expect(parseRoute('#/students/%E0%A4%A')).toEqual({ page: 'home' });
});

describe('ids of commands', () => {
  it('are UUIDs of version 7, ordered by time and never the same', () => {
    const id = newCommandId(1_700_000_000_123);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_700_000_000_123);
    expect(newCommandId(2) > newCommandId(1)).toBe(true);
    expect(new Set(Array.from({ length: 500 }, () => newCommandId(7))).size).toBe(500);
  });
});

it('reads frames, and nothing that isn’t one', () => {
  expect(parseFrame('{"type":"pong","seq":3}')).toEqual({ type: 'pong', seq: 3 });
  for (const odd of ['', 'x', '1', 'null', '[]', '{}', '{"type":7}']) expect(parseFrame(odd)).toBeUndefined();
});
