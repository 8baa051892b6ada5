// The frames of the student's WebSocket, protocol learnflow.v1, as the server's contract defines them.

import type { Components } from './learning';

export type Rating = 'up' | 'down';
export type TurnStatus = 'queued' | 'running' | 'complete' | 'cancelled' | 'failed';
export type EndStatus = 'complete' | 'cancelled' | 'failed';

/** What this page sends. Every command carries a `cmd` (a UUID of ours) and may be repeated with it. */
export interface AskFrame {
  type: 'ask';
  cmd: string;
  text: string;
  code?: string;
  exercise?: string;
  topic?: string;
}
export interface HintFrame {
  type: 'hint';
  cmd: string;
  exercise: string;
}
export interface SubmitFrame {
  type: 'submit';
  cmd: string;
  exercise: string;
  answer: string;
}
export interface QuizFrame {
  type: 'quiz';
  cmd: string;
  item: string;
  /** The index of the chosen option. */
  answer: number;
}
export interface CancelFrame {
  type: 'cancel';
  cmd: string;
  turn: string;
}
export interface FeedbackFrame {
  type: 'feedback';
  cmd: string;
  turn: string;
  rating: Rating;
}
/** What is practised: its frame is the command's own event. */
export type PracticeFrame = HintFrame | SubmitFrame | QuizFrame;
export type CommandFrame = AskFrame | CancelFrame | FeedbackFrame | PracticeFrame;
export type ClientFrame =
  | CommandFrame
  | { type: 'hello'; v: 1; after_seq: number }
  | { type: 'active' }
  | { type: 'ping' };

/** Durable frames: numbered per student without a gap, replayed on hello. */
export interface AckFrame {
  seq: number;
  type: 'ack';
  cmd: string;
  turn?: string;
}
export interface RouteFrame {
  seq: number;
  type: 'route';
  turn: string;
  agent?: string;
  topic?: string | null;
  confidence?: number;
}
export interface DoneFrame {
  seq: number;
  type: 'done';
  turn: string;
  status: EndStatus;
  text?: string;
  agent?: string;
  source?: string;
  follow_ups?: string[];
  truncated?: boolean;
  /** With `complete`: why the model's own answer is missing. */
  code?: string;
  /** A hint: of which exercise, on which rung, whether it was shown before, and when the next one opens (0: no wait). */
  exercise?: string;
  hint_rung?: number;
  repeated?: boolean;
  next_rung_ms?: number;
}
/** What came of a quiz answer (`item`, `choice`, `answer`) or of a submission (`exercise`, `tests`, `attempt`). */
export interface GradedFrame {
  seq: number;
  type: 'graded';
  cmd: string;
  topic: string;
  correct: boolean;
  score: number;
  text: string;
  item?: string;
  choice?: number;
  answer?: number;
  exercise?: string;
  tests?: { passed: number; total: number };
  attempt?: number;
  hint_rung?: number;
  misconception?: string | null;
}
export interface MasteryFrame {
  seq: number;
  type: 'mastery';
  topic: string;
  score: number;
  estimate?: number | null;
  level: string;
  level_before?: string;
  components?: Components;
  missing?: string[];
  graded_total?: number;
}
export interface ReviewDueFrame {
  seq: number;
  type: 'review_due';
  topics: string[];
}
export interface QuotaFrame {
  seq: number;
  type: 'quota';
  limit: number;
  remaining: number;
  reset_at?: string;
}
export interface AlertFrame {
  seq: number;
  type: 'alert';
  trigger: string;
  topic?: string | null;
  exercise?: string | null;
  text: string;
}

/** Passing frames: no number, never replayed. */
export interface WelcomeFrame {
  type: 'welcome';
  student?: string;
  seq?: number;
  running?: string | null;
  degraded?: boolean;
}
export interface TokenFrame {
  type: 'token';
  turn: string;
  attempt: number;
  from: number;
  text: string;
}
export interface ResyncTurn {
  turn: string;
  status: TurnStatus;
  question?: string;
  text?: string;
  agent?: string;
  topic?: string | null;
}
export interface ResyncFrame {
  type: 'resync';
  seq: number;
  turns?: ResyncTurn[];
}
export interface ErrorFrame {
  type: 'error';
  cmd?: string;
  code?: string;
  title?: string;
  detail?: string;
  retryable?: boolean;
  retry_ms?: number;
}
export interface PongFrame {
  type: 'pong';
  seq?: number;
}
export interface GoAwayFrame {
  type: 'goaway';
  resume_after_ms?: number;
}

export type ServerFrame =
  | AckFrame
  | RouteFrame
  | DoneFrame
  | GradedFrame
  | MasteryFrame
  | ReviewDueFrame
  | QuotaFrame
  | AlertFrame
  | WelcomeFrame
  | TokenFrame
  | ResyncFrame
  | ErrorFrame
  | PongFrame
  | GoAwayFrame
  | { type: string; seq?: number };

/** Reads one text frame; undefined when it isn't a frame at all. */
export function parseFrame(text: string): ServerFrame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isFrame = typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
    return isFrame ? (value as ServerFrame) : undefined;
  } catch {
    return undefined;
  }
}
