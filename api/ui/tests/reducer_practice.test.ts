// Practice over the socket: answers and grades, hints, mastery, notes. Nothing that comes twice counts twice.
import { describe, expect, it } from 'vitest';
import type { SocketEvent } from '../src/socket/event';
import { answerOf } from '../src/socket/practice';
import { isAskingBack } from '../src/socket/state';
import { hellosIn, Talk } from './talk';

const ITEM = 'control_flow.for_loops.range_numbers';
const EXERCISE = 'control_flow.for_loops.count_to_five';
const TOPIC = 'control_flow.for_loops';
const quiz = (cmd: string): SocketEvent => ({ type: 'practise', frame: { type: 'quiz', cmd, item: ITEM, answer: 1 } });
const hint = (cmd: string): SocketEvent => ({ type: 'practise', frame: { type: 'hint', cmd, exercise: EXERCISE } });
const submit = (cmd: string): SocketEvent => ({ type: 'practise', frame: { type: 'submit', cmd, exercise: EXERCISE, answer: '1\n2' } });

const graded = (seq: number, cmd: string, more = {}) => ({ seq, type: 'graded', cmd, item: ITEM, topic: TOPIC, correct: true, score: 100, choice: 1, answer: 1, text: 'Yes.', ...more });
const mastery = (seq: number, score: number) => ({ seq, type: 'mastery', topic: TOPIC, score, level: 'learning', level_before: 'beginner' });
const hintTurn = (seq: number, cmd: string, turn: string, more: object) => [
  { seq, type: 'ack', cmd, turn },
  { seq: seq + 1, type: 'route', turn, agent: 'exercise', topic: TOPIC, confidence: 1 },
  { type: 'token', turn, attempt: 1, from: 0, text: 'Look' },
  { seq: seq + 2, type: 'done', turn, status: 'complete', text: 'Look', agent: 'exercise', source: 'authored', exercise: EXERCISE, ...more },
];
const newsIn = (talk: Talk) => talk.effects.flatMap((effect) => (effect.kind === 'news' ? [effect.frame] : []));
const play = (talk: Talk, frames: object[]) => frames.forEach((frame) => talk.frame(frame as Record<string, unknown>));

describe('a quiz answer', () => {
  it('is sent, taken, graded, and moves mastery', () => {
    const talk = new Talk().connect();
    talk.on(quiz('c1'));
    expect(talk.sent()).toEqual([{ type: 'quiz', cmd: 'c1', item: ITEM, answer: 1 }]);
    expect(answerOf(talk.state.practice, 'c1')?.status).toBe('sent');
    talk.frame({ seq: 1, type: 'ack', cmd: 'c1' });
    expect(answerOf(talk.state.practice, 'c1')?.status).toBe('taken');
    play(talk, [graded(2, 'c1'), mastery(3, 42)]);
    expect(answerOf(talk.state.practice, 'c1')).toMatchObject({ status: 'graded', graded: { correct: true, text: 'Yes.' } });
    expect(talk.state.practice.mastery[TOPIC]?.score).toBe(42);
    expect(newsIn(talk).map((frame) => frame.seq)).toEqual([3]);
    expect(talk.state.commands).toEqual([]);
  });

  it('that is unanswered is repeated under the same cmd after hello, as asks are', () => {
    const talk = new Talk().connect();
    talk.on(quiz('c1'));
    talk.on({ type: 'closed', code: 1012 });
    talk.sent();
    talk.connect();
    // `connect` keeps asks only, so the state is looked at.
    expect(talk.state.commands).toMatchObject([{ frame: { cmd: 'c1' }, sends: 2 }]);
    play(talk, [{ seq: 1, type: 'ack', cmd: 'c1' }, graded(2, 'c1')]);
    expect(talk.state.practice.answers).toHaveLength(1);
  });

  it('refused for good may be given again, and says why', () => {
    const talk = new Talk().connect();
    talk.on(quiz('c1'));
    talk.frame({ type: 'error', cmd: 'c1', code: 'LF0107', title: 'No such item', detail: 'gone', retryable: false });
    expect(answerOf(talk.state.practice, 'c1')).toMatchObject({ status: 'refused', refusal: { title: 'No such item' } });
    expect(talk.state.commands).toEqual([]);
  });

  it('put off by the server is sent again after the pause', () => {
    const talk = new Talk().connect();
    talk.on(quiz('c1'));
    talk.frame({ type: 'error', cmd: 'c1', code: 'LF0503', retryable: true, retry_ms: 1_000 });
    talk.sent();
    talk.wait(1_500);
    expect(talk.sent()).toMatchObject([{ type: 'quiz', cmd: 'c1' }]);
  });

  it('whose grade was skipped by a resync is known to be missed', () => {
    const talk = new Talk().connect();
    talk.on(quiz('c1'));
    talk.on(quiz('c2'));
    talk.frame({ seq: 1, type: 'ack', cmd: 'c1' });
    play(talk, [mastery(2, 10)]);
    talk.frame({ type: 'resync', seq: 900, turns: [] });
    expect(answerOf(talk.state.practice, 'c1')?.status).toBe('missed');
    expect(talk.state.practice.mastery).toEqual({});
    // Its ack lies before the resync, and so does its grade.
    talk.frame({ seq: 890, type: 'ack', cmd: 'c2' });
    expect(answerOf(talk.state.practice, 'c2')?.status).toBe('missed');
  });
});

