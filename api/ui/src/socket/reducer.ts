// The conversation's rules as one pure function: (state, event, moment) → (state, effects). No clock, no socket, no dice.
import type { AckFrame, DoneFrame, ErrorFrame, GoAwayFrame, PongFrame, ResyncFrame, RouteFrame, ServerFrame, TokenFrame, WelcomeFrame } from '../wire/frames';
import { acknowledged, cancelTurn, enqueue, findPending, hasUnanswered, refused, sendDue, withdraw, withoutCommand } from './commands';
import { closed, connect, enter, hello, lost, missed, ticketRefused } from './connection';
import type { Effect, Moment, News, SocketEvent } from './event';
import { changed, hinted, practised, skipped } from './practice';
import { TIMES, isEnded, type SocketState } from './state';
import { ended, findTurn, recalled, resynced, routed, streamed, withTurn } from './turns';

export interface Reduced {
  readonly state: SocketState;
  readonly effects: readonly Effect[];
}

/** Applies one event. */
export function reduce(before: SocketState, event: SocketEvent, now: Moment): Reduced {
  const effects: Effect[] = [];
  const state = step(before, event, now, effects);
  if (state.commands !== before.commands) effects.push({ kind: 'saveCommands', commands: state.commands });
  return { state, effects };
}

function step(state: SocketState, event: SocketEvent, now: Moment, effects: Effect[]): SocketState {
  switch (event.type) {
    case 'start':
      return state.phase === 'off' || state.phase === 'stopped' ? connect(state, now, effects) : state;
    case 'ticket':
      if (state.phase !== 'ticket') return state;
      effects.push({ kind: 'open', ticket: event.ticket });
      return enter(state, 'opening', now);
    case 'ticketRefused':
      return state.phase === 'ticket' ? ticketRefused(state, event.status, event.retryMs, now, effects) : state;
    case 'opened':
      return state.phase === 'opening' ? hello({ ...state, heardAt: now.at }, now, effects) : state;
    case 'closed':
      return isConnected(state) ? closed(state, event.code, now, effects) : state;
    case 'frame':
      return isConnected(state) ? received({ ...state, heardAt: now.at }, event.frame, now, effects) : state;
    case 'tick':
      return tick(state, now, effects);
    case 'wake':
      return wake(state, now, effects);
    case 'activity':
      return active(state, now, effects);
    case 'ask': {
      const { cmd, text, code, exercise, topic } = event;
      const more = { ...(code ? { code } : {}), ...(exercise ? { exercise } : {}), ...(topic ? { topic } : {}) };
      return enqueue(state, { type: 'ask', cmd, text, ...more }, now, effects);
    }
    case 'practise':
      return enqueue(state, event.frame, now, effects);
    case 'cancel':
      return cancelTurn(state, event.cmd, event.turn, now, effects);
    case 'withdraw':
      return withdraw(state, event.ask, event.cmd);
    case 'rate': {
      if (!findTurn(state.turns, event.turn)) return state;
      const rated = { ...state, turns: withTurn(state.turns, event.turn, { rating: event.rating }) };
      return enqueue(rated, { type: 'feedback', cmd: event.cmd, turn: event.turn, rating: event.rating }, now, effects);
    }
    case 'dismiss':
      return withoutCommand(state, event.cmd);
    case 'transcript':
      return { ...state, turns: recalled(state.turns, event.items) };
  }
}

const isConnected = (state: SocketState) => ['opening', 'greeting', 'live'].includes(state.phase);

function received(state: SocketState, frame: ServerFrame, now: Moment, effects: Effect[]): SocketState {
  switch (frame.type) {
    case 'welcome':
      return welcomed(state, frame as WelcomeFrame, now, effects);
    case 'token':
      return token(state, frame as TokenFrame, now, effects);
    case 'resync':
      return resync(state, frame as ResyncFrame, effects);
    case 'error':
      return refused(state, frame as ErrorFrame, now, effects);
    case 'pong':
      return ((frame as PongFrame).seq ?? 0) > state.seq ? missed(state, now, effects) : state;
    case 'goaway':
      return { ...state, goAwayMs: (frame as GoAwayFrame).resume_after_ms ?? 1_000 };
    default:
      return isDurable(frame) ? durable(state, frame, now, effects) : state;
  }
}

type Durable = ServerFrame & { seq: number };

const isDurable = (frame: ServerFrame): frame is Durable => 'seq' in frame && typeof frame.seq === 'number';

function welcomed(state: SocketState, frame: WelcomeFrame, now: Moment, effects: Effect[]): SocketState {
  if (state.student && frame.student && frame.student !== state.student) {
    effects.push({ kind: 'close' }, { kind: 'signedOut' });
    return enter(state, 'off', now);
  }
  const running = frame.running ?? undefined;
  const turns = running === undefined ? state.turns : withTurn(state.turns, running, { watched: true });
  if (turns.some((turn) => turn.question === undefined)) effects.push({ kind: 'fetchTranscript' });
  // What there was before this page's first welcome is known to the student already.
  const historySeq = state.historySeq ?? frame.seq ?? 0;
  const live = { ...enter(state, 'live', now), historySeq, failures: 0, goAwayMs: null, degraded: frame.degraded ?? false, turnHeardAt: now.at };
  return sendDue({ ...live, turns }, now, effects);
}

