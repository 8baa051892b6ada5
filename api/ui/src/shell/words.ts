// How ids, levels, sources and times are said in words.

const AGENTS: Record<string, string> = {
  concepts: 'Concepts',
  code_review: 'Code review',
  debug: 'Debugging',
  exercise: 'Exercises',
  progress: 'Progress',
  clarify: 'A question back',
  off_topic: 'Back to Python',
};

const SOURCES: Record<string, string> = {
  model: 'AI',
  cache: 'cached',
  authored: 'from the course',
  offline: 'offline tutor',
};

/** Titles begin with a capital wherever they stand alone. */
export const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
const sentence = (id: string) => capital(id.replaceAll('_', ' ').trim());

export const agentName = (agent: string): string => AGENTS[agent] ?? sentence(agent);
export const sourceName = (source: string): string => SOURCES[source] ?? sentence(source).toLowerCase();

/** `control_flow.for_loops` as `For loops`, or as the course's own title. */
export function topicName(topic: string, titles?: ReadonlyMap<string, string>): string {
  return capital(titles?.get(topic) ?? sentence(topic.split('.').at(-1) ?? topic));
}

export type LevelKey = 'beginner' | 'learning' | 'proficient' | 'mastered' | 'none';

/** The mastery level's key for its colour; unknown words stay neutral. */
export function levelKey(level: string | null | undefined): LevelKey {
  const key = (level ?? '').toLowerCase();
  return key === 'beginner' || key === 'learning' || key === 'proficient' || key === 'mastered' ? key : 'none';
}

export const levelName = (level: string | null | undefined): string => (level ? sentence(level) : 'Not started');

const MINUTE = 60_000;

/** A time as people say it: `3 min ago`, `yesterday`, or the date. */
export function ago(at: string | null | undefined, nowMs: number): string {
  const then = at ? Date.parse(at) : NaN;
  if (Number.isNaN(then)) return 'never';
  const minutes = Math.floor((nowMs - then) / MINUTE);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  if (minutes < 48 * 60) return 'yesterday';
  return new Date(then).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** The whole date and time, for titles and transcripts. */
export function dateTime(at: string | null | undefined): string {
  const then = at ? Date.parse(at) : NaN;
  return Number.isNaN(then) ? '' : new Date(then).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

export const count = (total: number, one: string, many: string): string => `${total} ${total === 1 ? one : many}`;