describe('frames that come twice', () => {
  const frames = [{ seq: 1, type: 'ack', cmd: 'c1' }, graded(2, 'c1'), mastery(3, 42), { seq: 4, type: 'review_due', topics: [TOPIC] }, { seq: 5, type: 'quota', limit: 50, remaining: 49 }, { seq: 6, type: 'alert', trigger: 'stuck', exercise: EXERCISE, text: 'Stuck?' }, ...hintTurn(7, 'c2', 't1', { hint_rung: 1, repeated: false, next_rung_ms: 0 })];

  it('change nothing the second time', () => {
    const talk = new Talk().connect();
    talk.on(quiz('c1'));
    talk.on(hint('c2'));
    play(talk, frames);
    const { practice, turns, commands, seq } = talk.state;
    talk.effects = [];
    play(talk, frames);
    expect(talk.state).toMatchObject({ practice, turns, commands, seq });
    expect(talk.state.practice).toBe(practice);
    expect(talk.effects).toEqual([]);
  });

  it('one by one doubled, they leave the same as when each comes once', () => {
    const [once, twice] = [new Talk().connect(), new Talk().connect()];
    for (const talk of [once, twice]) {
      talk.on(quiz('c1'));
      talk.on(hint('c2'));
    }
    play(once, frames);
    play(twice, frames.flatMap((frame) => [frame, frame]));
    expect(twice.state.practice).toEqual(once.state.practice);
    expect(twice.state.turns).toEqual(once.state.turns);
    expect(newsIn(twice)).toEqual(newsIn(once));
  });

  it('replayed to a page that was opened anew are history: shown, but no news', () => {
    const talk = new Talk().connect(10);
    talk.effects = [];
    play(talk, frames);
    expect(talk.state.practice.mastery[TOPIC]?.score).toBe(42);
    expect(talk.state.practice.quota?.remaining).toBe(49);
    expect(talk.state.practice.ladders[EXERCISE]?.rung).toBe(1);
    expect(newsIn(talk)).toEqual([]);
    play(talk, [{ seq: 10, type: 'ack', cmd: 'other' }, mastery(11, 50)]);
    expect(newsIn(talk).map((frame) => frame.seq)).toEqual([11]);
  });

  it('missed while the line was down are news when they are replayed', () => {
    const talk = new Talk().connect();
    play(talk, [mastery(1, 10)]);
    talk.on({ type: 'closed', code: 1006 });
    talk.connect(2);
    talk.effects = [];
    play(talk, [mastery(1, 10), mastery(2, 20)]);
    expect(newsIn(talk).map((frame) => frame.seq)).toEqual([2]);
  });

  it('with a gap before them are asked for again', () => {
    const talk = new Talk().connect();
    talk.wait(2_000);
    talk.sent();
    talk.frame(mastery(2, 42));
    expect(hellosIn(talk.sent())).toEqual([{ type: 'hello', v: 1, after_seq: 0 }]);
    expect(talk.state.practice.mastery).toEqual({});
  });
});

