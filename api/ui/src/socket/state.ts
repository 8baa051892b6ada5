// What the page knows about one student's conversation and connection, and the times its rules go by.
import type { CommandFrame, Rating, TurnStatus } from '../wire/frames';
import { NO_PRACTICE, type PracticeState } from './practice';

/** One question and its answer, as far as it is known. Turns are kept in the order of their ids (UUIDv7). */
export interface Turn {
  readonly id: string;
  readonly status: TurnStatus;
  readonly question?: string | undefined;
  readonly code?: string | undefined;
  readonly text: string;
  /** Code points in `text`: what a token's `from` counts. */
  readonly length: number;
  readonly attempt: number;
  readonly agent?: string | undefined;
  readonly topic?: string | undefined;
  /** How sure triage was, 0 to 1. */
  readonly confidence?: number | undefined;
  readonly source?: string | undefined;
  /** The server's error code: of a failed turn, or why the course stood in for the model. */
  readonly fault?: string | undefined;
  /** The answer was cut at the model's limit. */
  readonly truncated?: boolean | undefined;
  /** The turn is a hint, not an answer to a question. */
  readonly hint?: TurnHint | undefined;
  readonly followUps: readonly string[];
  readonly rating?: Rating | undefined;
  readonly stopping: boolean;
  /** Asked or running while this page looked on: its end is announced. */
  readonly watched: boolean;
}

export interface TurnHint {
  readonly exercise: string;
  readonly rung: number;
  readonly isRepeated: boolean;
}

/** A command that the server has not answered yet. */
export interface Pending {
  readonly frame: CommandFrame;
  /** When it was last sent on the socket that is open now; null: not yet on this one. */
  readonly sentAt: number | null;
  readonly sends: number;
  /** Not to be sent before (the server asked for patience). */
  readonly notBefore: number;
  /** The command that shall cancel this ask as soon as its turn is known. */
  readonly withdrawBy?: string | undefined;
  /** Why the server will not have it; shown until dismissed. */
  readonly refused?: Refusal | undefined;
}

export interface Refusal {
  readonly title: string;
  readonly detail: string;
  readonly code: string;
}

export type Phase = 'off' | 'ticket' | 'opening' | 'greeting' | 'live' | 'waiting' | 'stopped';
export type StopReason = 'forbidden' | 'too_many_tabs' | 'misunderstood';

export interface SocketState {
  readonly phase: Phase;
  readonly phaseSince: number;
  readonly stopReason?: StopReason | undefined;
  /** Connections that failed since the last welcome. */
  readonly failures: number;
  /** When to try again, in phase `waiting`. */
  readonly retryAt: number;
  /** The server said goodbye and named a pause. */
  readonly goAwayMs: number | null;
  readonly student: string | null;
  /** The newest durable frame that was applied. */
  readonly seq: number;
  /** Frames up to here had been sent before the page was opened: they are history and no news. Unknown before the first welcome. */
  readonly historySeq?: number | undefined;
  /** The turn of the newest frame that names one. */
  readonly lastTurn?: string | undefined;
  /** A frame showed that something was missed. */
  readonly behind: boolean;
  readonly degraded: boolean;
  readonly helloAt: number;
  readonly pingAt: number;
  readonly activeAt: number;
  readonly heardAt: number;
  readonly turnHeardAt: number;
  readonly turns: readonly Turn[];
  readonly commands: readonly Pending[];
  readonly practice: PracticeState;
}

export const TIMES = {
  ticketMs: 20_000,
  openingMs: 10_000,
  welcomeMs: 10_000,
  commandMs: 5_000,
  silentTurnMs: 15_000,
  pingMs: 20_000,
  pongMs: 10_000,
  activeMs: 60_000,
  helloGapMs: 1_000,
  backoffFirstMs: 400,
  backoffMostMs: 15_000,
} as const;

export const LIMITS = { frameBytes: 65_536, questionPoints: 10_000, commands: 32 } as const;

const LONG_AGO = Number.NEGATIVE_INFINITY;

/** A conversation about which nothing is known yet. */
export function initialState(student: string | null, commands: readonly Pending[] = []): SocketState {
  return {
    phase: 'off',
    phaseSince: LONG_AGO,
    failures: 0,
    retryAt: 0,
    goAwayMs: null,
    student,
    seq: 0,
    behind: false,
    degraded: false,
    helloAt: LONG_AGO,
    pingAt: LONG_AGO,
    activeAt: LONG_AGO,
    heardAt: LONG_AGO,
    turnHeardAt: LONG_AGO,
    turns: [],
    commands,
    practice: NO_PRACTICE,
  };
}

const SURE = 0.7;

/** The tutor asks back instead of answering, or was not sure what was meant. */
export const isAskingBack = (turn: Turn): boolean => turn.agent === 'clarify' || (turn.confidence ?? 1) < SURE;

export const isEnded = (turn: Turn): boolean => turn.status !== 'queued' && turn.status !== 'running';
