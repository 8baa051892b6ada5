// The shapes of the REST answers about practice and progress: mastery and its reasons, reviews, quiz items, exercises.

/** The parts of a score, each 0 to 100; null without evidence. */
export interface Components {
  exercises?: number | null;
  quizzes?: number | null;
  quality?: number | null;
  streak?: number | null;
}
export type ComponentName = keyof Components;

export interface NextStep {
  why: string;
  topic?: string | null;
  topic_title?: string | null;
  activity?: string | null;
  item?: string | null;
  turn?: string | null;
}

export interface Mastery {
  topic: string;
  title?: string;
  score: number;
  estimate?: number | null;
  level: string;
  components: Components;
  missing?: string[];
  graded_total?: number;
}

/** Something that was graded. `deltas` hold before and after of the score and of each component. */
export interface Evidence {
  seq: number;
  kind: string;
  item: string;
  title: string;
  score: number;
  hint_rung?: number;
  misconception?: string | null;
  signature?: string | null;
  deltas?: Record<string, readonly unknown[]> | null;
  at?: string;
}

export interface Why {
  topic: string;
  mastery: Mastery | null;
  items: Evidence[];
  next_cursor?: string | null;
}

export interface DueReview {
  topic: string;
  title?: string;
  /** How probably it is still remembered, 0 to 100. */
  recall?: number;
}

export interface Reviews {
  due: DueReview[];
  items: { topic: string; title?: string; due_at: string; is_due?: boolean }[];
}

export interface QuizItem {
  id: string;
  topic: string;
  topic_title?: string;
  stem: string;
  code?: string | null;
  options: string[];
}

export type ExerciseKind = 'fill-in' | 'bug-fix' | 'write-function' | 'predict-output';

export interface VisibleTest {
  input?: string;
  call?: string;
  expect: string;
}

export interface Exercise {
  id: string;
  topic: string;
  title: string;
  kind: ExerciseKind;
  difficulty?: string;
  statement: string;
  starter: string;
  tests: VisibleTest[];
}

export interface ExerciseStanding {
  id: string;
  topic: string;
  title: string;
  kind?: ExerciseKind;
  difficulty?: string;
  passed?: boolean;
  hint_rung?: number;
}
