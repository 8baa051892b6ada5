// What can happen to the conversation (events), and what it may ask of the world in return (effects).
import type { AlertFrame, ClientFrame, MasteryFrame, PracticeFrame, Rating, ReviewDueFrame, ServerFrame } from '../wire/frames';
import type { TranscriptTurn } from '../wire/records';
import type { Pending, Turn } from './state';

export type SocketEvent =
  | { type: 'start' }
  | { type: 'ticket'; ticket: string }
  | { type: 'ticketRefused'; status: number; retryMs?: number | undefined }
  | { type: 'opened' }
  | { type: 'closed'; code: number }
  | { type: 'frame'; frame: ServerFrame }
  | { type: 'tick' }
  /** The network or the page came back: don't wait any longer. */
  | { type: 'wake' }
  /** The person does something on the page. */
  | { type: 'activity' }
  | { type: 'ask'; cmd: string; text: string; code?: string | undefined; topic?: string | undefined; exercise?: string | undefined }
  | { type: 'practise'; frame: PracticeFrame }
  | { type: 'cancel'; cmd: string; turn: string }
  | { type: 'withdraw'; cmd: string; ask: string }
  | { type: 'rate'; cmd: string; turn: string; rating: Rating }
  | { type: 'dismiss'; cmd: string }
  | { type: 'transcript'; items: readonly TranscriptTurn[] };

export type Effect =
  | { kind: 'fetchTicket' }
  | { kind: 'open'; ticket: string }
  | { kind: 'close' }
  | { kind: 'send'; frame: ClientFrame }
  | { kind: 'saveCommands'; commands: readonly Pending[] }
  | { kind: 'fetchTranscript' }
  | { kind: 'signedOut' }
  | { kind: 'ended'; turn: Turn }
  | { kind: 'news'; frame: News }
  | { kind: 'notice'; title: string; detail: string };

/** What is told when it happens, and not again when the page is opened later. */
export type News = MasteryFrame | ReviewDueFrame | AlertFrame;

/** When an event happened, and a random number in [0, 1) for jitter: the reducer has neither clock nor dice. */
export interface Moment {
  readonly at: number;
  readonly jitter: number;
}
