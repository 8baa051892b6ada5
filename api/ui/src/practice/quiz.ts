// A quiz in the page as a small pure machine: a question comes, one option is chosen and sent, its grade comes, the next question.
import type { SentAnswer } from '../socket/practice';
import type { QuizItem } from '../wire/learning';

/** Questions of a round. */
export const ROUND = 5;

export interface Quiz {
  /** Undefined while the next question is on its way. */
  item?: QuizItem | undefined;
  choice?: number | undefined;
  /** The command that carries the answer, once it is given. */
  cmd?: string | undefined;
  /** Whether the answers of this round were right, in order; a missed grade is null. */
  marks: readonly (boolean | null)[];
}

export const NEW_QUIZ: Quiz = { marks: [] };

/** What the page shows of the question. */
export type QuizStage = 'loading' | 'over' | 'choosing' | 'waiting' | 'graded' | 'missed';

/** `answer` is what the session knows of `quiz.cmd`. */
export function stageOf(quiz: Quiz, answer: SentAnswer | undefined): QuizStage {
  if (quiz.marks.length >= ROUND) return 'over';
  if (!quiz.item) return 'loading';
  if (quiz.cmd === undefined) return 'choosing';
  switch (answer?.status) {
    case undefined: // It went out a moment ago, and the page isn't drawn anew yet.
    case 'sent':
    case 'taken':
      return 'waiting';
    case 'graded':
      return 'graded';
    case 'missed':
      return 'missed';
    case 'refused':
      return 'choosing';
  }
}

/** A question has come. */
export const asked = (quiz: Quiz, item: QuizItem): Quiz => ({ ...quiz, item, choice: undefined, cmd: undefined });

/** An option is chosen; not while an answer is on its way or graded. */
export const chosen = (quiz: Quiz, choice: number): Quiz => ({ ...quiz, choice });

/** The answer goes out. */
export const answered = (quiz: Quiz, cmd: string): Quiz => (quiz.choice === undefined ? quiz : { ...quiz, cmd });

/** Goes on: the grade is put down, and the next question is wanted unless the round is over. */
export const moved = (quiz: Quiz, answer: SentAnswer | undefined): Quiz => ({ marks: [...quiz.marks, markOf(answer)] });

const markOf = (answer: SentAnswer | undefined): boolean | null => answer?.graded?.correct ?? null;

/** The round with the grade that is shown now. */
export const marksSoFar = (quiz: Quiz, answer: SentAnswer | undefined): readonly (boolean | null)[] =>
  answer?.status === 'graded' || answer?.status === 'missed' ? [...quiz.marks, markOf(answer)] : quiz.marks;

export type OptionMark = 'chosen right' | 'chosen wrong' | 'right' | undefined;

/** How an option is marked once the answer is graded. */
export function optionMark(index: number, answer: SentAnswer | undefined): OptionMark {
  const graded = answer?.graded;
  if (!graded) return undefined;
  if (index === graded.choice) return graded.correct ? 'chosen right' : 'chosen wrong';
  return index === graded.answer ? 'right' : undefined;
}
