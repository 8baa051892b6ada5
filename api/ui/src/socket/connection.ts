// The life of the connection: ticket, socket, hello, the pauses between attempts, and what each way of closing means.
import { refuseLargest, unsend } from './commands';
import type { Effect, Moment } from './event';
import { TIMES, type Phase, type SocketState, type StopReason } from './state';

export const enter = (state: SocketState, phase: Phase, now: Moment): SocketState => ({
  ...state,
  phase,
  phaseSince: now.at,
});

/** Begins an attempt: every connection needs a fresh ticket. */
export function connect(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  effects.push({ kind: 'fetchTicket' });
  return { ...enter(state, 'ticket', now), stopReason: undefined };
}

/** Says hello: the server answers with welcome and whatever is missing after our seq. */
export function hello(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  effects.push({ kind: 'send', frame: { type: 'hello', v: 1, after_seq: state.seq } });
  return { ...unsend(enter(state, 'greeting', now)), helloAt: now.at, behind: false };
}

/** Notes that something was missed, and says hello again unless that was done just now. */
export function missed(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  if (state.phase !== 'live') return state;
  if (now.at - state.helloAt < TIMES.helloGapMs) return { ...state, behind: true };
  return hello(state, now, effects);
}

/** Gives up this connection and plans the next. */
export function lost(state: SocketState, now: Moment, effects: Effect[], pauseMs?: number): SocketState {
  effects.push({ kind: 'close' });
  const waitMs = pauseMs ?? backoffMs(state.failures, now.jitter);
  const waiting = enter(unsend(state), 'waiting', now);
  return { ...waiting, failures: state.failures + 1, retryAt: now.at + waitMs, goAwayMs: null };
}

/** Doubling pauses with jitter, so that a class does not come back in one instant. */
export function backoffMs(failures: number, jitter: number): number {
  const most = Math.min(TIMES.backoffFirstMs * 2 ** Math.min(failures, 10), TIMES.backoffMostMs);
  return Math.round(most / 2 + (most / 2) * jitter);
}

function stop(state: SocketState, reason: StopReason, now: Moment): SocketState {
  return { ...enter(unsend(state), 'stopped', now), stopReason: reason };
}

/** The socket was closed; the code says whether and when to come back. */
export function closed(state: SocketState, code: number, now: Moment, effects: Effect[]): SocketState {
  const pauseMs = state.goAwayMs === null ? undefined : Math.round(state.goAwayMs * (1 + now.jitter / 2));
  switch (code) {
    case 1009:
      return lost(refuseLargest(state, effects), now, effects);
    case 4400:
      return stop(state, 'misunderstood', now);
    case 4401:
      return state.failures === 0 ? connect({ ...unsend(state), failures: 1 }, now, effects) : lost(state, now, effects);
    case 4403:
      return stop(state, 'forbidden', now);
    case 4429:
      return stop(state, 'too_many_tabs', now);
    default:
      return lost(state, now, effects, pauseMs);
  }
}

/** No ticket: signed out, not allowed, or the server can't be reached. */
export function ticketRefused(state: SocketState, status: number, retryMs: number | undefined, now: Moment, effects: Effect[]): SocketState {
  if (status === 401) {
    effects.push({ kind: 'signedOut' });
    return enter(state, 'off', now);
  }
  if (status === 403) return stop(state, 'forbidden', now);
  return lost(state, now, effects, retryMs);
}
