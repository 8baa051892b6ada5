// What the practice pages say and do, as data: the quiz machine, hints, points, the panel, notes.
import { describe, expect, it } from 'vitest';
import { notesByTurn } from '../src/chat/alerts';
import { caveatOf } from '../src/chat/caveat';
import { fenced } from '../src/markdown/blocks';
import { hintView } from '../src/practice/hints';
import { answered, asked, chosen, marksSoFar, moved, NEW_QUIZ, optionMark, ROUND, stageOf } from '../src/practice/quiz';
import { evidenceText, gradeText, masteryText, missingText, moveText, partsOf, points, pointsText, quotaText, reviewText, scoreMove } from '../src/practice/words';
import { moduleLines, nextCard, standing } from '../src/progress/panel';
import type { Alert, Ladder, SentAnswer } from '../src/socket/practice';
import type { GradedFrame, MasteryFrame } from '../src/wire/frames';
import type { Evidence } from '../src/wire/learning';
import type { Course, Progress } from '../src/wire/records';

const ITEM = { id: 'm.t.q', topic: 'm.t', stem: 'Which?', options: ['a', 'b', 'c'] };
const graded = (correct: boolean): GradedFrame => ({ seq: 1, type: 'graded', cmd: 'c', topic: 'm.t', correct, score: correct ? 100 : 0, text: '', choice: 1, answer: correct ? 1 : 2 });
const answer = (status: SentAnswer['status'], correct = true): SentAnswer => ({ cmd: 'c', target: ITEM.id, status, ...(status === 'graded' ? { graded: graded(correct) } : {}) });

describe('a quiz', () => {
  const waiting = answered(chosen(asked(NEW_QUIZ, ITEM), 1), 'c');

  it('goes from loading over choosing and waiting to a grade', () => {
    expect(stageOf(NEW_QUIZ, undefined)).toBe('loading');
    expect(stageOf(asked(NEW_QUIZ, ITEM), undefined)).toBe('choosing');
    expect(stageOf(waiting, undefined)).toBe('waiting');
    for (const [status, stage] of [['sent', 'waiting'], ['taken', 'waiting'], ['graded', 'graded'], ['missed', 'missed'], ['refused', 'choosing']] as const) {
      expect(stageOf(waiting, answer(status)), status).toBe(stage);
    }
  });

  it('gives no answer before an option is chosen', () => {
    expect(answered(asked(NEW_QUIZ, ITEM), 'c').cmd).toBeUndefined();
  });

  it('marks the chosen and the right option', () => {
    expect([0, 1, 2].map((index) => optionMark(index, answer('graded', false)))).toEqual([undefined, 'chosen wrong', 'right']);
    expect([0, 1, 2].map((index) => optionMark(index, answer('graded', true)))).toEqual([undefined, 'chosen right', undefined]);
    expect(optionMark(1, answer('taken'))).toBeUndefined();
  });

  it('counts a round of five, the shown grade among them', () => {
    let quiz = NEW_QUIZ;
    for (let question = 0; question < ROUND; question += 1) {
      quiz = asked(quiz, ITEM);
      expect(marksSoFar(quiz, answer('graded'))).toHaveLength(question + 1);
      quiz = moved(quiz, question === 2 ? answer('missed') : answer('graded', question > 0));
    }
    expect(quiz.marks).toEqual([false, true, null, true, true]);
    expect(stageOf(quiz, undefined)).toBe('over');
  });
});

describe('the hint button', () => {
  const ladder = (more: Partial<Ladder>): Ladder => ({ rung: 1, hints: [], isRepeated: false, ...more });

  it('names the rung that comes, and the one that was reached', () => {
    expect(hintView(undefined, 0, 0)).toMatchObject({ action: 'Get hint 1 of 4', waitS: 0 });
    expect(hintView(undefined, 2, 0)).toMatchObject({ action: 'Get hint 3 of 4', status: 'You are on hint 2 of 4.' });
    expect(hintView(ladder({ rung: 3 }), 1, 0).action).toBe('Get hint 4 of 4');
    expect(hintView(ladder({ rung: 4 }), 0, 0).action).toBe('Ask for more help');
    expect(hintView(ladder({ rung: 5 }), 0, 0).status).toBe('You have seen the solution.');
  });

  it('counts down to the next one', () => {
    const held = ladder({ isRepeated: true, opensAt: 60_000 });
    expect(hintView(held, 0, 18_500)).toMatchObject({ waitS: 42 });
    expect(hintView(held, 0, 18_500).status).toContain('opens in 42 s');
    expect(hintView(held, 0, 60_000)).toMatchObject({ waitS: 0, status: 'You are on hint 1 of 4.' });
  });

  it('says that there is no more when a hint is repeated without a wait', () => {
    expect(hintView(ladder({ rung: 4, isRepeated: true }), 0, 0).status).toContain('That is all for now');
  });
});