describe('hints', () => {
  it('climb, and stand in the conversation with their rung', () => {
    const talk = new Talk().connect();
    talk.on(hint('c1'));
    play(talk, hintTurn(1, 'c1', 't1', { hint_rung: 1, repeated: false, next_rung_ms: 0 }));
    expect(talk.turn('t1')).toMatchObject({ status: 'complete', question: '', hint: { exercise: EXERCISE, rung: 1, isRepeated: false } });
    expect(talk.state.practice.ladders[EXERCISE]).toMatchObject({ rung: 1, hints: [{ rung: 1, text: 'Look' }] });
    expect(talk.effects.some((effect) => effect.kind === 'fetchTranscript')).toBe(false);
  });

  it('repeated keep their first text and say when the next one opens, until the next attempt', () => {
    const talk = new Talk().connect();
    talk.on(hint('c1'));
    play(talk, hintTurn(1, 'c1', 't1', { hint_rung: 1, repeated: false, next_rung_ms: 0 }));
    talk.on(hint('c2'));
    play(talk, hintTurn(4, 'c2', 't2', { hint_rung: 1, repeated: true, next_rung_ms: 42_000, text: 'Look\n\n*in 42 s*' }));
    expect(talk.state.practice.ladders[EXERCISE]).toEqual({ rung: 1, hints: [{ rung: 1, text: 'Look' }], isRepeated: true, opensAt: talk.at + 42_000 });
    talk.on(submit('c3'));
    play(talk, [{ seq: 7, type: 'ack', cmd: 'c3' }, graded(8, 'c3', { item: undefined, exercise: EXERCISE, correct: false, score: 50 })]);
    expect(talk.state.practice.ladders[EXERCISE]).toMatchObject({ isRepeated: false, opensAt: undefined });
    expect(talk.state.practice.grades[EXERCISE]).toMatchObject({ score: 50 });
  });

  it('that are history say nothing of waiting', () => {
    const talk = new Talk().connect(9);
    play(talk, hintTurn(1, 'c2', 't2', { hint_rung: 2, repeated: true, next_rung_ms: 42_000 }));
    expect(talk.state.practice.ladders[EXERCISE]).toMatchObject({ rung: 2, opensAt: undefined });
  });

  it('refused are told', () => {
    const talk = new Talk().connect();
    talk.on(hint('c1'));
    const effects = talk.frame({ type: 'error', cmd: 'c1', title: 'Unknown exercise', detail: 'none', retryable: false });
    expect(effects).toContainEqual({ kind: 'notice', title: 'Unknown exercise', detail: 'none' });
    expect(talk.state.commands).toEqual([]);
  });
});

it('an ask made while an exercise is open names it', () => {
  const talk = new Talk().connect();
  talk.on({ type: 'ask', cmd: 'c1', text: 'why?', exercise: EXERCISE });
  expect(talk.sent()).toEqual([{ type: 'ask', cmd: 'c1', text: 'why?', exercise: EXERCISE }]);
});

it('a note stands after the turn that it followed', () => {
  const talk = new Talk().connect().running(1, 'c1', 't1');
  talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'a' });
  talk.frame({ seq: 4, type: 'alert', trigger: 'confused', topic: TOPIC, text: 'Shall we take it slowly?' });
  expect(talk.state.practice.alerts).toMatchObject([{ seq: 4, after: 't1' }]);
});

it('a route that is not sure, or clarify, is a question back', () => {
  const talk = new Talk().connect();
  const route = (seq: number, turn: string, agent: string, confidence: number) => talk.frame({ seq, type: 'route', turn, agent, confidence });
  route(1, 't1', 'concepts', 0.69);
  route(2, 't2', 'concepts', 0.7);
  route(3, 't3', 'clarify', 0.4);
  expect(['t1', 't2', 't3'].map((id) => isAskingBack(talk.turn(id) as never))).toEqual([true, false, true]);
});
