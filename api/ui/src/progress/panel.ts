// What the progress panel shows, from what is read over HTTP and what the socket said since: pure, so that it can be tested as data.
import { capital } from '../shell/words';
import type { MasteryFrame } from '../wire/frames';
import type { ExerciseStanding, NextStep } from '../wire/learning';
import type { Course, CourseTopic, Progress } from '../wire/records';

export interface TopicLine {
  id: string;
  title: string;
  /** Null while nothing is graded. */
  level: string | null;
  score: number | null;
  questions: readonly string[];
  exercises: readonly ExerciseStanding[];
}

export interface ModuleLines {
  id: string;
  title: string;
  topics: readonly TopicLine[];
  /** Topics in which something is graded. */
  begun: number;
}

export interface Known {
  course: Course | undefined;
  progress: Progress | undefined;
  exercises: readonly ExerciseStanding[];
  /** The newest mastery of each topic by the socket: it comes before what was read. */
  mastery: Readonly<Record<string, MasteryFrame>>;
}

/** The course's modules and topics with the student's standing in each. */
export function moduleLines({ course, progress, exercises, mastery }: Known): ModuleLines[] {
  const line = (topic: CourseTopic): TopicLine => {
    const stands = standing(topic.id, { progress, mastery });
    return {
      id: topic.id,
      title: capital(topic.title),
      level: stands?.level ?? null,
      score: stands?.score ?? null,
      questions: topic.suggested_questions ?? [],
      exercises: exercises.filter((exercise) => exercise.topic === topic.id),
    };
  };
  return (course?.modules ?? []).map((module) => {
    const topics = module.topics.map(line);
    return { id: module.id, title: module.title, topics, begun: topics.filter((topic) => topic.score !== null).length };
  });
}

/** One topic of the panel. */
export const topicLine = (modules: readonly ModuleLines[], id: string): TopicLine | undefined =>
  modules.flatMap((module) => module.topics).find((topic) => topic.id === id);

/** How a topic stands: by the socket's newest word, otherwise as read. */
export function standing(topic: string, { progress, mastery }: Pick<Known, 'progress' | 'mastery'>): { score: number; level: string } | undefined {
  const stands = mastery[topic] ?? progress?.topics.find((one) => one.topic === topic);
  return typeof stands?.score === 'number' && stands.level ? { score: stands.score, level: stands.level } : undefined;
}

/** What one click on the next step does. */
export type Deed =
  | { kind: 'ask'; topic: string; text: string }
  | { kind: 'quiz'; topic: string }
  | { kind: 'exercise'; exercise: string }
  | { kind: 'turn'; turn: string | undefined };

export interface NextCard {
  reason: string;
  title: string;
  action: string;
  deed: Deed | undefined;
}

const REASONS: Record<string, string> = {
  due_review: 'A short review now keeps it in your memory.',
  weakest_topic: 'You have begun this, and it needs practice most.',
  new_topic: 'You are ready for something new.',
};

/** The next best step as a card; undefined while it isn't known. */
export function nextCard(next: NextStep | undefined, modules: readonly ModuleLines[]): NextCard | undefined {
  if (!next) return undefined;
  if (next.why === 'pending_question') {
    const deed: Deed = { kind: 'turn', turn: next.turn ?? undefined };
    return { reason: 'The tutor is working on it.', title: 'Your question is being answered', action: 'Show it', deed };
  }
  const { topic } = next;
  if (!topic) return { reason: 'Nothing is due, and you know every topic.', title: 'You have done it all', action: '', deed: undefined };
  const line = topicLine(modules, topic);
  const title = capital(next.topic_title ?? line?.title ?? topic);
  const reason = REASONS[next.why] ?? 'This is the best next step for you.';
  switch (next.activity) {
    case 'exercise':
      if (!next.item) break;
      return { reason, title, action: 'Start the exercise', deed: { kind: 'exercise', exercise: next.item } };
    case 'quiz':
      return { reason, title, action: 'Start the quiz', deed: { kind: 'quiz', topic } };
  }
  const text = line?.questions[0] ?? askToExplain(title);
  return { reason, title, action: 'Ask the tutor about it', deed: { kind: 'ask', topic, text } };
}

/** A question for topics that suggest none. */
export const askToExplain = (title: string): string => `Can you explain “${title}” to me?`;
