// A small model of the server behind a line that drops, doubles and cuts: durable frames, dedupe by cmd, one running turn, resync.
import type { ClientFrame, ServerFrame } from '../src/wire/frames';

/** Frames that are replayed; a page further behind gets a resync. */
const WINDOW = 6;
/** One running and eight queued turns fit. */
const OPEN_TURNS = 9;

interface ServerTurn {
  turn: string;
  question: string;
  text: string;
  answer: string;
  attempt: number;
  status: 'queued' | 'running' | 'complete' | 'cancelled';
}

export class LossyServer {
  readonly frames: (ServerFrame & { seq: number })[] = [];
  readonly turns: ServerTurn[] = [];
  /** Quiz answers that counted, by topic. */
  readonly answered = new Map<string, number>();
  /** Hellos that were answered by a resync. */
  resyncs = 0;
  readonly #acks = new Map<string, number>();

  /** What the server sends back at once for one client frame. */
  receive(frame: ClientFrame): ServerFrame[] {
    if (frame.type === 'hello') return this.#hello(frame.after_seq);
    if (frame.type === 'ping') return [{ type: 'pong', seq: this.frames.length }];
    if (frame.type === 'active') return [];
    const known = this.#acks.get(frame.cmd);
    if (known !== undefined) return [this.frames[known - 1] as ServerFrame];
    if (frame.type === 'ask') return this.#ask(frame.cmd, frame.text);
    if (frame.type === 'quiz') return this.#quiz(frame.cmd, frame.item);
    if (frame.type === 'hint' || frame.type === 'submit') return [];
    const acked = this.#commit({ type: 'ack', cmd: frame.cmd });
    this.#acks.set(frame.cmd, acked.seq);
    const turn = this.turns.find((one) => one.turn === frame.turn);
    const isOpen = turn?.status === 'running' || turn?.status === 'queued';
    return frame.type === 'cancel' && turn && isOpen ? [acked, this.#end(turn, 'cancelled')] : [acked];
  }

  /** The model says a bit more, or ends: what all sockets get. */
  work(): ServerFrame[] {
    const running = this.turns.find((turn) => turn.status === 'running');
    if (!running) return this.#next();
    if (running.text.length >= running.answer.length) return [this.#end(running, 'complete'), ...this.#next()];
    const piece = running.answer.slice(running.text.length, running.text.length + 3);
    const from = running.text.length;
    running.text += piece;
    return [{ type: 'token', turn: running.turn, attempt: running.attempt, from, text: piece }];
  }

  /** The process died: durable frames stay, the running answer starts again as the next attempt. */
  crash(): void {
    for (const turn of this.turns) {
      if (turn.status !== 'running') continue;
      turn.attempt += 1;
      turn.text = '';
    }
  }

  get isIdle(): boolean {
    return this.turns.every((turn) => turn.status === 'complete' || turn.status === 'cancelled');
  }

  #ask(cmd: string, question: string): ServerFrame[] {
    const open = this.turns.filter((turn) => turn.status === 'queued' || turn.status === 'running').length;
    if (open >= OPEN_TURNS) return [{ type: 'error', cmd, code: 'LF0501', title: 'Busy', retryable: true, retry_ms: 1_000 }];
    const number = String(this.turns.length).padStart(4, '0');
    const turn: ServerTurn = { turn: `turn-${number}`, question, text: '', answer: `the answer to ${question}`, attempt: 1, status: 'queued' };
    this.turns.push(turn);
    const ack = this.#commit({ type: 'ack', cmd, turn: turn.turn });
    this.#acks.set(cmd, ack.seq);
    return [ack];
  }

  #quiz(cmd: string, item: string): ServerFrame[] {
    const topic = item.split('.')[0] ?? item;
    const score = (this.answered.get(topic) ?? 0) + 1;
    this.answered.set(topic, score);
    const ack = this.#commit({ type: 'ack', cmd });
    this.#acks.set(cmd, ack.seq);
    const graded = this.#commit({ type: 'graded', cmd, item, topic, correct: true, score: 100, text: `well done ${cmd}` });
    return [ack, graded, this.#commit({ type: 'mastery', topic, score, level: 'learning' })];
  }

  #next(): ServerFrame[] {
    const queued = this.turns.find((turn) => turn.status === 'queued');
    if (!queued) return [];
    queued.status = 'running';
    return [this.#commit({ type: 'route', turn: queued.turn, agent: 'concepts' })];
  }

  #end(turn: ServerTurn, status: 'complete' | 'cancelled'): ServerFrame {
    turn.status = status;
    return this.#commit({ type: 'done', turn: turn.turn, status, text: turn.text });
  }

  #commit(frame: Record<string, unknown>): ServerFrame & { seq: number } {
    const committed = { seq: this.frames.length + 1, ...frame } as ServerFrame & { seq: number };
    this.frames.push(committed);
    return committed;
  }

  #hello(afterSeq: number): ServerFrame[] {
    const running = this.turns.find((turn) => turn.status === 'running');
    const welcome = { type: 'welcome', v: 1, seq: this.frames.length, ...(running ? { running: running.turn } : {}) };
    const isFar = this.frames.length - afterSeq > WINDOW || afterSeq > this.frames.length;
    if (isFar) this.resyncs += 1;
    const resync = { type: 'resync', seq: this.frames.length, turns: this.turns.slice(-20).map((turn) => ({ ...turn })) };
    const missing = isFar ? [resync as ServerFrame] : this.frames.slice(afterSeq);
    const soFar = running ? [{ type: 'token', turn: running.turn, attempt: running.attempt, from: 0, text: running.text }] : [];
    return [welcome, ...missing, ...soFar];
  }
}
