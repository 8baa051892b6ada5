// How points, reasons, rungs and reviews are said in words.
import type { AlertFrame, GradedFrame, MasteryFrame, QuotaFrame } from '../wire/frames';
import type { ComponentName, Evidence, Mastery } from '../wire/learning';
import { count, levelName } from '../shell/words';

/** A score as people read it: whole points, and a decimal only where it says something. */
export const points = (score: number): string => {
  const rounded = Math.round(score * 10) / 10;
  return Number.isInteger(rounded) ? String(rounded) : rounded.toFixed(1);
};

export const pointsText = (score: number): string => `${points(score)} ${points(score) === '1' ? 'point' : 'points'}`;

/** `For loops: 42 points, Learning`. */
export const masteryText = (frame: MasteryFrame, title: string): string => `${title}: ${pointsText(frame.score)}, ${levelName(frame.level)}`;

export const reviewText = (titles: readonly string[]): string =>
  `${count(titles.length, 'review is', 'reviews are')} due: ${titles.join(', ')}`;

/** Which score belongs to which level. */
export const LEVEL_BANDS = 'Up to 40 points is Beginner, up to 70 Learning, up to 90 Proficient, above that Mastered (after at least 3 graded answers).';

const PARTS: readonly { name: ComponentName; title: string; weight: number; how: string }[] = [
  { name: 'exercises', title: 'Exercises', weight: 40, how: 'solve an exercise' },
  { name: 'quizzes', title: 'Quizzes', weight: 30, how: 'finish a quiz of five questions' },
  { name: 'quality', title: 'Code quality', weight: 20, how: 'hand in code that is well written' },
  { name: 'streak', title: 'Days in a row', weight: 10, how: 'learn on several days in a row' },
];

export interface Part {
  name: ComponentName;
  title: string;
  weight: number;
  /** Null: nothing is known yet. */
  value: number | null;
  /** What it adds to the score. */
  adds: number;
  how: string;
}

/** The four parts of a score with what each adds to it. */
export const partsOf = (mastery: Pick<Mastery, 'components'>): Part[] =>
  PARTS.map((part) => {
    const value = mastery.components[part.name] ?? null;
    return { ...part, value, adds: ((value ?? 0) * part.weight) / 100 };
  });

/** What isn't known yet, and what would change that; empty when all is. */
export function missingText(parts: readonly Part[]): string {
  const missing = parts.filter((part) => part.value === null);
  if (missing.length === 0) return '';
  const names = list(missing.map((part) => part.title.toLowerCase()));
  return `Not counted yet: ${names}. To change that, ${list(missing.map((part) => part.how))}.`;
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** Before and after of the score, where an event tells them. */
export function scoreMove(evidence: Evidence): { from: number; to: number } | undefined {
  const [from, to] = evidence.deltas?.score ?? [];
  return typeof to === 'number' ? { from: typeof from === 'number' ? from : 0, to } : undefined;
}

/** `+6 points`, `−2.5 points`, `no change`. */
export function moveText({ from, to }: { from: number; to: number }): string {
  const by = Math.round((to - from) * 10) / 10;
  if (by === 0) return 'no change';
  return `${by > 0 ? '+' : '−'}${pointsText(Math.abs(by))}`;
}

/** `Quiz answered right`, `Exercise: 75 of 100, with hint 2`. */
export function evidenceText(evidence: Evidence): string {
  const hint = evidence.hint_rung ? `, with hint ${evidence.hint_rung}` : '';
  if (evidence.kind === 'quiz') return evidence.score >= 100 ? 'Quiz question, answered right' : 'Quiz question, not right yet';
  if (evidence.score >= 100) return `Exercise solved${hint}`;
  return `Exercise tried: ${points(evidence.score)} of 100${hint}`;
}

/** The verdict in a few words. */
export function gradeText(graded: Pick<GradedFrame, 'correct' | 'score' | 'exercise'>): string {
  if (graded.correct) return graded.exercise === undefined ? 'Right!' : 'Solved!';
  if (graded.exercise !== undefined && graded.score > 0) return 'Not all of it yet';
  return 'Not quite';
}

/** A wrong idea's id in words. */
export const ideaText = (misconception: string): string => misconception.split('.').at(-1)?.replaceAll('_', ' ') ?? misconception;

/** `12 of 200 AI answers left today`. */
export function quotaText({ limit, remaining, reset_at: resetAt }: QuotaFrame): string {
  const left = `${Math.max(remaining, 0)} of ${limit} AI answers left today`;
  const reset = resetAt ? new Date(resetAt) : undefined;
  if (remaining > 0 || !reset || Number.isNaN(reset.getTime())) return left;
  return `${left}; new ones at ${reset.toLocaleTimeString(undefined, { timeStyle: 'short' })}`;
}

export const RUNGS = 4;
const RUNG_NAMES = ['', 'a nudge', 'a guiding question', 'an explanation', 'a similar example, worked out'];

/** `Hint 2 of 4`; the rung above the last is the solution. */
export const rungText = (rung: number): string => (rung > RUNGS ? 'The solution' : `Hint ${rung} of ${RUNGS}`);
export const rungName = (rung: number): string => RUNG_NAMES[rung] ?? '';

/** What a note of the tutor offers to do, by what it is about. */
export const alertAction = (alert: Pick<AlertFrame, 'exercise' | 'topic'>): string =>
  alert.exercise ? 'Open the exercise' : alert.topic ? 'Take a short quiz' : '';
