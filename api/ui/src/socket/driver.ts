// Carries out the reducer's effects with a real WebSocket and clock, and feeds back what happens. Holds no rules of its own.
import { parseFrame } from '../wire/frames';
import type { Effect, News, SocketEvent } from './event';
import { reduce } from './reducer';
import { initialState, type Pending, type SocketState } from './state';

/** What the driver needs from the page. */
export interface Surroundings {
  readonly student: string | null;
  readonly savedCommands: readonly Pending[];
  /** Fetches a one-use ticket; rejects with the HTTP status (0: unreachable). */
  fetchTicket(): Promise<string>;
  saveCommands(commands: readonly Pending[]): void;
  fetchTranscript(): void;
  onSignedOut(): void;
  onEnded(effect: Extract<Effect, { kind: 'ended' }>): void;
  onNews(frame: News): void;
  onNotice(title: string, detail: string): void;
  onChange(state: SocketState): void;
}

export class TicketRefused extends Error {
  constructor(
    readonly status: number,
    readonly retryMs?: number,
  ) {
    super(`no ticket: ${status}`);
  }
}

const TICK_MS = 500;

export class SocketDriver {
  #state: SocketState;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #wake = () => this.dispatch({ type: 'wake' });
  readonly #visible = () => {
    if (document.visibilityState === 'visible') this.#wake();
  };

  constructor(private readonly around: Surroundings) {
    this.#state = initialState(around.student, around.savedCommands);
  }

  start(): void {
    this.#timer = setInterval(() => this.dispatch({ type: 'tick' }), TICK_MS);
    addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#visible);
    this.dispatch({ type: 'start' });
  }

  /** Ends the connection for good; commands that are unanswered stay saved. */
  stop(): void {
    clearInterval(this.#timer);
    removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#visible);
    this.#close();
  }

  dispatch(event: SocketEvent): void {
    const { state, effects } = reduce(this.#state, event, { at: performance.now(), jitter: Math.random() });
    const isChanged = state !== this.#state;
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (isChanged) this.around.onChange(this.#state);
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'fetchTicket':
        this.#fetchTicket();
        return;
      case 'open':
        this.#open(effect.ticket);
        return;
      case 'close':
        this.#close();
        return;
      case 'send':
        if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(effect.frame));
        return;
      case 'saveCommands':
        this.around.saveCommands(effect.commands);
        return;
      case 'fetchTranscript':
        this.around.fetchTranscript();
        return;
      case 'signedOut':
        this.around.onSignedOut();
        return;
      case 'ended':
        this.around.onEnded(effect);
        return;
      case 'news':
        this.around.onNews(effect.frame);
        return;
      case 'notice':
        this.around.onNotice(effect.title, effect.detail);
        return;
    }
  }

  #fetchTicket(): void {
    this.around.fetchTicket().then(
      (ticket) => this.dispatch({ type: 'ticket', ticket }),
      (error: unknown) => {
        const refusal = error instanceof TicketRefused ? error : new TicketRefused(0);
        this.dispatch({ type: 'ticketRefused', status: refusal.status, retryMs: refusal.retryMs });
      },
    );
  }

  #open(ticket: string): void {
    this.#close();
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/v1/socket`, ['learnflow.v1', `ticket.${ticket}`]);
    this.#socket = socket;
    // A socket that was given up may still speak; only the present one is heard.
    const ifPresent = (event: SocketEvent) => {
      if (this.#socket === socket) this.dispatch(event);
    };
    socket.onopen = () => ifPresent({ type: 'opened' });
    socket.onclose = (close) => ifPresent({ type: 'closed', code: close.code });
    socket.onmessage = (message) => {
      const frame = typeof message.data === 'string' ? parseFrame(message.data) : undefined;
      if (frame) ifPresent({ type: 'frame', frame });
    };
  }

  #close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }
}
