// What the session says of practice: answers and their grades, hints, mastery, reviews, quota and alerts. Pure, like the rest of the reducer.
import type { AlertFrame, DoneFrame, GradedFrame, MasteryFrame, PracticeFrame, QuotaFrame } from '../wire/frames';
import type { Refusal } from './state';

/** An answer that this page sent. `missed`: it counted, but its grade was skipped by a resync. */
export interface SentAnswer {
  readonly cmd: string;
  /** The quiz item or exercise. */
  readonly target: string;
  readonly status: 'sent' | 'taken' | 'graded' | 'refused' | 'missed';
  readonly graded?: GradedFrame | undefined;
  readonly refusal?: Refusal | undefined;
}

export interface Hint {
  readonly rung: number;
  readonly text: string;
}

/** The hints of one exercise that were given. */
export interface Ladder {
  readonly rung: number;
  readonly hints: readonly Hint[];
  /** Whether the last hint was one that had been shown before. */
  readonly isRepeated: boolean;
  /** When the next rung opens by itself; undefined: nothing is known to hold it back. */
  readonly opensAt?: number | undefined;
}

export interface Alert extends AlertFrame {
  /** The turn after which it came. */
  readonly after?: string | undefined;
}

export interface PracticeState {
  readonly answers: readonly SentAnswer[];
  /** The newest grade of each exercise. */
  readonly grades: Readonly<Record<string, GradedFrame>>;
  readonly ladders: Readonly<Record<string, Ladder>>;
  /** The newest mastery of each topic, since the last resync. */
  readonly mastery: Readonly<Record<string, MasteryFrame>>;
  readonly quota?: QuotaFrame | undefined;
  readonly alerts: readonly Alert[];
  /** Grows whenever something changed that is read over HTTP. */
  readonly changes: number;
}

export const NO_PRACTICE: PracticeState = { answers: [], grades: {}, ladders: {}, mastery: {}, alerts: [], changes: 0 };

const ANSWERS_KEPT = 32;
const ALERTS_KEPT = 20;

export const isPracticeFrame = (frame: { type: string }): frame is PracticeFrame => ['hint', 'submit', 'quiz'].includes(frame.type);

/** An answer leaves the page (or waits for a connection). Hints have no grade to wait for. */
export function sent(practice: PracticeState, frame: PracticeFrame): PracticeState {
  if (frame.type === 'hint') return practice;
  const target = frame.type === 'quiz' ? frame.item : frame.exercise;
  const answer: SentAnswer = { cmd: frame.cmd, target, status: 'sent' };
  return { ...practice, answers: [...practice.answers, answer].slice(-ANSWERS_KEPT) };
}

export const answerOf = (practice: PracticeState, cmd: string | undefined): SentAnswer | undefined =>
  practice.answers.find((answer) => answer.cmd === cmd);

function changeAnswer(practice: PracticeState, cmd: string, change: Partial<SentAnswer>): PracticeState {
  if (!answerOf(practice, cmd)) return practice;
  return { ...practice, answers: practice.answers.map((answer) => (answer.cmd === cmd ? { ...answer, ...change } : answer)) };
}

/** The server has taken an answer; `isPast`: its grade belongs to frames that were skipped. */
export function taken(practice: PracticeState, cmd: string, isPast: boolean): PracticeState {
  if (answerOf(practice, cmd)?.status !== 'sent') return practice;
  return changeAnswer(practice, cmd, { status: isPast ? 'missed' : 'taken' });
}

export const refusedAnswer = (practice: PracticeState, cmd: string, refusal: Refusal): PracticeState =>
  changeAnswer(practice, cmd, { status: 'refused', refusal });

/** A grade. A new attempt opens the next rung of its exercise at once. */
function graded(practice: PracticeState, frame: GradedFrame): PracticeState {
  const next = changeAnswer(practice, frame.cmd, { status: 'graded', graded: frame });
  if (frame.exercise === undefined) return next;
  const ladder = next.ladders[frame.exercise];
  return {
    ...next,
    grades: { ...next.grades, [frame.exercise]: frame },
    ladders: ladder ? { ...next.ladders, [frame.exercise]: { ...ladder, isRepeated: false, opensAt: undefined } } : next.ladders,
  };
}

/** A hint was given. `at` is now, or undefined when the frame is an old one: then its wait says nothing. */
export function hinted(practice: PracticeState, done: DoneFrame, at: number | undefined): PracticeState {
  const { exercise, hint_rung: rung } = done;
  if (exercise === undefined || rung === undefined) return practice;
  const known = practice.ladders[exercise];
  const hint: Hint = { rung, text: done.text ?? '' };
  // A repeated hint says the same with a wait behind it: the text of its first time stays.
  const isShown = known?.hints.some((one) => one.rung === rung) ?? false;
  const hints = isShown ? (known?.hints ?? []) : [...(known?.hints ?? []), hint].sort((a, b) => a.rung - b.rung);
  const waitMs = done.next_rung_ms ?? 0;
  const ladder: Ladder = {
    rung: Math.max(rung, known?.rung ?? 0),
    hints,
    isRepeated: done.repeated ?? false,
    opensAt: at !== undefined && waitMs > 0 ? at + waitMs : undefined,
  };
  return { ...practice, ladders: { ...practice.ladders, [exercise]: ladder } };
}

/** Applies a durable frame of practice; the same state when it is none. */
export function practised(practice: PracticeState, frame: { type: string }, after: string | undefined): PracticeState {
  switch (frame.type) {
    case 'graded':
      return changed(graded(practice, frame as GradedFrame));
    case 'mastery': {
      const mastery = frame as MasteryFrame;
      return changed({ ...practice, mastery: { ...practice.mastery, [mastery.topic]: mastery } });
    }
    case 'review_due':
      return changed(practice);
    case 'quota':
      return { ...practice, quota: frame as QuotaFrame };
    case 'alert':
      return { ...practice, alerts: [...practice.alerts, { ...(frame as AlertFrame), after }].slice(-ALERTS_KEPT) };
    default:
      return practice;
  }
}

export const changed = (practice: PracticeState): PracticeState => ({ ...practice, changes: practice.changes + 1 });

/** Frames were skipped: what was only known from them is asked for again, and taken answers have lost their grade. */
export function skipped(practice: PracticeState): PracticeState {
  const answers = practice.answers.map((answer) => (answer.status === 'taken' ? { ...answer, status: 'missed' as const } : answer));
  return changed({ ...practice, answers, mastery: {} });
}
