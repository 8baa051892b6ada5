// Where the tutor's notes stand in the conversation, and which of them were put away on this device.
import type { Alert } from '../socket/practice';
import type { Turn } from '../socket/state';

const SHOWN = 3;
const key = (student: string) => `learnflow.notes.${student}`;

/** The newest notes that are not put away, under the turn that each follows; '' is before the first turn. */
export function notesByTurn(alerts: readonly Alert[], turns: readonly Pick<Turn, 'id'>[], putAway: ReadonlySet<number>): Map<string, Alert[]> {
  const notes = new Map<string, Alert[]>();
  for (const alert of alerts.filter(({ seq }) => !putAway.has(seq)).slice(-SHOWN)) {
    // Ids of turns are UUIDv7: their order is that of time.
    const turn = turns.findLast(({ id }) => alert.after !== undefined && id <= alert.after)?.id ?? '';
    notes.set(turn, [...(notes.get(turn) ?? []), alert]);
  }
  return notes;
}

export function loadPutAway(student: string): Set<number> {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(key(student)) ?? '[]');
    return new Set(Array.isArray(saved) ? saved.filter((seq) => typeof seq === 'number') : []);
  } catch {
    return new Set();
  }
}

const KEPT = 50;

export function savePutAway(student: string, putAway: ReadonlySet<number>): void {
  try {
    localStorage.setItem(key(student), JSON.stringify([...putAway].slice(-KEPT)));
  } catch {
    // Without storage a note stays away as long as the page lives.
  }
}