/** A numbered frame: the next one is applied, an older one only settles its command, a later one shows a gap. */
function durable(state: SocketState, frame: Durable, now: Moment, effects: Effect[]): SocketState {
  if (frame.seq === state.seq + 1) return applied({ ...state, seq: frame.seq }, frame, now, effects);
  const ack = frame.type === 'ack' ? (frame as AckFrame) : undefined;
  const repeated = findPending(state, ack?.cmd);
  // The answer to a repeated command comes outside the order: it settles the command and says nothing of a gap.
  const settled = ack && repeated ? acknowledged(state, ack, now, effects, frame.seq <= state.seq) : state;
  if (frame.seq <= state.seq || (repeated && repeated.sends > 1)) return settled;
  return missed(settled, now, effects);
}

function applied(state: SocketState, frame: Durable, now: Moment, effects: Effect[]): SocketState {
  switch (frame.type) {
    case 'ack': {
      const { turn } = frame as AckFrame;
      const next = acknowledged(state, frame as AckFrame, now, effects);
      return askForQuestion({ ...next, lastTurn: turn ?? next.lastTurn }, turn, effects);
    }
    case 'route':
      return { ...state, turns: routed(state.turns, frame as RouteFrame), turnHeardAt: now.at };
    case 'done':
      return done(state, frame as DoneFrame, now, effects);
    case 'mastery':
    case 'review_due':
    case 'alert':
      if (isNew(state, frame)) effects.push({ kind: 'news', frame: frame as News });
      return { ...state, practice: practised(state.practice, frame, state.lastTurn) };
    default:
      return { ...state, practice: practised(state.practice, frame, state.lastTurn) };
  }
}

const isNew = (state: SocketState, frame: { seq: number }) => frame.seq > (state.historySeq ?? 0);

function done(state: SocketState, frame: DoneFrame, now: Moment, effects: Effect[]): SocketState {
  const turns = ended(state.turns, frame);
  const turn = findTurn(turns, frame.turn);
  if (turn?.watched) effects.push({ kind: 'ended', turn });
  const practice = changed(hinted(state.practice, frame, isNew(state, frame) ? now.at : undefined));
  const next = { ...state, practice, turns: withTurn(turns, frame.turn, { watched: false }), turnHeardAt: now.at, lastTurn: frame.turn };
  return askForQuestion(next, frame.turn, effects);
}

/** Frames don't carry the question; a turn asked elsewhere (or before a reload) gets it from the transcript. */
function askForQuestion(state: SocketState, turn: string | undefined, effects: Effect[]): SocketState {
  const known = turn === undefined ? undefined : findTurn(state.turns, turn);
  if (known && known.question === undefined) effects.push({ kind: 'fetchTranscript' });
  return state;
}

function token(state: SocketState, frame: TokenFrame, now: Moment, effects: Effect[]): SocketState {
  const turns = streamed(state.turns, frame);
  if (turns === 'ignored') return state;
  if (turns === 'missed') return missed(state, now, effects);
  return { ...state, turns, turnHeardAt: now.at };
}

function resync(state: SocketState, frame: ResyncFrame, effects: Effect[]): SocketState {
  effects.push({ kind: 'fetchTranscript' });
  const turns = resynced(state.turns, frame.turns ?? [], frame.seq < state.seq);
  const missedEnds = turns.filter((turn) => turn.watched && isEnded(turn));
  effects.push(...missedEnds.map((turn): Effect => ({ kind: 'ended', turn })));
  const seen = turns.map((turn) => (missedEnds.includes(turn) ? { ...turn, watched: false } : turn));
  return { ...state, seq: frame.seq, turns: seen, practice: skipped(state.practice) };
}

function tick(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  const inPhase = now.at - state.phaseSince;
  switch (state.phase) {
    case 'ticket':
      return inPhase >= TIMES.ticketMs ? lost(state, now, effects) : state;
    case 'opening':
      return inPhase >= TIMES.openingMs ? lost(state, now, effects) : state;
    case 'greeting':
      return inPhase >= TIMES.welcomeMs ? lost(state, now, effects) : state;
    case 'waiting':
      return now.at >= state.retryAt ? connect(state, now, effects) : state;
    case 'live':
      return tickLive(state, now, effects);
    case 'off':
    case 'stopped':
      return state;
  }
}

function tickLive(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  const isPongLate = state.pingAt > state.heardAt && now.at - state.pingAt >= TIMES.pongMs;
  if (isPongLate) return lost(state, now, effects);
  const isRunning = state.turns.some((turn) => turn.status === 'running');
  const isTurnSilent = isRunning && now.at - Math.max(state.turnHeardAt, state.helloAt) >= TIMES.silentTurnMs;
  if (state.behind || isTurnSilent || hasUnanswered(state, now, TIMES.commandMs)) return hello(state, now, effects);
  return ping(sendDue(state, now, effects), now, effects);
}

function ping(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  if (now.at - Math.max(state.pingAt, state.helloAt) < TIMES.pingMs) return state;
  effects.push({ kind: 'send', frame: { type: 'ping' } });
  return { ...state, pingAt: now.at };
}

function wake(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  if (state.phase === 'waiting') return connect(state, now, effects);
  if (state.phase !== 'live' || state.pingAt > state.heardAt) return state;
  effects.push({ kind: 'send', frame: { type: 'ping' } });
  return { ...state, pingAt: now.at };
}

function active(state: SocketState, now: Moment, effects: Effect[]): SocketState {
  if (state.phase !== 'live' || now.at - state.activeAt < TIMES.activeMs) return state;
  effects.push({ kind: 'send', frame: { type: 'active' } });
  return { ...state, activeAt: now.at };
}
