// What a reader should know of a finished answer besides its text: the course stood in for the AI, or the answer was cut.
import type { Turn } from '../socket/state';

const QUOTA_USED_UP = 'LF0504';
const ANSWER_CUT = 'LF0605';

/** The caveat in words; empty when there is none. */
export function caveatOf(turn: Pick<Turn, 'status' | 'fault' | 'source' | 'truncated'>): string {
  if (turn.status !== 'complete') return '';
  if (turn.truncated || turn.fault === ANSWER_CUT) return 'This answer was cut because it grew too long. Ask for the rest if you need it.';
  if (!turn.fault || turn.source === 'model' || turn.source === 'cache') return '';
  const reason = turn.fault === QUOTA_USED_UP ? 'Today’s AI answers are used up' : 'The AI was not available';
  return `${reason}: this answer comes from the course instead.`;
}
