// A student's progress, reviews and exercises for the page: read at once, and again whenever the session says that something changed.
import { session } from '../account/session.svelte';
import { courseStore } from '../chat/course.svelte';
import * as endpoints from '../http/endpoints';
import { asProblem, type Problem } from '../http/request';
import type { ExerciseStanding, Reviews } from '../wire/learning';
import type { Progress } from '../wire/records';

/** Frames come in bursts; one reading serves them all. */
const SETTLE_MS = 250;
const RETRY_MS = 10_000;

export class ProgressStore {
  progress = $state.raw<Progress | undefined>();
  reviews = $state.raw<Reviews | undefined>();
  exercises = $state.raw<readonly ExerciseStanding[]>([]);
  /** Set while nothing could be read at all. */
  problem = $state.raw<Problem | undefined>();

  #timer: ReturnType<typeof setTimeout> | undefined;
  #isReading = false;
  #isWanted = false;
  #isStopped = false;

  /** Reads everything soon; wishes that come together are one. */
  refresh = (afterMs = SETTLE_MS): void => {
    this.#isWanted = true;
    if (this.#isReading || this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), afterMs);
  };

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    this.#isWanted = false;
    try {
      const [progress, reviews, exercises] = await Promise.all([endpoints.progress('me'), endpoints.reviews('me'), endpoints.exercises('me')]);
      this.progress = progress;
      this.reviews = reviews;
      this.exercises = exercises.items;
      courseStore.exerciseTitles = new Map(exercises.items.map((exercise) => [exercise.id, exercise.title]));
      this.problem = undefined;
    } catch (error) {
      this.#failed(asProblem(error));
    }
    this.#isReading = false;
    if (this.#isWanted) this.refresh(this.problem ? RETRY_MS : SETTLE_MS);
  }

  #failed(problem: Problem): void {
    if (problem.status === 401) return void session.refresh();
    this.problem = problem;
    this.#isWanted = problem.status === 0 || problem.status === 429 || problem.status >= 500;
  }
}
