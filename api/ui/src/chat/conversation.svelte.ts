// One student's conversation for the page: the socket's state at the screen's pace, older turns from the transcript, and notices.
import * as endpoints from '../http/endpoints';
import { asProblem } from '../http/request';
import { plainText } from '../markdown/render';
import { newCommandId } from '../socket/command_id';
import { SocketDriver, TicketRefused } from '../socket/driver';
import { loadCommands, saveCommands } from '../socket/saved_commands';
import { initialState, type SocketState, type Turn } from '../socket/state';
import { masteryText, reviewText } from '../practice/words';
import { topicName } from '../shell/words';
import type { News } from '../socket/event';
import type { PracticeFrame, Rating } from '../wire/frames';
import { courseStore } from './course.svelte';

const PAGE = 50;
/** Pages read by themselves to find the questions of replayed turns. */
const PAGES_BY_ITSELF = 5;
const ANNOUNCED_POINTS = 1_500;
const NOTICE_MS = 8_000;
const HIDDEN_FRAME_MS = 250;

/** What a question is about, besides its words. */
export interface About {
  code?: string | undefined;
  topic?: string | undefined;
  exercise?: string | undefined;
}

export interface Notice {
  title: string;
  detail: string;
}

export class Conversation {
  view = $state.raw<SocketState>(initialState(null));
  notice = $state.raw<Notice | undefined>();
  /** Read out by screen readers when an answer is complete. */
  announcement = $state('');
  /** Read out, politely: a level that moved, a review that is due, a note of the tutor. */
  news = $state('');
  /** Where the transcript goes on before the oldest turn shown; null: nothing older. */
  olderCursor = $state<string | null>(null);
  isLoadingOlder = $state(false);
  isLoaded = $state(false);

  readonly #driver: SocketDriver;
  #latest: SocketState;
  #isDrawing = false;
  #isFetching = false;
  #isFetchWanted = false;
  #isStopped = false;
  #hasNewest = false;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(student: string, onSignedOut: () => void) {
    const savedCommands = loadCommands(student);
    this.#latest = this.view = initialState(student, savedCommands);
    this.#driver = new SocketDriver({
      student,
      savedCommands,
      fetchTicket,
      saveCommands: (commands) => saveCommands(student, commands),
      fetchTranscript: () => void this.#fetchTranscript(),
      onSignedOut,
      onEnded: ({ turn }) => this.#announce(turn),
      onNews: (frame) => this.#onNews(frame),
      onNotice: (title, detail) => this.tell(title, detail),
      onChange: (state) => this.#draw(state),
    });
  }

  start(): void {
    this.#driver.start();
    void this.#fetchTranscript();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#noticeTimer);
    this.#driver.stop();
  }

  ask(text: string, about: About = {}): void {
    this.#driver.dispatch({ type: 'ask', cmd: newCommandId(), text, ...about });
  }

  hint(exercise: string): string {
    return this.#practise({ type: 'hint', cmd: newCommandId(), exercise });
  }

  submit(exercise: string, answer: string): string {
    return this.#practise({ type: 'submit', cmd: newCommandId(), exercise, answer });
  }

  quiz(item: string, choice: number): string {
    return this.#practise({ type: 'quiz', cmd: newCommandId(), item, answer: choice });
  }

  cancel(turn: string): void {
    this.#driver.dispatch({ type: 'cancel', cmd: newCommandId(), turn });
  }

  /** Takes back a question that has no turn yet. */
  withdraw(ask: string): void {
    this.#driver.dispatch({ type: 'withdraw', cmd: newCommandId(), ask });
  }

  rate(turn: string, rating: Rating): void {
    this.#driver.dispatch({ type: 'rate', cmd: newCommandId(), turn, rating });
  }

  dismiss(cmd: string): void {
    this.#driver.dispatch({ type: 'dismiss', cmd });
  }

  /** The person does something on a page that is in sight: the server counts active time by it. */
  active(): void {
    if (document.visibilityState === 'visible') this.#driver.dispatch({ type: 'activity' });
  }

  reconnect(): void {
    if (this.#isStopped) return;
    this.#driver.dispatch({ type: 'start' });
    this.#driver.dispatch({ type: 'wake' });
  }

  tell(title: string, detail = ''): void {
    this.notice = { title, detail };
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => (this.notice = undefined), NOTICE_MS);
  }

  /** Reads the page of turns before those shown. */
  async showOlder(): Promise<void> {
    if (this.isLoadingOlder || this.olderCursor === null) return;
    this.isLoadingOlder = true;
    try {
      await this.#readPage(this.olderCursor, true);
    } catch (error) {
      const problem = asProblem(error);
      this.tell(problem.title, problem.detail);
    } finally {
      this.isLoadingOlder = false;
    }
  }

  #practise(frame: PracticeFrame): string {
    this.#driver.dispatch({ type: 'practise', frame });
    return frame.cmd;
  }

  #onNews(frame: News): void {
    const title = (topic: string) => topicName(topic, courseStore.titles);
    if (frame.type === 'mastery') this.news = masteryText(frame, title(frame.topic));
    else if (frame.type === 'review_due') this.news = reviewText(frame.topics.map(title));
    else this.news = `A note from your tutor: ${plainText(frame.text)}`;
  }

  /** Many tokens become one drawing: the newest state is shown with the screen's next frame. */
  #draw(state: SocketState): void {
    this.#latest = state;
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    const show = () => {
      this.#isDrawing = false;
      this.view = this.#latest;
    };
    if (document.visibilityState === 'visible') requestAnimationFrame(show);
    else setTimeout(show, HIDDEN_FRAME_MS);
  }

  #announce(turn: Turn): void {
    const answer = plainText(turn.text).slice(0, ANNOUNCED_POINTS);
    if (turn.status === 'failed') this.announcement = 'The tutor could not answer this question.';
    else if (turn.status === 'cancelled') this.announcement = 'Stopped.';
    else this.announcement = `The tutor answered: ${answer}`;
  }

  /** Reads the newest turns; a wish that comes meanwhile is served once afterwards. */
  async #fetchTranscript(): Promise<void> {
    this.#isFetchWanted = true;
    if (this.#isFetching) return;
    this.#isFetching = true;
    while (this.#isFetchWanted && !this.#isStopped) {
      this.#isFetchWanted = false;
      await this.#readNewest().catch(() => undefined);
    }
    this.#isFetching = false;
    this.isLoaded = true;
  }

  async #readNewest(): Promise<void> {
    let cursor: string | null = null;
    for (let page = 0; page < PAGES_BY_ITSELF; page += 1) {
      cursor = await this.#readPage(cursor, !this.#hasNewest || page > 0);
      this.#hasNewest = true;
      if (cursor === null || this.#latest.turns.every((turn) => turn.question !== undefined)) return;
    }
  }

  async #readPage(cursor: string | null, isOldestKnown: boolean): Promise<string | null> {
    const page = await endpoints.transcript('me', PAGE, cursor);
    this.#driver.dispatch({ type: 'transcript', items: page.items });
    const next = page.next_cursor ?? null;
    if (isOldestKnown) this.olderCursor = next;
    return next;
  }
}

async function fetchTicket(): Promise<string> {
  try {
    return (await endpoints.wsTicket()).ticket;
  } catch (error) {
    const problem = asProblem(error);
    throw new TicketRefused(problem.status, problem.retryMs);
  }
}
