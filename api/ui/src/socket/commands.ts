// Commands that await an answer: adding, sending, repeating with the same id, and settling them by ack or error.
import type { AckFrame, CommandFrame, ErrorFrame } from '../wire/frames';
import type { Effect, Moment } from './event';
import { isPracticeFrame, refusedAnswer, sent, taken } from './practice';
import { LIMITS, type Pending, type Refusal, type SocketState } from './state';
import { findTurn, withTurn } from './turns';

/** Bytes of a command as it goes over the wire. */
export const frameBytes = (frame: CommandFrame): number => new TextEncoder().encode(JSON.stringify(frame)).length;

/** Takes a command in, and sends it at once when the connection is ready. */
export function enqueue(state: SocketState, frame: CommandFrame, now: Moment, effects: Effect[]): SocketState {
  if (state.commands.length >= LIMITS.commands) {
    const refusal = { title: 'Too much at once', detail: 'Please wait until the tutor has caught up.', code: '' };
    effects.push({ kind: 'notice', title: refusal.title, detail: refusal.detail });
    return isPracticeFrame(frame) ? { ...state, practice: refusedAnswer(sent(state.practice, frame), frame.cmd, refusal) } : state;
  }
  const pending: Pending = { frame, sentAt: null, sends: 0, notBefore: 0 };
  const practice = isPracticeFrame(frame) ? sent(state.practice, frame) : state.practice;
  return sendDue({ ...state, practice, commands: [...state.commands, pending] }, now, effects);
}

/** Sends, in their order, the commands that have not been sent on this socket and whose time has come. */
export function sendDue(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  if (state.phase !== 'live' || !state.commands.some((pending) => isDue(pending, now))) return state;
  const commands = state.commands.map((pending) => {
    if (!isDue(pending, now)) return pending;
    effects.push({ kind: 'send', frame: pending.frame });
    return { ...pending, sentAt: now.at, sends: pending.sends + 1 };
  });
  return { ...state, commands };
}

const isDue = (pending: Pending, now: Moment) => !pending.refused && pending.sentAt === null && pending.notBefore <= now.at;

/** Forgets that commands were sent, so that each unanswered one is repeated after the next welcome. */
export function unsend(state: SocketState): SocketState {
  if (state.commands.every((pending) => pending.sentAt === null)) return state;
  return { ...state, commands: state.commands.map((pending) => ({ ...pending, sentAt: null })) };
}

/** True when a sent command has had no answer for `waitMs`. */
export const hasUnanswered = (state: SocketState, now: Moment, waitMs: number): boolean =>
  state.commands.some((pending) => pending.sentAt !== null && now.at - pending.sentAt >= waitMs);

export const findPending = (state: SocketState, cmd: string | undefined): Pending | undefined =>
  cmd === undefined ? undefined : state.commands.find((pending) => pending.frame.cmd === cmd);

export function withoutCommand(state: SocketState, cmd: string): SocketState {
  return { ...state, commands: state.commands.filter((pending) => pending.frame.cmd !== cmd) };
}

const withCommand = (state: SocketState, cmd: string, change: Partial<Pending>): SocketState => ({
  ...state,
  commands: state.commands.map((pending) => (pending.frame.cmd === cmd ? { ...pending, ...change } : pending)),
});

/** Settles our command that an ack answers; an ask becomes its turn. `isPast`: the ack had been skipped by a resync. */
export function acknowledged(state: SocketState, frame: AckFrame, now: Moment, effects: Effect[], isPast = false): SocketState {
  const pending = findPending(state, frame.cmd);
  if (!pending) return frame.turn === undefined ? state : { ...state, turns: withTurn(state.turns, frame.turn, {}) };
  const settled = { ...withoutCommand(state, frame.cmd), practice: taken(state.practice, frame.cmd, isPast) };
  if (pending.frame.type === 'hint' && frame.turn !== undefined) {
    // The turn says by itself of which exercise it is.
    return { ...settled, turns: withTurn(settled.turns, frame.turn, { question: '', watched: true }) };
  }
  if (pending.frame.type !== 'ask' || frame.turn === undefined) return settled;
  const { text, code } = pending.frame;
  const asked = {
    ...settled,
    turnHeardAt: now.at,
    turns: withTurn(settled.turns, frame.turn, { question: text, code, watched: true }),
  };
  return pending.withdrawBy === undefined ? asked : cancelTurn(asked, pending.withdrawBy, frame.turn, now, effects);
}

/** Asks the server to stop a turn, unless it has ended or is being stopped already. */
export function cancelTurn(state: SocketState, cmd: string, turn: string, now: Moment, effects: Effect[]): SocketState {
  const known = findTurn(state.turns, turn);
  if (!known || known.stopping || (known.status !== 'queued' && known.status !== 'running')) return state;
  const stopping = { ...state, turns: withTurn(state.turns, turn, { stopping: true }) };
  return enqueue(stopping, { type: 'cancel', cmd, turn }, now, effects);
}

/** Takes an ask back: silently while it never left, by a cancel once its turn is known. */
export function withdraw(state: SocketState, ask: string, cmd: string): SocketState {
  const pending = findPending(state, ask);
  if (!pending) return state;
  return pending.sends === 0 ? withoutCommand(state, ask) : withCommand(state, ask, { withdrawBy: cmd });
}

/** An error frame: a command is put off, refused for good, or (without a command) merely told. */
export function refused(state: SocketState, frame: ErrorFrame, now: Moment, effects: Effect[]): SocketState {
  const pending = findPending(state, frame.cmd);
  const title = frame.title ?? 'That didn’t work';
  const detail = frame.detail ?? '';
  if (!pending) {
    if (frame.cmd === undefined) effects.push({ kind: 'notice', title, detail });
    return state;
  }
  const { cmd } = pending.frame;
  if (frame.retryable) {
    if (pending.withdrawBy !== undefined) return withoutCommand(state, cmd);
    return withCommand(state, cmd, { sentAt: null, notBefore: now.at + Math.max(frame.retry_ms ?? 2_000, 500) });
  }
  return refuse(state, pending, { title, detail, code: frame.code ?? '' }, effects);
}

/** The server will never take this command: an ask stays to be changed, an answer may be given again, the rest is told. */
function refuse(state: SocketState, pending: Pending, refusal: Refusal, effects: Effect[]): SocketState {
  const { frame } = pending;
  if (frame.type === 'ask') return withCommand(state, frame.cmd, { refused: refusal });
  const settled = withoutCommand(state, frame.cmd);
  if (frame.type === 'quiz' || frame.type === 'submit') {
    return { ...settled, practice: refusedAnswer(settled.practice, frame.cmd, refusal) };
  }
  effects.push({ kind: 'notice', title: refusal.title, detail: refusal.detail });
  if (frame.type === 'hint' || !findTurn(settled.turns, frame.turn)) return settled;
  return { ...settled, turns: withTurn(settled.turns, frame.turn, { stopping: false }) };
}

/** The socket was closed for a frame that is too large: that command is not repeated. */
export function refuseLargest(state: SocketState, effects: Effect[]): SocketState {
  const sent = state.commands.filter((pending) => pending.sentAt !== null);
  const largest = sent.sort((a, b) => frameBytes(b.frame) - frameBytes(a.frame))[0];
  if (!largest) return state;
  return refuse(state, largest, { title: 'That is too long', detail: 'Please shorten what you wrote.', code: '' }, effects);
}
