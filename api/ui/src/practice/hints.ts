// What the hint button says: the rung it is on, and when the next one opens. Pure; time comes in.
import type { Ladder } from '../socket/practice';
import { RUNGS, rungText } from './words';

export interface HintView {
  /** The words on the button. */
  action: string;
  /** Where the student stands. */
  status: string;
  /** Whole seconds until the next rung opens; 0: now, as far as is known. */
  waitS: number;
}

const SECOND_MS = 1_000;

/** `shownRung` is what the server told before this page was opened. */
export function hintView(ladder: Ladder | undefined, shownRung: number, nowMs: number): HintView {
  const rung = Math.max(ladder?.rung ?? 0, shownRung);
  const waitS = Math.max(0, Math.ceil(((ladder?.opensAt ?? nowMs) - nowMs) / SECOND_MS));
  if (rung === 0) return { action: `Get hint 1 of ${RUNGS}`, status: 'Hints come step by step. Try it yourself first.', waitS };
  if (rung > RUNGS) return { action: 'Show the solution again', status: 'You have seen the solution.', waitS };
  const seen = `You are on ${rungText(rung).toLowerCase()}.`;
  if (waitS > 0) return { action: nextAction(rung), status: `${seen} The next one opens in ${waitS} s, or when you have tried again.`, waitS };
  const isEnd = ladder?.isRepeated && ladder.opensAt === undefined;
  if (isEnd) return { action: nextAction(rung), status: `${seen} That is all for now: try it, and ask the tutor about what you see.`, waitS };
  return { action: nextAction(rung), status: seen, waitS };
}

const nextAction = (rung: number): string => (rung < RUNGS ? `Get hint ${rung + 1} of ${RUNGS}` : 'Ask for more help');
