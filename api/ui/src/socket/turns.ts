// The list of turns: how each frame, a resync and the transcript change it. Never a turn twice, never an ended turn opened again.
import type { DoneFrame, ResyncTurn, RouteFrame, TokenFrame } from '../wire/frames';
import type { TranscriptTurn } from '../wire/records';
import { isEnded, type Turn } from './state';

export type Turns = readonly Turn[];

/** Finds a turn by its id. */
export const findTurn = (turns: Turns, id: string): Turn | undefined => turns.find((turn) => turn.id === id);

/** Changes a turn, adding it at its place when it is new. */
export function withTurn(turns: Turns, id: string, change: Partial<Turn>): Turns {
  const index = turns.findIndex((turn) => turn.id === id);
  if (index >= 0) return turns.map((turn, at) => (at === index ? { ...turn, ...change } : turn));
  const added: Turn = { ...emptyTurn(id), ...change };
  const after = turns.findIndex((turn) => turn.id > id);
  return after < 0 ? [...turns, added] : [...turns.slice(0, after), added, ...turns.slice(after)];
}

function emptyTurn(id: string): Turn {
  return { id, status: 'queued', text: '', length: 0, attempt: 0, followUps: [], stopping: false, watched: false };
}

const pointsOf = (text: string): number => {
  let points = 0;
  for (const _ of text) points += 1;
  return points;
};

const textOf = (text: string) => ({ text, length: pointsOf(text) });

/** The tutor who answers is known: the turn runs. */
export function routed(turns: Turns, frame: RouteFrame): Turns {
  const known = findTurn(turns, frame.turn);
  const status = known && isEnded(known) ? known.status : 'running';
  return withTurn(turns, frame.turn, { status, agent: frame.agent, topic: frame.topic ?? undefined, confidence: frame.confidence });
}

/** The end of a turn; its text is the truth whatever was streamed. */
export function ended(turns: Turns, frame: DoneFrame): Turns {
  const known = findTurn(turns, frame.turn);
  const { exercise, hint_rung: rung } = frame;
  const hint = exercise !== undefined && rung !== undefined ? { exercise, rung, isRepeated: frame.repeated ?? false } : undefined;
  return withTurn(turns, frame.turn, {
    status: frame.status,
    ...(frame.text === undefined ? {} : textOf(frame.text)),
    agent: frame.agent ?? known?.agent,
    source: frame.source ?? known?.source,
    fault: frame.code,
    truncated: frame.truncated,
    hint,
    followUps: frame.follow_ups ?? [],
    stopping: false,
  });
}

/** A piece of an answer: the changed turns, `missed` when a piece before it is lacking, or `ignored`. */
export function streamed(turns: Turns, frame: TokenFrame): Turns | 'missed' | 'ignored' {
  const turn = findTurn(turns, frame.turn);
  if (!turn) return 'missed';
  if (isEnded(turn) || frame.attempt < turn.attempt) return 'ignored';
  const have = frame.attempt > turn.attempt ? 0 : turn.length;
  if (frame.from > have) return 'missed';
  const kept = frame.from === turn.length && frame.attempt === turn.attempt ? turn.text : cut(turn.text, frame.from);
  return withTurn(turns, turn.id, {
    status: 'running',
    attempt: frame.attempt,
    text: kept + frame.text,
    length: frame.from + pointsOf(frame.text),
  });
}

const cut = (text: string, points: number): string => Array.from(text).slice(0, points).join('');

/** Takes over what a resync says. A resync behind our own seq means another history: only its turns count then. */
export function resynced(turns: Turns, fresh: readonly ResyncTurn[], isOtherHistory: boolean): Turns {
  const listed = new Set(fresh.map((turn) => turn.turn));
  const kept = isOtherHistory ? [] : turns.filter((turn) => isEnded(turn) || listed.has(turn.id));
  return fresh.reduce<Turns>((list, item) => {
    const known = findTurn(turns, item.turn);
    return withTurn(list, item.turn, {
      status: item.status,
      question: item.question ?? known?.question,
      code: known?.code,
      ...textOf(item.text ?? ''),
      attempt: 0,
      agent: item.agent ?? known?.agent,
      topic: item.topic ?? known?.topic,
      confidence: known?.confidence,
      source: known?.source,
      hint: known?.hint,
      followUps: known?.followUps ?? [],
      rating: known?.rating,
      watched: known?.watched ?? false,
      stopping: false,
    });
  }, kept);
}

/** Adds what the transcript knows: every question, and answers of turns that are unknown or still open here. */
export function recalled(turns: Turns, items: readonly TranscriptTurn[]): Turns {
  return items.reduce((list, item) => {
    const known = findTurn(list, item.turn);
    const words = {
      question: known?.question ?? item.question ?? '',
      code: known?.code ?? item.code ?? undefined,
    };
    const followUps = known && known.followUps.length > 0 ? known.followUps : (item.follow_ups ?? []);
    const isOpenThere = item.status === 'queued' || item.status === 'running';
    if (known && (isEnded(known) || isOpenThere)) {
      return withTurn(list, item.turn, { ...words, followUps, source: known.source ?? item.source ?? undefined });
    }
    return withTurn(list, item.turn, {
      ...words,
      status: item.status,
      ...textOf(isOpenThere ? '' : (item.answer ?? '')),
      agent: item.agent ?? known?.agent,
      topic: item.topic ?? known?.topic,
      source: item.source ?? undefined,
      followUps,
      stopping: false,
    });
  }, turns);
}