describe('words', () => {
  it('say points, levels, reviews and quota', () => {
    expect([points(42), points(42.04), points(41.96), points(8.25)]).toEqual(['42', '42', '42', '8.3']);
    expect([pointsText(1), pointsText(0), pointsText(1.5)]).toEqual(['1 point', '0 points', '1.5 points']);
    expect(masteryText({ score: 42, level: 'learning' } as MasteryFrame, 'For loops')).toBe('For loops: 42 points, Learning');
    expect(reviewText(['Lists'])).toBe('1 review is due: Lists');
    expect(reviewText(['Lists', 'Sets'])).toBe('2 reviews are due: Lists, Sets');
    expect(quotaText({ seq: 1, type: 'quota', limit: 50, remaining: 12 })).toBe('12 of 50 AI answers left today');
    expect(quotaText({ seq: 1, type: 'quota', limit: 50, remaining: 0, reset_at: '2030-01-01T00:00:00Z' })).toMatch(/^0 of 50 AI answers left today; new ones at /);
  });

  it('say what a score is made of, and what is missing', () => {
    const parts = partsOf({ components: { exercises: 75, quizzes: null, quality: null, streak: 10 } });
    expect(parts.map(({ weight, value, adds }) => [weight, value, adds])).toEqual([[40, 75, 30], [30, null, 0], [20, null, 0], [10, 10, 1]]);
    expect(missingText(parts)).toBe('Not counted yet: quizzes and code quality. To change that, finish a quiz of five questions and hand in code that is well written.');
    expect(missingText(partsOf({ components: { exercises: 1, quizzes: 0, quality: 1, streak: 1 } }))).toBe('');
  });

  it('say what an event moved', () => {
    const event: Evidence = { seq: 1, kind: 'quiz', item: 'i', title: 't', score: 100, deltas: { score: [42, 48.5] } };
    expect(scoreMove(event)).toEqual({ from: 42, to: 48.5 });
    expect(scoreMove({ ...event, deltas: { score: [null, 6] } })).toEqual({ from: 0, to: 6 });
    expect(scoreMove({ ...event, deltas: null })).toBeUndefined();
    expect([moveText({ from: 42, to: 48.5 }), moveText({ from: 48, to: 42 }), moveText({ from: 4, to: 4.04 })]).toEqual(['+6.5 points', '−6 points', 'no change']);
    expect(evidenceText(event)).toBe('Quiz question, answered right');
    expect(evidenceText({ ...event, kind: 'exercise', score: 75, hint_rung: 2 })).toBe('Exercise tried: 75 of 100, with hint 2');
  });

  it('say a verdict', () => {
    expect(gradeText({ correct: true, score: 100 })).toBe('Right!');
    expect(gradeText({ correct: true, score: 100, exercise: 'x' })).toBe('Solved!');
    expect(gradeText({ correct: false, score: 75, exercise: 'x' })).toBe('Not all of it yet');
    expect(gradeText({ correct: false, score: 0 })).toBe('Not quite');
  });
});

