// The course's topics, read once: their titles, and questions to begin with.
import * as endpoints from '../http/endpoints';
import type { Course } from '../wire/records';

export interface Suggestion {
  topic: string;
  text: string;
}

const RETRY_MS = 10_000;

class CourseStore {
  course = $state.raw<Course | undefined>();
  /** Titles of exercises, once somebody has read them. */
  exerciseTitles = $state.raw<ReadonlyMap<string, string>>(new Map());
  #isWanted = false;

  readonly titles: ReadonlyMap<string, string> = $derived(
    new Map((this.course?.modules ?? []).flatMap((module) => module.topics.map((topic) => [topic.id, topic.title] as const))),
  );

  readonly moduleTitles: ReadonlyMap<string, string> = $derived(
    new Map((this.course?.modules ?? []).map((module) => [module.id, module.title] as const)),
  );

  /** Reads the course unless that has been done; the pages work without it. */
  load(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    endpoints.course().then(
      (course) => (this.course = course),
      () => {
        this.#isWanted = false;
        setTimeout(() => this.load(), RETRY_MS);
      },
    );
  }

  /** One question of each of the first topics that have any. */
  firstQuestions(most: number): Suggestion[] {
    const topics = (this.course?.modules ?? []).flatMap((module) => module.topics);
    return topics
      .flatMap((topic) => (topic.suggested_questions ?? []).slice(0, 1).map((text) => ({ topic: topic.id, text })))
      .slice(0, most);
  }
}

export const courseStore = new CourseStore();
