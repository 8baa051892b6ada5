// The frames of the student's WebSocket, protocol learnflow.v1, as the server's contract defines them.

export type Rating = 'up' | 'down';
export type TurnStatus = 'queued' | 'running' | 'complete' | 'cancelled' | 'failed';
export type EndStatus = 'complete' | 'cancelled' | 'failed';

/** What this page sends. Every command carries a `cmd` (a UUID of ours) and may be repeated with it. */
export interface AskFrame {
  type: 'ask';
  cmd: string;
  text: string;
  code?: string;
  topic?: string;
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
export type CommandFrame = AskFrame | CancelFrame | FeedbackFrame;
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
  code?: string;
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