describe('the panel', () => {
  const course: Course = {
    id: 'c',
    title: 'C',
    modules: [{ id: 'm', title: 'M', topics: [{ id: 'm.a', title: 'for loops', suggested_questions: ['How?'] }, { id: 'm.b', title: 'B' }] }],
  };
  const progress: Progress = { student_id: 's', topics: [{ topic: 'm.a', level: 'beginner', score: 10 }, { topic: 'm.b', level: null, score: null }] };
  const exercises = [{ id: 'm.a.x', topic: 'm.a', title: 'X' }];
  const newer = { 'm.b': { seq: 3, type: 'mastery', topic: 'm.b', score: 44, level: 'learning' } as const };

  it('shows what was read, and what the socket said since before it', () => {
    const [before] = moduleLines({ course, progress, exercises, mastery: {} });
    expect(before).toMatchObject({ begun: 1, topics: [{ title: 'For loops', score: 10, level: 'beginner', exercises }, { score: null, level: null, exercises: [] }] });
    const [after] = moduleLines({ course, progress, exercises, mastery: newer });
    expect(after).toMatchObject({ begun: 2, topics: [{ score: 10 }, { score: 44, level: 'learning' }] });
    expect(standing('m.b', { progress, mastery: newer })).toEqual({ score: 44, level: 'learning' });
    expect(standing('m.b', { progress, mastery: {} })).toBeUndefined();
    expect(moduleLines({ course: undefined, progress, exercises, mastery: {} })).toEqual([]);
  });

  it('offers the next step with the deed that it is', () => {
    const modules = moduleLines({ course, progress, exercises, mastery: {} });
    const deed = (next: object) => nextCard({ why: 'weakest_topic', topic: 'm.a', ...next }, modules)?.deed;
    expect(deed({ activity: 'quiz', item: 'm.a.q' })).toEqual({ kind: 'quiz', topic: 'm.a' });
    expect(deed({ activity: 'exercise', item: 'm.a.x' })).toEqual({ kind: 'exercise', exercise: 'm.a.x' });
    expect(deed({ activity: 'explanation' })).toEqual({ kind: 'ask', topic: 'm.a', text: 'How?' });
    expect(deed({ topic: 'm.b', activity: 'explanation' })).toEqual({ kind: 'ask', topic: 'm.b', text: 'Can you explain “B” to me?' });
    expect(deed({ why: 'pending_question', turn: 't1' })).toEqual({ kind: 'turn', turn: 't1' });
    expect(deed({ why: 'done', topic: null })).toBeUndefined();
    expect(nextCard(undefined, modules)).toBeUndefined();
    expect(nextCard({ why: 'due_review', topic: 'm.a', activity: 'quiz' }, modules)).toMatchObject({ title: 'For loops', action: 'Start the quiz' });
  });
});

describe('the tutor’s notes', () => {
  const alert = (seq: number, after?: string): Alert => ({ seq, type: 'alert', trigger: 'stuck', text: 'x', after });
  const turns = [{ id: 'a' }, { id: 'c' }];
  const places = (alerts: Alert[], away: number[] = []) =>
    [...notesByTurn(alerts, turns, new Set(away))].map(([turn, notes]) => [turn, notes.map(({ seq }) => seq)]);

  it('stand under the turn that they followed, or the last one before it that is shown', () => {
    expect(places([alert(1), alert(2, 'b'), alert(3, 'c')])).toEqual([['', [1]], ['a', [2]], ['c', [3]]]);
  });

  it('put away are gone, and only the newest few are shown', () => {
    expect(places([alert(1, 'a'), alert(2, 'a')], [1])).toEqual([['a', [2]]]);
    expect(places([1, 2, 3, 4, 5].map((seq) => alert(seq, 'c')))).toEqual([['c', [3, 4, 5]]]);
  });
});

it('an answer for which the course stood in, or that was cut, says so', () => {
  const turn = { status: 'complete', source: 'authored' } as const;
  expect(caveatOf(turn)).toBe('');
  expect(caveatOf({ ...turn, fault: 'LF0601' })).toContain('The AI was not available');
  expect(caveatOf({ ...turn, fault: 'LF0504' })).toContain('used up');
  expect(caveatOf({ status: 'complete', source: 'model', truncated: true })).toContain('was cut');
  expect(caveatOf({ status: 'failed', source: undefined, fault: 'LF0601' })).toBe('');
});

it('fences code whatever backticks it holds', () => {
  expect(fenced('x = 1\n')).toBe('```python\nx = 1\n```');
  expect(fenced('"""```"""')).toBe('````python\n"""```"""\n````');
});
